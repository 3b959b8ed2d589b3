import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson } from '../../platform/json.ts';
import { azureStorage } from '../../platform/storage/azure.ts';
import { blobCopies } from '../../pipeline/enrichment/copies/copy-store.ts';
import { finding, SHOP_GROUP, shopKey, WEB } from '../../pipeline/enrichment/findings/finding-samples.ts';
import { FindingStore } from '../../pipeline/enrichment/findings/finding-store.ts';
import { startAzurite, type Azurite } from '../../test/azurite.ts';
import { runCommand, type Ended } from '../../test/command.ts';
import { shortIdOf } from '../findings/weighed-findings.ts';

const INNER = shopKey('Microsoft.Compute/virtualMachines', 'vm-inner');
const LISTED = finding({ id: 'defender/listed', severity: 'medium', fix: '3.0.2', assetLabel: 'vm-web' });
const CRITICAL = finding({
  ...{ id: 'defender/critical', cves: ['CVE-2026-22222'], severity: 'critical', cvss: 9.8, asset: INNER },
  title: 'kernel\u001b[2J can be\ntaken over',
});
const FIXED = finding({ id: 'defender/fixed', cves: ['CVE-2026-22222'], status: 'fixed' });
const CATALOGUE = JSON.stringify({
  catalogVersion: '2026.11.20',
  count: 1,
  vulnerabilities: [
    {
      cveID: 'CVE-2026-11111',
      vulnerabilityName: 'Invented Crash',
      dateAdded: '2026-11-01',
      dueDate: '2026-11-15',
      knownRansomwareCampaignUse: 'Known',
    },
  ],
});

let azurite: Azurite;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-findings-'));
  azurite = await startAzurite();
  const { connectionString } = azurite;
  await writeFile(join(folder, 'local.json'), JSON.stringify({ hubs: 'none', storage: connectionString }));
  await writeFile(
    join(folder, 'assets.json'),
    JSON.stringify({
      assets: [
        { key: WEB, name: 'vm-web', exposure: 'internet', environment: 'production' },
        { key: INNER, name: 'vm-inner', exposure: 'internal' },
      ],
    }),
  );
  await writeFile(join(folder, 'crosstrail.yaml'), 'assets: { files: [assets.json] }\n');
  await writeFile(join(folder, 'broken.yaml'), 'assets: { files: [none.csv] }\n');
  const { tables, blobs } = azureStorage({ connectionString });
  await new FindingStore(tables).keep([CRITICAL, FIXED, LISTED]);
  const body = Buffer.from(CATALOGUE);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const source = 'https://feeds.contoso.example/kev.json';
  await blobCopies(blobs).write(
    { id: 'kev', sha256, bytes: body.length, fetched: Date.now(), version: '2026.11.20', rows: 1, source },
    body,
  );
});
afterAll(async () => {
  await azurite.stop();
  await rm(folder, { recursive: true, force: true });
});

const findings = (...args: readonly string[]): Promise<Ended> =>
  runCommand(folder, ['findings', ...args, '--data', '.']);
const lines = (out: string): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => parseJson(line));

describe('crosstrail findings', () => {
  it('lists what is open, what is exploited and public before what is critical and internal', async () => {
    const { code, out, errors } = await findings('list');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [head, first, second, ...rest] = out.trimEnd().split('\n');
    expect(head).toMatch(/^PRIORITY +ID +SEVERITY +CVE +FINDING +IN +WHY$/);
    expect(first).toMatch(
      /^act +[0-9a-f]{10} +medium +CVE-2026-11111 +openssl can be crashed +vm-web +CVE-2026-11111 is known to be exploited/,
    );
    expect(second).toMatch(
      /^track +[0-9a-f]{10} +critical +CVE-2026-22222 +kernel\?\[2J can be\?taken over +vm-inner +severity critical, CVSS 9\.8/,
    );
    expect(rest).toEqual([]);
  });

  it.each([
    [
      ['--closed', '--asset', SHOP_GROUP],
      [LISTED.id, CRITICAL.id, FIXED.id],
    ],
    [['--priority', 'act', '--asset', 'vm-web'], [LISTED.id]],
    [['--cve', 'cve-2026-22222', '--asset', INNER.slice('arm:'.length)], [CRITICAL.id]],
  ])('lists by %j for machines', async (args, ids) => {
    const { out } = await findings('list', ...args, '--format', 'ndjson');
    expect(lines(out)).toMatchObject(ids.map((id) => ({ type: 'finding', id })));
  });

  it('says how many more there are, and where there are none', async () => {
    expect((await findings('list', '--limit', '1')).out).toMatch(/\nand 1 more \(--limit\)\n$/);
    expect(await findings('list', '--cve', 'CVE-2026-33333')).toEqual({ code: 0, out: 'no findings\n', errors: '' });
  });

  it('shows one with all that is known of it, by either id', async () => {
    const { out } = await findings('show', shortIdOf(LISTED).slice(0, 6));
    expect(out).toMatch(/^act {2}openssl can be crashed\nwhere +vm-web {2}arm:.*\nmended by +3\.0\.2\n/);
    expect(out).toMatch(
      /\nwhy\n {2}CVE-2026-11111 is known to be exploited .* by ransomware too; its due date 2026-11-15 is past\n/,
    );
    expect(out).toMatch(/\nvulnerabilities\n {2}CVE-2026-11111 {2}in CISA KEV as “Invented Crash”, since 2026-11-01/);
    expect(out).toMatch(/\nnot known\n {2}EPSS scores\n$/);
    const { out: line } = await findings('show', CRITICAL.id, '--format', 'ndjson');
    expect(lines(line)).toMatchObject([{ type: 'finding', id: CRITICAL.id, priority: 'track', exposure: 'internal' }]);
  });

  it.each([
    [['show', 'ffff'], 'there is no finding ffff; crosstrail findings list shows'],
    [['list', '--limit', '0'], '--limit: expected a whole number'],
    [['list', '--config', 'broken.yaml'], 'none.csv'],
  ])('cannot use %j', async (args, reason) => {
    expect(await findings(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(reason) as string });
  });
});
