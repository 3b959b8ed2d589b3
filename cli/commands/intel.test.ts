import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseJson, type Json } from '../../platform/json.ts';
import { folderCopies } from '../../pipeline/enrichment/copies/copy-store.ts';
import { feedHttp } from '../../pipeline/enrichment/feed/http-client.ts';
import { updateFeed } from '../../pipeline/enrichment/feed/update-feed.ts';
import { mmdbOf } from '../../pipeline/enrichment/network/mmdb-samples.ts';
import { IgnoredValues } from '../../pipeline/enrichment/threat-intel/ignored-values.ts';
import { intelFeeds } from '../../pipeline/enrichment/threat-intel/intel-feed.ts';
import { sourceSettings, stixBundle, stixIndicator } from '../../pipeline/enrichment/threat-intel/intel-samples.ts';
import { systemClock } from '../../platform/clock.ts';
import { runCommand, type Ended } from '../../test/command.ts';

const CONFIGURATION = `
network: { databases: [city.mmdb] }
correlation: { networks: [{ cidr: 198.51.100.0/24 }] }
threatIntel:
  ignore: [contoso.example]
  sources:
    - { name: contoso-blocklist, file: blocklist.txt, confidence: 80 }
    - { name: shared, file: bundle.json }
    - { name: away, url: 'https://intel.fabrikam.example/list.txt' }
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-intel-'));
  const files: Record<string, string | Uint8Array> = {
    'crosstrail.yaml': CONFIGURATION,
    'blocklist.txt': '203.0.113.0/24\nkit.fabrikam.example\n0.0.0.0/0\ncontoso.example\n198.51.100.7\n',
    'bundle.json': stixBundle(
      stixIndicator('01', "[ipv4-addr:value = '203.0.113.7']", { valid_until: '2026-11-02T00:00:00Z' }),
    ),
    'city.mmdb': mmdbOf({ '203.0.113.0/24': { city: 'Exampleton', country_code: 'SE' } }, 'invented'),
    'none.yaml': 'threatIntel: { sources: [] }',
    'broken.yaml': 'threatIntel: { sources: [{ name: a, file: gone.txt }] }',
    'wrong.yaml':
      'threatIntel: { ignore: [not an address], sources: [{ name: Wrong, file: a, url: "http://fabrikam.example" }] }',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const intel = (...args: readonly string[]): Promise<Ended> => runCommand(folder, ['intel', ...args]);
const linesOf = ({ out }: Ended): Json[] => out.trim().split('\n').map(parseJson);

describe('crosstrail intel lookup', () => {
  it('tells what is known of addresses and domains, and until when it counts', async () => {
    const ended = await intel('lookup', '::ffff:203.0.113.7', 'Login.Kit.Fabrikam.Example.', '--format', 'ndjson');
    expect(ended.code).toBe(0);
    expect(linesOf(ended)).toMatchObject([
      {
        type: 'lookup',
        value: '203.0.113.7',
        context: { city: 'Exampleton', country: 'SE' },
        indicators: [
          {
            source: 'contoso-blocklist',
            kind: 'network',
            value: '203.0.113.0/24',
            validity: 'current',
            confidence: 80,
          },
          { source: 'shared', value: '203.0.113.7', validity: 'expired', validUntil: '2026-11-02T00:00:00.000Z' },
        ],
      },
      { value: 'login.kit.fabrikam.example', indicators: [{ value: 'kit.fabrikam.example', validity: 'current' }] },
    ]);
    expect(ended.errors).toContain('intel/away could not be asked: there is no copy of it yet');
  });

  it('shows it to people', async () => {
    const { out } = await intel('lookup', '203.0.113.7', '198.51.100.7', '192.0.2.1');
    expect(out).toMatch(/place +Exampleton, SE/);
    expect(out).toMatch(/contoso-blocklist +203\.0\.113\.0\/24 +current/);
    expect(out).toMatch(/198\.51\.100\.7\n +own .*never an attacker’s\n +no source names it/);
    expect(out).toMatch(/192\.0\.2\.1\n +no source names it/);
  });

  it('reads copies that a folder has', async () => {
    const store = folderCopies(join(folder, 'copies'));
    const settings = sourceSettings({ name: 'away', file: join(folder, 'blocklist.txt') });
    const [feed] = intelFeeds({ sources: [settings], ignore: [] }, new IgnoredValues([]));
    if (feed === undefined) throw new Error('no feed');
    await updateFeed(feed, store, feedHttp(), systemClock);
    const { out, errors } = await intel('lookup', '203.0.113.9', '--folder', 'copies', '--format', 'ndjson');
    expect([out, errors]).toEqual([expect.stringContaining('"source":"away"'), '']);
    expect(out).toMatch(/"source":"away".*"validUntil":"20\d\d-/);
  });

  it.each(['com', '203.0.113.0/24', 'not an address', '203.0.113.300'])('refuses %s', async (value) => {
    expect(await intel('lookup', value)).toMatchObject({
      code: 2,
      errors: expect.stringContaining('no IP address') as unknown,
    });
  });
});

describe('crosstrail intel status', () => {
  it('tells how sources stand, and what of them is refused', async () => {
    const ended = await intel('status', '--format', 'ndjson');
    expect(linesOf(ended)).toMatchObject([
      {
        ...{ type: 'source', name: 'contoso-blocklist', state: 'file', indicators: 2 },
        refused: [
          { reason: 'too wide', count: 1, examples: ['0.0.0.0/0'] },
          { reason: 'ignored or one’s own', count: 2, examples: ['contoso.example', '198.51.100.7'] },
        ],
      },
      { name: 'shared', state: 'file', indicators: 1 },
      { name: 'away', state: 'missing' },
    ]);
    const { out } = await intel('status');
    expect(out).toMatch(/contoso-blocklist +file +2 +3/);
    expect(out).toContain('contoso-blocklist: 1 too wide, such as 0.0.0.0/0');
    expect((await intel('status', '--config', 'none.yaml')).out).toContain('no source of indicators is configured');
  });

  it('says what is wrong with a source, or with the configuration', async () => {
    const { out } = await intel('status', '--config', 'broken.yaml', '--format', 'ndjson');
    expect(parseJson(out)).toMatchObject({
      state: 'damaged',
      problem: expect.stringContaining('gone.txt cannot be read: ENOENT') as unknown,
    });
    const { code, errors } = await intel('status', '--config', 'wrong.yaml');
    expect(code).toBe(2);
    for (const problem of [
      'threatIntel.ignore.0: expected an address',
      'sources.0.name: expected lower-case',
      'sources.0.url: expected an address that begins with https',
    ])
      expect(errors).toContain(problem);
  });
});
