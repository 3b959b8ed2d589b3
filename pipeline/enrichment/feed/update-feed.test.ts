import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeFeedServer, type Fault } from '../../../test/fakes/feed-server.ts';
import { ManualClock } from '../../../platform/clock.ts';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { blobCopies, type CopyStore } from '../copies/copy-store.ts';
import { epssFeed } from '../feeds/epss-feed.ts';
import { kevFeed } from '../feeds/kev-feed.ts';
import { feedStatus } from './feed-status.ts';
import { feedHttp } from './http-client.ts';
import { updateFeed, type FeedReport, type UpdateOptions } from './update-feed.ts';
import { updateDueFeeds } from './update-feeds.ts';

let server: FakeFeedServer;
beforeAll(async () => {
  server = await FakeFeedServer.start();
});
afterAll(() => server.close());

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 21, 9);
let clock: ManualClock;
let store: CopyStore;
let storage: ReturnType<typeof memoryStorage>;
const http = feedHttp({ tries: 1 });

beforeEach(() => {
  clock = new ManualClock(START);
  storage = memoryStorage();
  store = blobCopies(storage.blobs);
  server.reset();
});

const epss = () => epssFeed(`${server.url}/epss.csv.gz?token=secret`);
const kev = () => kevFeed(`${server.url}/kev.json`);
const update = (options?: UpdateOptions): Promise<FeedReport> => updateFeed(epss(), store, http, clock, options);

interface Scores {
  readonly date?: string;
  readonly model?: string;
  readonly rows?: readonly string[];
}

const ROWS = ['CVE-2026-1111,0.5,0.9', 'CVE-2026-2222,0.25,0.8', 'CVE-2026-3333,0.001,0.1'];

function scores({ date = '2026-11-21', model = 'v2026.01.01', rows = ROWS }: Scores = {}): Uint8Array {
  const head = `#model_version:${model},score_date:${date}T00:00:00Z\ncve,epss,percentile\n`;
  return gzipSync(head + rows.map((row) => `${row}\n`).join(''));
}

const publish = (more?: Scores): string => server.publish('/epss.csv.gz', scores(more));
const kept = async (): Promise<string | undefined> => (await store.manifest('epss'))?.version;

