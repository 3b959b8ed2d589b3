import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { runCommand, type Ended } from '../../../test/command.ts';
import { FakeFeedServer } from '../../../test/fakes/feed-server.ts';

let server: FakeFeedServer;
let folder: string;

beforeAll(async () => {
  server = await FakeFeedServer.start();
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-feeds-'));
  const configuration = `
feeds: { kev: { url: '${server.url}/kev.json?token=secret' }, epss: { url: '${server.url}/epss.csv.gz' } }
network: { providers: { aws: { enabled: false }, gcp: { enabled: false } } }
`;
  await writeFile(join(folder, 'crosstrail.yaml'), configuration);
  await writeFile(join(folder, 'scores.csv.gz'), scores(day(0), 'CVE-2026-1111,0.5,0.9'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const NOW = Date.now();
/** The command goes by the machine's clock. */
const day = (ago: number): string => new Date(NOW - ago * 86_400_000).toISOString().slice(0, 10);

const scores = (day: string, ...rows: readonly string[]): Uint8Array =>
  gzipSync(`#model_version:v2026.01.01,score_date:${day}T00:00:00Z\ncve,epss,percentile\n${rows.join('\n')}\n`);

const catalogue = (...ids: readonly string[]): string =>
  JSON.stringify({
    catalogVersion: '2026.11.21',
    vulnerabilities: ids.map((cveID) => ({ cveID, vulnerabilityName: 'Invented' })),
  });

const feeds = (...args: readonly string[]): Promise<Ended> => runCommand(folder, ['feeds', ...args]);

const objects = ({ out }: Ended): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));

it('says what is kept, and that nothing is', async () => {
  const { code, out } = await feeds('status');
  expect(code).toBe(0);
  expect(out).toMatch(/^kev +missing$/m);
  expect(out).toMatch(/^epss +missing$/m);
});

it('has feeds from publishers and from files, and says what changed', async () => {
  server.publish('/kev.json', catalogue('CVE-2026-1111', 'CVE-2026-2222'));
  const first = await feeds('update');
  expect(first.code).toBe(1);
  expect(first.out.trim().split('\n')).toEqual([
    'kev: new, version 2026.11.21, 2 rows',
    'epss: not taken, there is no copy of it: it answered with status 404',
  ]);
  expect(first.errors).toBe('crosstrail: 1 of 2 feeds are kept in .crosstrail/feeds as their publishers have them\n');

  const file = await feeds('update', '--feed', 'epss', '--from', 'scores.csv.gz', '--format', 'ndjson');
  expect(file.code).toBe(0);
  expect(objects(file)).toMatchObject([
    { type: 'feed-update', id: 'epss', outcome: 'new', model: 'v2026.01.01', rows: 1, source: 'scores.csv.gz' },
  ]);

  server.publish('/kev.json', catalogue('CVE-2026-1111', 'CVE-2026-3333'));
  expect((await feeds('update', '--feed', 'kev')).out).toBe(
    'kev: new, version 2026.11.21, 2 rows: 1 added, 0 changed, 1 withdrawn\n',
  );
  const { out } = await feeds('diff');
  expect(out).toContain('  + CVE-2026-3333: Invented\n  - CVE-2026-2222: Invented\n');
  expect(out).toContain('epss: no copy has taken the place of another yet');
  expect(objects(await feeds('diff', 'kev', '--format', 'ndjson'))).toMatchObject([
    { type: 'feed-change', id: 'kev', changes: { added: 1, withdrawn: 1 } },
  ]);
});

it('keeps what is good, and takes what is older where it is told to', async () => {
  await writeFile(join(folder, 'older.csv.gz'), scores(day(20), 'CVE-2026-1111,0.4,0.9'));
  const refused = await feeds('update', '--feed', 'epss', '--from', 'older.csv.gz');
  expect(refused.code).toBe(1);
  expect(refused.out).toContain('older than the copy that is kept');
  const status = objects(await feeds('status', '--format', 'ndjson'));
  expect(status).toMatchObject([
    { type: 'feed', id: 'kev', state: 'current', rows: 2, source: `${server.url}/kev.json` },
    { type: 'feed', id: 'epss', state: 'current', version: `${day(0)}T00:00:00Z`, model: 'v2026.01.01' },
  ]);
  expect(status[1]?.['problem']).toContain('older than the copy');
  expect((await feeds('status')).out).toMatch(/^epss +current +\d+s +\d{4}-\d\d-\d\dT00:00:00Z +v2026\.01\.01 +1 /m);
  const forced = await feeds('update', '--feed', 'epss', '--from', 'older.csv.gz', '--force');
  expect(forced).toMatchObject({ code: 0, out: expect.stringContaining(`version ${day(20)}`) as string });
});

it('keeps copies in the folder that is named', async () => {
  const { code, errors } = await feeds('update', '--feed', 'kev', '--folder', 'elsewhere');
  expect({ code, errors }).toEqual({
    code: 0,
    errors: 'crosstrail: 1 of 1 feeds are kept in elsewhere as their publishers have them\n',
  });
  expect((await feeds('status', '--folder', 'elsewhere')).out).toMatch(/^kev +current/m);
});

it.each([
  [['update', '--feed', 'kevs'], 'kevs: there is no such feed; there are kev, epss'],
  [['update', '--from', 'scores.csv.gz'], 'name the one feed that the file is'],
  [['update', '--feed', 'epss', '--from', 'nowhere.csv'], 'nowhere.csv cannot be read: ENOENT'],
  [
    ['update', '--feed', 'epss', '--from', 'scores.csv.gz', '--folder', 'crosstrail.yaml'],
    'copies cannot be kept there',
  ],
  [['diff', '__proto__'], '__proto__: there is no such feed'],
])('refuses %j', async (args, problem) => {
  const { code, errors } = await feeds(...args);
  expect(code).toBe(2);
  expect(errors).toContain(problem);
});
