import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { isObject, parseJson, textOf } from '../../../platform/json.ts';
import { Metrics } from '../../../platform/metrics.ts';
import { MemoryTables } from '../../../platform/storage/memory-tables.ts';
import type { Cell, Tables } from '../../../platform/storage/ports.ts';
import { FakeCloudTrail, type FakeEvent } from '../../../test/fakes/cloudtrail.ts';
import { pollCloudTrail, type PollPorts, type PollReport } from './poll.ts';

const NINE = Date.UTC(2026, 10, 20, 9);
const MINUTE = 60_000;
const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';

let clock: ManualClock;
let service: FakeCloudTrail;
let tables: Tables;
let sent: string[];
let folder: string;

beforeAll(() => {
  // Two profiles of two accounts, and nothing else that the SDK could find.
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-poll-'));
  const keys = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = invented\n`;
  writeFileSync(join(folder, 'credentials'), `[contoso]\n${keys('AKIACONTOSO')}[fabrikam]\n${keys('AKIAFABRIKAM')}`);
  writeFileSync(join(folder, 'config'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  clock = new ManualClock(NINE);
  service = await FakeCloudTrail.start(clock);
  service.belongs('AKIAFABRIKAM', '444455556666');
  tables = new MemoryTables();
  sent = [];
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL: service.url,
    AWS_ACCESS_KEY_ID: 'AKIACONTOSO',
    AWS_SECRET_ACCESS_KEY: 'invented',
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
  })) {
    vi.stubEnv(name, value);
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await service.close();
});

/** Lets time pass as long as somebody waits for it. */
async function drive<T>(work: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const finished = work.finally(() => (state.isDone = true));
  while (!state.isDone) {
    if (clock.waiting > 0) clock.advance(100);
    await new Promise(setImmediate);
  }
  return finished;
}

function poll(change: Partial<PollPorts> = {}): Promise<PollReport> {
  return drive(
    pollCloudTrail({
      targets: [{ account: ACCOUNT, region: REGION }],
      tables,
      clock,
      deadline: clock.now() + 4 * MINUTE,
      send: async (records) => void sent.push(...records.map(idOf)),
      ...change,
    }),
  );
}

function idOf(record: string): string {
  const value = parseJson(record);
  return (isObject(value) ? textOf(value['eventID']) : undefined) ?? '';
}

const event = (id: string, time: number, visibleAt?: number): FakeEvent => ({
  id,
  time,
  ...(visibleAt === undefined ? {} : { visibleAt }),
});
/** Events spread evenly before a time. */
const many = (count: number, until: number, apart: number): FakeEvent[] =>
  Array.from({ length: count }, (_, at) => event(`e${String(count - at).padStart(5, '0')}`, until - at * apart));

describe('a run', () => {
  it('looks back an hour at first, sends what it finds oldest first, and then only what is new', async () => {
    service.add(
      ACCOUNT,
      REGION,
      event('old', NINE - 61 * MINUTE),
      event('a', NINE - 50 * MINUTE),
      event('b', NINE - MINUTE),
    );
    const first = await poll();
    expect(sent).toEqual(['a', 'b']);
    expect(first.targets).toEqual([
      { account: ACCOUNT, region: REGION, sent: 2, until: NINE, complete: true, problem: undefined },
    ]);
    clock.advance(5 * MINUTE);
    service.add(ACCOUNT, REGION, event('c', NINE + MINUTE));
    await poll();
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('sends the record as CloudTrail wrote it', async () => {
    service.add(ACCOUNT, REGION, event('a', NINE - MINUTE));
    const records: string[] = [];
    await poll({ send: async (batch) => void records.push(...batch) });
    expect(records.map(parseJson)).toMatchObject([
      { eventID: 'a', eventTime: '2026-11-20T08:59:00Z', awsRegion: REGION },
    ]);
  });

  it('looks back as far as it is told', async () => {
    service.add(ACCOUNT, REGION, event('old', NINE - 5 * 60 * MINUTE), event('a', NINE - MINUTE));
    await poll({ lookback: 6 * 60 * MINUTE });
    expect(sent).toEqual(['old', 'a']);
  });

  it('finds events that show up late', async () => {
    service.add(ACCOUNT, REGION, event('late', NINE - MINUTE, NINE + 14 * MINUTE), event('b', NINE - MINUTE));
    for (let run = 0; run < 4; run++) {
      await poll();
      clock.advance(5 * MINUTE);
    }
    expect(sent).toEqual(['b', 'late']);
  });

  it('reads page by page within the rate', async () => {
    service.add(ACCOUNT, REGION, ...many(475, NINE - 1000, 7000));
    await poll();
    expect(sent).toHaveLength(475);
    expect(new Set(sent).size).toBe(475);
    expect(service.seen).toHaveLength(10);
    expect(service.throttled).toBe(0);
    expect(clock.now() - NINE).toBeGreaterThanOrEqual(9 * 500);
  });

  it('reads a window of many pages in smaller ones', async () => {
    service.add(ACCOUNT, REGION, ...many(2600, NINE - 1000, 1300));
    const report = await poll();
    expect(sent).toHaveLength(2600);
    expect(new Set(sent).size).toBe(2600);
    expect(report.targets[0]).toMatchObject({ complete: true, problem: undefined });
    expect(service.throttled).toBe(0);
  });

  it('with more to read than it has time for goes on in the next, and leaves nothing out', async () => {
    service.add(ACCOUNT, REGION, ...many(1500, NINE - 1000, 2000));
    const positions: number[] = [];
    let report: PollReport;
    do {
      report = await poll({ deadline: clock.now() + 6000 });
      clock.advance(1000);
      positions.push(report.targets[0]?.until ?? 0);
      expect(report.targets[0]?.problem).toBeUndefined();
    } while (report.targets[0]?.complete !== true && positions.length < 60);
    expect(sent).toHaveLength(1500);
    expect(new Set(sent).size).toBe(1500);
    expect(positions.length).toBeGreaterThan(3);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it('begins nothing after its end', async () => {
    const report = await poll({ deadline: clock.now() });
    expect(service.seen).toEqual([]);
    expect(report.targets[0]).toMatchObject({ complete: false, problem: undefined });
  });

  it('begins a chain of pages again when its token is refused', async () => {
    service.add(ACCOUNT, REGION, ...many(120, NINE - 1000, 1000));
    let refused = 0;
    service.failure = ({ token }) =>
      token !== undefined && refused++ === 0 ? { status: 400, type: 'InvalidNextTokenException' } : undefined;
    await poll();
    expect(new Set(sent).size).toBe(120);
    expect(sent).toHaveLength(120);
  });

  it('counts what it sent', async () => {
    service.add(ACCOUNT, REGION, event('a', NINE - MINUTE));
    const metrics = new Metrics();
    await poll({ metrics });
    expect(metrics.total('cloudtrail_polled', { region: REGION })).toBe(1);
    expect(metrics.total('cloudtrail_poll_problems')).toBe(0);
  });
});

describe('credentials', () => {
  it('are those of a profile, with each its own place', async () => {
    service.add(ACCOUNT, REGION, event('contoso', NINE - MINUTE));
    service.add('444455556666', REGION, event('fabrikam', NINE - MINUTE));
    const targets = [
      { region: REGION, profile: 'contoso' },
      { region: REGION, profile: 'fabrikam' },
    ];
    await poll({ targets });
    await poll({ targets });
    expect(sent.sort()).toEqual(['contoso', 'fabrikam']);
  });

  it('are those of an assumed role, with its external id', async () => {
    service.add('777788889999', REGION, event('a', NINE - MINUTE));
    const roleArn = 'arn:aws:iam::777788889999:role/crosstrail';
    const report = await poll({ targets: [{ region: REGION, roleArn, externalId: 'contoso-4711' }] });
    expect(sent).toEqual(['a']);
    expect(report.targets[0]?.account).toBe('777788889999');
    expect(service.assumed.map((call) => [call.get('RoleArn'), call.get('ExternalId')])).toEqual([
      [roleArn, 'contoso-4711'],
    ]);
  });
});

describe('a problem', () => {
  const both = [
    { account: ACCOUNT, region: REGION },
    { account: '444455556666', region: REGION, profile: 'fabrikam' },
  ];

  it.each([
    ['AccessDeniedException', 400, 'Give the credentials in use the IAM permission cloudtrail:LookupEvents'],
    ['ExpiredTokenException', 400, 'Renew the credentials'],
    ['UnrecognizedClientException', 400, 'see that eu-central-1 is enabled'],
    ['ThrottlingException', 400, 'Others call LookupEvents'],
    ['InternalFailure', 500, 'The next run tries again'],
  ])('%s of one account is reported with what to do, and does not stop the other', async (type, status, advice) => {
    service.add(ACCOUNT, REGION, event('a', NINE - MINUTE));
    service.add('444455556666', REGION, event('b', NINE - MINUTE));
    service.failure = ({ account }) => (account === ACCOUNT ? { status, type } : undefined);
    const [failed, other] = (await poll({ targets: both })).targets;
    expect(sent).toEqual(['b']);
    expect(failed?.problem).toContain(`AWS account ${ACCOUNT} in ${REGION}`);
    expect(failed?.problem).toContain(type);
    expect(failed?.problem).toContain(advice);
    expect(other).toMatchObject({ complete: true, problem: undefined });
    service.failure = () => undefined;
    await poll({ targets: both });
    expect(sent).toEqual(['b', 'a']);
  });

  it.each([
    ['ThrottlingException', 400],
    ['InternalFailure', 503],
  ])('%s that passes is waited out', async (type, status) => {
    service.add(ACCOUNT, REGION, event('a', NINE - MINUTE));
    let left = 3;
    service.failure = () => (left-- > 0 ? { status, type } : undefined);
    const report = await poll();
    expect(sent).toEqual(['a']);
    expect(report.targets[0]?.problem).toBeUndefined();
    expect(clock.now() - NINE).toBeGreaterThanOrEqual(7000);
  });

  it('of the first run leaves nothing of its time out', async () => {
    service.add(ACCOUNT, REGION, event('a', NINE - 50 * MINUTE));
    service.failure = () => ({ status: 400, type: 'AccessDeniedException' });
    await poll();
    service.failure = () => undefined;
    clock.advance(180 * MINUTE);
    await poll();
    expect(sent).toEqual(['a']);
  });

  it('is told where no credentials are found', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    const report = await poll();
    expect(report.targets[0]?.problem).toContain('Set credentials as the AWS SDK reads them');
  });

  it('is told where nothing answers', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
    const report = await poll();
    expect(report.targets[0]?.problem).toContain(`See that ${REGION} is a region`);
  });

  it('with sending is told, and the records are sent by the next run', async () => {
    service.add(ACCOUNT, REGION, event('a', NINE - MINUTE));
    const report = await poll({ send: () => Promise.reject(new Error('the hub is away')) });
    expect(report.targets[0]?.problem).toContain(
      '1 records could not be sent (the hub is away). The next run sends them again.',
    );
    expect(report.targets[0]?.sent).toBe(0);
    await poll();
    expect(sent).toEqual(['a']);
  });

  it('with the bookmark is told', async () => {
    await tables.commit('bookmarks', 'cloudtrail-poll', [
      { kind: 'upsert', row: `${REGION}_${ACCOUNT}`, cells: { settled: 'yesterday' } },
    ]);
    const report = await poll();
    expect(report.targets[0]?.problem).toContain('delete the row to begin anew');
    expect(service.seen).toEqual([]);
  });

  it('is a target that is configured twice', async () => {
    service.add(ACCOUNT, REGION, event('a', NINE - MINUTE));
    const target = { account: ACCOUNT, region: REGION };
    const report = await poll({ targets: [target, target] });
    expect(sent).toEqual(['a']);
    expect(report.targets.map(({ problem }) => problem?.includes('configured twice') ?? false)).toEqual([false, true]);
  });

  it('is a second with more events than a run has time for', async () => {
    service.add(ACCOUNT, REGION, ...many(200, NINE - 30 * MINUTE, 0));
    let report: PollReport;
    let runs = 0;
    do {
      report = await poll({ deadline: clock.now() + 1000 });
      clock.advance(1000);
    } while (report.targets[0]?.problem === undefined && ++runs < 100);
    expect(report.targets[0]?.problem).toContain('more events happened in one second');
    await poll();
    expect(sent).toHaveLength(200);
  });

  it('is a bookmark older than the history', async () => {
    await poll();
    clock.advance(100 * 24 * 60 * MINUTE);
    service.add(ACCOUNT, REGION, event('a', clock.now() - MINUTE));
    let report = await poll();
    expect(report.targets[0]?.problem).toContain('older than the 90 days');
    for (let runs = 0; runs < 60 && report.targets[0]?.complete !== true; runs++) report = await poll();
    expect(sent).toEqual(['a']);
  });
});

/** Where a run can break off: the request, before or after a send took effect, before or after the bookmark was stored. */
type Step = 'request' | 'before send' | 'after send' | 'before bookmark' | 'after bookmark';
const STEPS: readonly Step[] = ['request', 'before send', 'after send', 'before bookmark', 'after bookmark'];

describe('over many runs that break off anywhere', () => {
  const arrival = fc.record({
    /** Milliseconds after the beginning. */
    time: fc.integer({ min: 0, max: 70 * MINUTE }),
    lateness: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 15 * MINUTE })),
    burst: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 130 })),
  });
  const runs = fc.array(
    fc.record({
      wait: fc.integer({ min: 1000, max: 12 * MINUTE }),
      time: fc.integer({ min: 1, max: 20_000 }),
      breakAt: fc.option(fc.record({ step: fc.constantFrom(...STEPS), after: fc.integer({ min: 0, max: 4 }) })),
    }),
    { minLength: 3, maxLength: 8 },
  );

  it('nothing is lost, and only what was sent right before a break is sent again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 12 }), runs, async (arrivals, plan) => {
        clock = new ManualClock(NINE);
        service.reset(clock);
        const kept = new MemoryTables();
        const begin = NINE - 60 * MINUTE;
        const expected = arrivals.flatMap(({ time, lateness, burst }, at) =>
          Array.from({ length: burst }, (_, n) => event(`${at}-${n}`, begin + time, begin + time + lateness)),
        );
        service.add(ACCOUNT, REGION, ...expected);
        /** How often each was sent, but for sends that broke off before their bookmark was stored. */
        const settled = new Map<string, number>();
        const seen = new Set<string>();
        let open: string[] = [];
        let beginning: Cell | undefined;
        const settle = () => {
          for (const id of open) settled.set(id, (settled.get(id) ?? 0) + 1);
          open = [];
        };

        const run = async (time: number, breakAt: { step: Step; after: number } | null) => {
          let left = breakAt?.after ?? 0;
          const breaks = (step: Step): boolean => breakAt?.step === step && left-- === 0;
          const breakOff = (step: Step) => {
            if (breaks(step)) throw new Error(`broken off ${step}`);
          };
          service.failure = () => (breaks('request') ? { status: 400, type: 'AccessDeniedException' } : undefined);
          const report = await poll({
            deadline: clock.now() + time,
            send: async (records) => {
              breakOff('before send');
              open = records.map(idOf);
              for (const id of open) {
                expect(settled.get(id), `${id} was sent before`).toBeUndefined();
                seen.add(id);
              }
              breakOff('after send');
            },
            tables: {
              get: (...of) => kept.get(...of),
              query: (...of) => kept.query(...of),
              list: (prefix) => kept.list(prefix),
              drop: (table) => kept.drop(table),
              commit: async (...of) => {
                breakOff('before bookmark');
                await kept.commit(...of);
                beginning ??= (await kept.get('bookmarks', 'cloudtrail-poll', `${REGION}_${ACCOUNT}`))?.cells[
                  'settled'
                ];
                settle();
                breakOff('after bookmark');
              },
            },
          });
          open = [];
          return report.targets[0];
        };

        for (const { wait, time, breakAt } of plan) {
          await run(time, breakAt);
          clock.advance(wait);
        }
        clock.advance(Math.max(0, begin + 90 * MINUTE - clock.now()));
        for (let left = 30; left > 0 && (await run(4 * MINUTE, null))?.complete !== true; left--);
        // A first run that could not even store where it begins has begun later.
        const wanted = expected.filter(({ time }) => time / 1000 >= Number(beginning));
        expect([...seen].sort()).toEqual(expect.arrayContaining(wanted.map(({ id }) => id)));
        expect(service.throttled).toBe(0);
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});