describe('a feed', () => {
  it('becomes a copy, and is not sent again until there is another', async () => {
    publish();
    expect(await update()).toMatchObject({
      outcome: 'new',
      manifest: { version: '2026-11-21T00:00:00Z', model: 'v2026.01.01', rows: 3, source: `${server.url}/epss.csv.gz` },
    });
    clock.advance(HOUR);
    expect(await update()).toMatchObject({ outcome: 'unchanged', manifest: { fetched: START } });
    expect(server.seen.at(-1)?.headers['if-none-match']).toMatch(/^"/);
    expect(await store.check('epss')).toEqual({ at: START + HOUR, confirmed: START + HOUR });
    publish({ date: '2026-11-22' });
    expect((await update()).outcome).toBe('new');
    expect(await kept()).toBe('2026-11-22T00:00:00Z');
  });

  it('that comes again under another name for it is the same', async () => {
    publish();
    await update();
    server.publish('/epss.csv.gz', scores(), { headers: { etag: '"other"' } });
    expect(await update()).toMatchObject({ outcome: 'unchanged', manifest: { etag: '"other"' } });
  });

  const page: Fault = { kind: 'status', status: 200, body: '<html>Sorry</html>' };
  const negative = { date: '2026-11-22', rows: [...ROWS.slice(1), 'CVE-2026-1111,-0.5,0.9'] };
  it.each([
    ['is a page for people', () => server.faults.push(page), 'a page for people'],
    ['is busy', () => server.faults.push({ kind: 'status', status: 503 }), 'status 503'],
    ['breaks off', () => server.faults.push({ kind: 'broken', bytes: 40 }), 'ended before its end'],
    ['unpacks without end', () => server.publish('/epss.csv.gz', gzipSync(Buffer.alloc(1e8))), 'unpacks to more than'],
    ['is cut off', () => server.publish('/epss.csv.gz', scores({ date: '2026-11-22' }).subarray(0, -9)), 'cut off'],
    ['is empty', () => server.publish('/epss.csv.gz', ''), 'it is empty'],
    ['is empty when it is unpacked', () => server.publish('/epss.csv.gz', gzipSync('')), 'it is empty'],
    ['has a negative score', () => publish(negative), 'line 5'],
    ['has no model', () => server.publish('/epss.csv.gz', 'cve,epss,percentile\nCVE-2026-1,1,1\n'), 'no model version'],
    ['is older', () => publish({ date: '2026-11-20' }), 'older than the copy that is kept'],
    ['is of a day to come', () => publish({ date: '2027-11-20' }), 'yet to come'],
    [
      'has lost most of its rows',
      () => publish({ date: '2026-11-22', rows: ROWS.slice(2) }),
      'more than half are gone',
    ],
  ])('that %s never takes the place of the good copy', async (_what, spoil, problem) => {
    publish();
    await update();
    clock.advance(HOUR);
    spoil();
    const report = await update();
    expect(report).toMatchObject({ outcome: 'kept', manifest: { version: '2026-11-21T00:00:00Z' } });
    expect(report.problem).toContain(problem);
    expect(report.problem).not.toContain('secret');
    expect(await kept()).toBe('2026-11-21T00:00:00Z');
    expect(await store.check('epss')).toEqual({ at: START + HOUR, problem: report.problem, confirmed: START });
  });

  it('that is down from the beginning leaves nothing, and says so', async () => {
    server.faults.push({ kind: 'closed' });
    const report = await update();
    expect(report).toEqual({
      id: 'epss',
      outcome: 'kept',
      problem: expect.stringMatching(/^it cannot be reached/) as string,
    });
    expect(await feedStatus(epss(), store, START)).toMatchObject({ state: 'missing', problem: report.problem });
  });

  it('is taken as it is where a person says so', async () => {
    publish();
    await update();
    publish({ date: '2026-11-20', rows: ROWS.slice(2) });
    expect((await update()).problem).toContain('--force');
    expect(await update({ force: true })).toMatchObject({ outcome: 'new', manifest: { rows: 1 } });
    const ahead = { body: scores({ date: '2027-11-20' }), source: 'a file' };
    expect((await update({ from: ahead })).outcome).toBe('new');
  });

  it('is asked for whole where its copy was damaged', async () => {
    publish();
    await update();
    const whole = await storage.blobs.get('copies', 'epss.copy');
    await storage.blobs.put('copies', 'epss.copy', Buffer.from('<html>'), whole?.metadata);
    expect(await feedStatus(epss(), store, START)).toMatchObject({ state: 'damaged' });
    expect((await update()).outcome).toBe('new');
    expect(server.seen.at(-1)?.headers).not.toHaveProperty('if-none-match');
    expect(await feedStatus(epss(), store, START)).toMatchObject({ state: 'current' });
  });

  it('is had from a file, of which the publisher is not asked afterwards', async () => {
    const from = { body: scores(), source: 'epss.csv.gz' };
    expect(await update({ from })).toMatchObject({ outcome: 'new', manifest: { source: 'epss.csv.gz' } });
    expect(server.seen).toHaveLength(0);
    publish();
    expect((await update()).outcome).toBe('unchanged');
    expect(server.seen[0]?.headers).not.toHaveProperty('if-none-match');
  });
});

describe('what changed', () => {
  it('is told, the farthest moves first', async () => {
    publish();
    await update();
    publish({
      date: '2026-11-22',
      rows: ['CVE-2026-1111,0.5,0.7', 'CVE-2026-2222,0.9,0.99', 'CVE-2026-4444,0.3,0.8', 'CVE-2026-5555,0.4,0.9'],
    });
    const { changes } = await update();
    expect(changes).toEqual({
      added: 2,
      changed: 1,
      withdrawn: 1,
      examples: {
        added: ['CVE-2026-5555: 0.4', 'CVE-2026-4444: 0.3'],
        changed: ['CVE-2026-2222: 0.9, was 0.25'],
        withdrawn: ['CVE-2026-3333: 0.001'],
      },
    });
    const check = await store.check('epss');
    expect(check?.lastChange).toMatchObject({ from: { version: '2026-11-21T00:00:00Z', rows: 3 }, changes });
    await update();
    expect((await store.check('epss'))?.lastChange).toEqual(check?.lastChange);
  });

  it('does not compare scores of two models', async () => {
    publish();
    await update();
    publish({ date: '2026-11-22', model: 'v2027.01.01', rows: ROWS.map((row) => row.replace('0.5', '0.6')) });
    expect((await update()).changes).toMatchObject({
      changed: 0,
      note: 'other model (v2027.01.01): scores not compared',
    });
  });

  it('has at most 20 examples of each, however much it is', async () => {
    publish({ rows: Array.from({ length: 500 }, (_, at) => `CVE-2026-${1000 + at},0.1,0.1`) });
    await update();
    publish({
      date: '2026-11-22',
      rows: Array.from({ length: 500 }, (_, at) => `CVE-2026-${1200 + at},${at / 1000},0.1`),
    });
    const { changes } = await update();
    expect(changes).toMatchObject({ added: 200, changed: 299, withdrawn: 200 });
    expect(changes?.examples.changed).toHaveLength(20);
    expect(changes?.examples.added[0]).toBe('CVE-2026-1699: 0.499');
  });

  it('of the catalogue is what was added, edited and withdrawn', async () => {
    const entry = (cveID: string, more: object = {}) => ({
      ...{ cveID, vulnerabilityName: 'Fabrikam Gateway', dateAdded: '2026-01-01', dueDate: '2026-02-01' },
      ...{ knownRansomwareCampaignUse: 'Unknown', requiredAction: 'Update.', ...more },
    });
    const catalogue = (released: string, ...vulnerabilities: readonly object[]) =>
      server.publish(
        '/kev.json',
        JSON.stringify({ catalogVersion: released, dateReleased: released, vulnerabilities }),
      );
    catalogue(
      '2026-11-20',
      ...['CVE-2026-1111', 'CVE-2026-2222', 'CVE-2026-3333', 'CVE-2026-4444'].map((id) => entry(id)),
    );
    await updateFeed(kev(), store, http, clock);
    catalogue(
      '2026-11-21',
      entry('CVE-2026-1111'),
      entry('CVE-2026-2222', { dueDate: '2026-01-15', requiredAction: 'Disconnect.' }),
      entry('CVE-2026-3333', { knownRansomwareCampaignUse: 'Known', dateAdded: '' }),
      entry('CVE-2026-5555', { dateAdded: '2026-11-21' }),
    );
    expect((await updateFeed(kev(), store, http, clock)).changes).toEqual({
      added: 1,
      changed: 2,
      withdrawn: 1,
      examples: {
        added: ['CVE-2026-5555: Fabrikam Gateway'],
        changed: [
          'CVE-2026-3333: use in ransomware campaigns known, date added gone, was 2026-01-01',
          'CVE-2026-2222: due date 2026-01-15, was 2026-02-01, text edited',
        ],
        withdrawn: ['CVE-2026-4444: Fabrikam Gateway'],
      },
    });
    catalogue('2026-11-19', entry('CVE-2026-1111'), entry('CVE-2026-2222'), entry('CVE-2026-3333'));
    expect((await updateFeed(kev(), store, http, clock)).problem).toContain('it is of 2026-11-19 00:00, and so older');
  });
});

describe('how a feed stands', () => {
  it('is how long ago its copy was known to be what its publisher has', async () => {
    publish();
    await update();
    clock.advance(40 * HOUR);
    expect(await feedStatus(epss(), store, clock.now())).toMatchObject({ state: 'current', age: 40 * HOUR });
    await update();
    expect(await feedStatus(epss(), store, clock.now())).toMatchObject({ state: 'current', age: 0 });
    clock.advance(50 * HOUR);
    server.faults.push({ kind: 'closed' });
    const { problem } = await update();
    expect(await feedStatus(epss(), store, clock.now())).toMatchObject({ state: 'stale', age: 50 * HOUR, problem });
  });
});

it('calls a feed stale whose publisher gives the same for ever', async () => {
  publish();
  await update();
  clock.advance(8 * 24 * HOUR);
  expect((await update()).outcome).toBe('unchanged');
  expect(await feedStatus(epss(), store, clock.now())).toMatchObject({
    state: 'stale',
    age: 0,
    problem: 'its publisher dates it 2026-11-21, 8 days ago',
  });
});

describe('feeds', () => {
  const run = () => updateDueFeeds([kev(), epss()], store, http, clock, 6 * HOUR);

  it('are looked at when it is time, sooner after a failure, and one does not keep another', async () => {
    publish();
    const outcomes = (reports: readonly FeedReport[]) => reports.map(({ id, outcome }) => `${id} ${outcome}`);
    expect(outcomes(await run())).toEqual(['kev kept', 'epss new']);
    clock.advance(HOUR / 4);
    expect(await run()).toEqual([]);
    clock.advance(HOUR / 4);
    expect(outcomes(await run())).toEqual(['kev kept']);
    clock.advance(5.5 * HOUR);
    expect(outcomes(await run())).toEqual(['kev kept', 'epss unchanged']);
  });

  it('are looked at where the clock was put back', async () => {
    publish();
    await run();
    clock.advance(-10 * HOUR);
    expect(await run()).toHaveLength(2);
  });

  it('fail where the store does, after all were tried', async () => {
    publish();
    const broken: CopyStore = {
      ...store,
      check: (id) => (id === 'kev' ? Promise.reject(new Error('storage is away')) : store.check(id)),
    };
    await expect(updateDueFeeds([kev(), epss()], broken, http, clock, HOUR)).rejects.toThrow(
      '1 feeds could not be kept',
    );
    expect(await kept()).toBe('2026-11-21T00:00:00Z');
  });
});
