import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { parseConfiguration, type Configuration } from '../../platform/configuration.ts';
import { folderCopies } from '../../pipeline/enrichment/copies/copy-store.ts';
import { feedHttp } from '../../pipeline/enrichment/feed/http-client.ts';
import { updateFeed } from '../../pipeline/enrichment/feed/update-feed.ts';
import { configuredFeeds } from '../../pipeline/enrichment/feeds/registry.ts';
import { scanKnowledge } from './knowledge.ts';
import { UnusableInputError } from './files.ts';

let parent: string;
let folders = 0;
let folder: string;
let configuration: Configuration;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'crosstrail-copies-'));
  await writeFile(join(parent, 'blocklist.txt'), '198.51.100.7\n');
  await writeFile(join(parent, 'kev.json'), catalogue('CVE-2026-2222'));
  configuration = parseConfiguration(
    'threatIntel: { sources: [{ name: contoso, file: blocklist.txt }] }',
    join(parent, 'crosstrail.yaml'),
  );
});
afterAll(() => rm(parent, { recursive: true, force: true }));

beforeEach(async () => {
  folder = join(parent, String(++folders));
  const store = folderCopies(folder);
  const { kev, epss } = configuredFeeds(configuration);
  if (kev === undefined || epss === undefined) throw new Error('the feeds are not configured');
  const scores = '#model_version:v1,score_date:2026-11-21T00:00:00Z\ncve,epss,percentile\nCVE-2026-1111,0.5,0.9\n';
  const from = (body: Uint8Array) => ({ from: { body, source: 'a file' } });
  await updateFeed(kev, store, feedHttp(), systemClock, from(Buffer.from(catalogue('CVE-2026-1111'))));
  await updateFeed(epss, store, feedHttp(), systemClock, from(gzipSync(scores)));
});

const catalogue = (cveID: string): string => JSON.stringify({ catalogVersion: '1', vulnerabilities: [{ cveID }] });

it('knows what copies say, and what files of the configuration do', async () => {
  const { vulnerability, intel, missing } = await scanKnowledge(configuration, { feeds: folder });
  expect(vulnerability('CVE-2026-1111')).toMatchObject({ kev: { ransomware: false }, epss: { probability: 0.5 } });
  expect(intel.ofAddress('198.51.100.7')).toHaveLength(1);
  expect(missing).toEqual({ vulnerabilities: [], others: [] });
});

it('takes a file that is named before the copy', async () => {
  const { vulnerability } = await scanKnowledge(configuration, { feeds: folder, kev: join(parent, 'kev.json') });
  expect(vulnerability('CVE-2026-2222').kev).toBeDefined();
  expect(vulnerability('CVE-2026-1111')).toMatchObject({ epss: { probability: 0.5 } });
  expect(vulnerability('CVE-2026-1111').kev).toBeUndefined();
});

it('names what it knows nothing of', async () => {
  await rm(join(folder, 'epss.copy'));
  const { vulnerability, missing } = await scanKnowledge(configuration, { feeds: folder });
  expect(missing.vulnerabilities).toEqual(['EPSS scores']);
  expect(vulnerability('CVE-2026-1111').epss).toBeUndefined();
});

it('refuses a folder without copies', async () => {
  const asked = scanKnowledge(configuration, { feeds: join(parent, 'nothing') });
  await expect(asked).rejects.toThrow(UnusableInputError);
  await expect(asked).rejects.toThrow('nothing: holds no copies');
});

it('refuses a file that cannot be used', async () => {
  const asked = scanKnowledge(configuration, { feeds: folder, epss: join(parent, 'kev.json') });
  await expect(asked).rejects.toThrow(UnusableInputError);
  await expect(asked).rejects.toThrow('kev.json: not EPSS scores');
});
