import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { provideServices, services } from '../functions/services.ts';
import { invoke, json } from '../local/host/invoke.ts';
import { captureFunctions, type FunctionApp } from '../local/host/registrations.ts';
import { ManualClock } from '../platform/clock.ts';
import { FakeFeedServer } from './fakes/feed-server.ts';
import { memoryPorts } from './memory-ports.ts';

const clock = new ManualClock(Date.UTC(2026, 10, 21, 9));
const { storage, hubs } = memoryPorts();
const lines: string[] = [];
let folder: string;
let app: FunctionApp;
let server: FakeFeedServer;

beforeAll(async () => {
  server = await FakeFeedServer.start();
  folder = mkdtempSync(join(tmpdir(), 'update-feeds-'));
  const configuration = `
feeds: { kev: { url: '${server.url}/kev.json' }, epss: { url: '${server.url}/epss.csv.gz' } }
network: { providers: { aws: { enabled: false }, gcp: { enabled: false } } }
rules: { builtin: false }
`;
  writeFileSync(join(folder, 'crosstrail.yaml'), configuration);
  process.env['CROSSTRAIL_CONFIG'] = join(folder, 'crosstrail.yaml');
  provideServices({ storage, hubs, clock, log: () => undefined });
  app = await captureFunctions(() => import('../functions/index.ts'));
});
afterAll(async () => {
  delete process.env['CROSSTRAIL_CONFIG'];
  provideServices({});
  rmSync(folder, { recursive: true, force: true });
  await server.close();
});

async function tick(): Promise<string[]> {
  const registration = app.functions.find(({ name }) => name === 'update-feeds');
  if (registration === undefined) throw new Error('the function is not registered');
  lines.length = 0;
  const log = (level: string, message: string) => void lines.push(`${level}: ${message}`);
  await invoke(app, registration, { data: json({ IsPastDue: false }) }, log);
  return [...lines];
}

const kev = (...ids: readonly string[]): string =>
  JSON.stringify({
    catalogVersion: '2026.11.21',
    vulnerabilities: ids.map((cveID) => ({ cveID, dueDate: '2026-12-01' })),
  });

it('has feeds, keeps the good ones when publishers fail, and gives them to what is known', async () => {
  const { knowledge } = await services();
  expect(knowledge.current.missing.vulnerabilities).toEqual(['KEV catalogue', 'EPSS scores']);
  server.publish('/kev.json', kev('CVE-2026-1111'), { packed: true });
  server.publish('/epss.csv.gz', '<html>Sorry</html>');
  expect(await tick()).toEqual([
    'information: feeds: kev: new, version 2026.11.21, 1 rows',
    'warning: feeds: epss: not taken, there is no copy of it: it is a page for people, not the feed',
  ]);

  clock.advance(30 * 60_000);
  const head = '#model_version:v2026.01.01,score_date:2026-11-21T00:00:00Z\ncve,epss,percentile\n';
  server.publish('/epss.csv.gz', gzipSync(`${head}CVE-2026-1111,0.5,0.9\n`));
  expect(await tick()).toEqual(['information: feeds: epss: new, version 2026-11-21T00:00:00Z, 1 rows']);
  await knowledge.refresh();
  expect(knowledge.current.missing.vulnerabilities).toEqual([]);
  expect(knowledge.current.vulnerability('CVE-2026-1111')).toMatchObject({
    kev: { dueDate: '2026-12-01' },
    epss: { probability: 0.5, model: 'v2026.01.01' },
  });

  clock.advance(6 * 3_600_000);
  server.publish('/kev.json', 'torn {');
  expect(await tick()).toEqual([
    expect.stringMatching(
      /^warning: feeds: kev: not taken, the copy of version 2026\.11\.21 stays: not the KEV catalogue/,
    ),
  ]);
  await knowledge.refresh();
  expect(knowledge.current.vulnerability('CVE-2026-1111').kev).toBeDefined();

  clock.advance(30 * 60_000);
  server.publish('/kev.json', kev('CVE-2026-2222', 'CVE-2026-3333'));
  expect(await tick()).toEqual([
    'information: feeds: kev: new, version 2026.11.21, 2 rows: 2 added, 0 changed, 1 withdrawn',
  ]);
  await knowledge.refresh();
  expect(knowledge.current.vulnerability('CVE-2026-1111').kev).toBeUndefined();
});
