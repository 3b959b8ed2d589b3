import { beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../../platform/metrics.ts';
import { faultyStorage, InjectedFault, type StorageCall } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import { ALERT_QUEUE } from '../correlate.ts';
import { correlated, correlationOf } from '../detection/correlation/correlation-samples.ts';
import { AlertStore } from '../incidents/alert-store.ts';
import { IncidentStore } from '../incidents/incident-store.ts';
import { PostureStore } from '../posture/posture-store.ts';
import { notify } from '../routing/notify.ts';
import type { Observation } from '../timeline/observation.ts';
import { Correlation, type CorrelationOptions } from './correlation.ts';
import { Journal, TakenOverError } from './journal.ts';
import { credential, KEY, linkBetween, MARA, MINUTE, NOON, observation, signal } from './observation-samples.ts';
import { observationPage } from './pages.ts';

const HOUR = 60 * MINUTE;

/** A rule that fires where another fired so often for one principal within an hour. */
const atLeast = (count: number) =>
  correlated(
    correlationOf(
      { type: 'event_count', rules: ['r'], timespan: '1h', 'group-by': ['principal'], condition: { gte: count } },
      { level: 'high', crosstrail: { decision: 'warn', owner: 'cloud' } },
    ),
  );
const RULES = atLeast(2);
const matched = { matches: [{ rule: 'r', values: {} }] };
/** What is done with a key of which it is not known whose it is. */
const withKey = { ...matched, principal: KEY, entities: [credential(KEY)] };
const LINK = linkBetween('issued-credential', MARA, KEY);

let storage: ReturnType<typeof memoryStorage>;
let metrics: Metrics;
beforeEach(() => {
  storage = memoryStorage();
  metrics = new Metrics();
});

/** An instance, and how it takes a batch that came to the hub so many minutes after noon. */
function open({ tables, queues }: Pick<Storage, 'tables' | 'queues'> = storage, options: CorrelationOptions = {}) {
  const correlation = new Correlation('0', { tables, queues, metrics }, options);
  return (minutes: number, batch: readonly Observation[], rules = RULES) =>
    correlation.handle(batch, rules, NOON + minutes * MINUTE);
}

/** Storage of a process that dies where a call is to be made. */
const dying = (at: (call: StorageCall) => boolean) =>
  faultyStorage(storage, (call) => (at(call) ? 'before' : undefined));
const told = ({ operation, target }: StorageCall): boolean => operation === 'queues.send' || target !== 'correlation';

/** What an instance tells of its first batch. What one before it did not tell, it tells before that. */
function afterCommit(): (call: StorageCall) => boolean {
  let commits = 0;
  return (call) => {
    if (call.operation === 'tables.commit' && call.target === 'correlation') commits++;
    // The first takes over.
    return commits > 1 && told(call);
  };
}

const alerts = async () =>
  (await Array.fromAsync(new AlertStore(storage.tables).list())).map(({ count, notified }) => ({ count, notified }));
const incidents = async () => Array.fromAsync(new IncidentStore(storage.tables).list({ limit: 100 }));
const conditions = async () => Array.fromAsync(new PostureStore(storage.tables).list());
const announced = () => storage.queues.sent(ALERT_QUEUE);
const heldIds = async () => {
  const entries = await new Journal(storage.tables, '0').entries();
  return (entries.get('observations') ?? []).flatMap((page) =>
    observationPage.parse(page).observations.map(({ recordId }) => recordId),
  );
};
const tell = async () => {
  const notifier = { notify: () => Promise.resolve() };
  for (const id of announced()) await notify(id, { alerts: new AlertStore(storage.tables), notifier, metrics });
};

describe('Correlation', () => {
  it('raises an alert of several events, keeps it with its incident, and announces it', async () => {
    const handle = open();
    await handle(1, [observation('1', 0, matched)]);
    expect(await alerts()).toEqual([]);
    await handle(2, [observation('2', 1, matched), observation('3', 2, { entry: true })]);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
    expect(announced()).toHaveLength(1);
    expect(await incidents()).toMatchObject([{ incident: { principals: [{ id: MARA }] } }]);
    expect(await heldIds()).toEqual(expect.arrayContaining(['1', '2', '3']));
  });

  it('changes nothing when a batch comes again', async () => {
    const commits: StorageCall[] = [];
    const counted = faultyStorage(storage, (call) => {
      if (call.operation === 'tables.commit') commits.push(call);
      return undefined;
    });
    const handle = open(counted);
    const batch = [observation('1', 0, matched), observation('2', 1, matched)];
    await handle(2, batch);
    const before = commits.length;
    await handle(3, batch);
    await handle(3, batch.slice(1));
    expect(commits).toHaveLength(before);
    expect(announced()).toHaveLength(1);
    expect(metrics.total('observations')).toBe(2);
  });

  it('takes batches one after the other, though they come at once', async () => {
    const handle = open();
    await Promise.all([handle(1, [observation('1', 0, matched)]), handle(2, [observation('2', 1, matched)])]);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
  });

  it('goes on after a batch that failed', async () => {
    let fails = true;
    const handle = open(dying(({ operation }) => fails && operation === 'tables.commit'));
    await expect(handle(1, [observation('1', 0, matched)])).rejects.toThrow(InjectedFault);
    fails = false;
    await handle(2, [observation('1', 0, matched), observation('2', 1, matched)]);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
  });

  it('keeps the links of what has no other part, and not the rest of it', async () => {
    await open()(1, [observation('1', 0, { links: [LINK] }), observation('2', 0, matched)]);
    expect(await heldIds()).toEqual(['2']);
    await open()(2, [observation('3', 1, withKey)]);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
  });

  it('commits what is too large for one row in several', async () => {
    const large = { matches: [{ rule: 'r', values: { text: ['x'.repeat(400_000)] } }] };
    await open()(3, [observation('1', 0, large), observation('2', 1, large), observation('3', 2, large)]);
    const pages = (await new Journal(storage.tables, '0').entries()).get('observations');
    expect(pages).toHaveLength(3);
    expect(await alerts()).toEqual([{ count: 3, notified: false }]);
  });

  it('counts what comes later than was waited for, by source', async () => {
    const handle = open();
    await handle(0, [observation('1', 0, matched)]);
    await handle(60, []);
    await handle(90, [observation('2', 89, matched)]);
    expect(metrics.total('late')).toBe(0);
    await handle(91, [observation('3', -5, matched)]);
    expect(metrics.total('late', { source: 'cloudtrail' })).toBe(1);
  });
});

describe('a link that is learned late', () => {
  const before = [
    ...[observation('1', 0, matched), observation('2', 1, matched)],
    ...[observation('3', 2, withKey), observation('4', 3, withKey)],
  ];

  it('makes one alert of two, of which nobody is told again', async () => {
    const handle = open();
    await handle(5, before);
    expect(await alerts()).toHaveLength(2);
    expect(await incidents()).toHaveLength(2);
    await tell();
    await handle(6, [observation('5', 4, { links: [LINK] })]);
    expect(await alerts()).toEqual([{ count: 4, notified: true }]);
    expect(announced()).toHaveLength(2);
    expect(await incidents()).toMatchObject([{ merged: [expect.any(String)], withdrawn: false }]);
  });

  it('is told of where nobody was told of those two', async () => {
    const handle = open();
    await handle(5, before);
    const [first = '', second = ''] = announced();
    await handle(6, [observation('5', 4, { links: [LINK] })]);
    expect(announced()).toHaveLength(3);
    const store = new AlertStore(storage.tables);
    const standing = (await Array.fromAsync(store.list())).map(({ id }) => id);
    expect(standing).toEqual([announced()[2]]);
    expect([first, second].filter((id) => id === standing[0]).length).toBeLessThan(2);
  });
});

describe('a process that dies between commit and telling', () => {
  it('is made good by the next batch of another', async () => {
    const batch = [observation('1', 0, matched), observation('2', 1, matched)];
    await expect(open(dying(told))(2, batch)).rejects.toThrow(InjectedFault);
    expect(await alerts()).toEqual([]);
    await open()(3, []);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
    expect(announced()).toHaveLength(1);
    // Perhaps announced again, for nobody has told yet.
    await open()(4, []);
    expect(new Set(announced()).size).toBe(1);
    expect(await incidents()).toHaveLength(1);
  });

  it('is made good by itself where storage alone failed', async () => {
    let fails = true;
    const handle = open(dying((call) => fails && told(call)));
    const batch = [observation('1', 0, matched), observation('2', 1, matched)];
    await expect(handle(2, batch)).rejects.toThrow(InjectedFault);
    fails = false;
    await handle(3, batch);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
  });

  it('leaves nothing out: alerts and incidents that came and went, and what is weak', async () => {
    const weakened = { condition: 'logging-off', resource: 'aws:trail', weakened: true, what: 'stops it' } as const;
    const posture = (id: string, minutes: number, weak: boolean) =>
      observation(id, minutes, { posture: [{ ...weakened, weakened: weak }] });
    const batches = [
      [observation('1', 0, matched), observation('2', 1, matched), posture('5', 5, true)],
      [observation('3', 2, withKey), observation('4', 3, withKey), posture('6', 9, true)],
      // Joins the alerts, says since when it is weak, and raises one more alert that joins the incident.
      [observation('7', 4, { links: [LINK] }), posture('8', 4, true), observation('9', 6, { signals: [signal('s')] })],
      [posture('10', 6, false), observation('11', 7, matched)],
    ];
    const kept = async () => ({
      alerts: await Array.fromAsync(new AlertStore(storage.tables).list()),
      incidents: (await incidents()).map(({ incident, merged, withdrawn }) => ({ incident, merged, withdrawn })),
      conditions: await conditions(),
    });
    const calm = open();
    for (const [at, batch] of batches.entries()) await calm(10 + at, batch);
    const expected = await kept();
    expect(expected.incidents.some(({ merged }) => merged.length > 0)).toBe(true);
    expect(expected.conditions).toHaveLength(2);

    storage = memoryStorage();
    for (const [at, batch] of batches.entries()) {
      await expect(open(dying(afterCommit()))(10 + at, batch)).rejects.toThrow(InjectedFault);
      await open()(10 + at, []);
    }
    expect(await kept()).toEqual(expected);
  });
});

describe('another instance', () => {
  it('takes over with all that was committed, and the first commits nothing until it has read that', async () => {
    const [first, second] = [open(), open()];
    await first(1, [observation('1', 0, matched)]);
    await second(2, [observation('2', 1, matched)]);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
    await expect(first(3, [observation('3', 2, matched)])).rejects.toThrow(TakenOverError);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
    await first(3, [observation('3', 2, matched)]);
    expect(await alerts()).toEqual([{ count: 3, notified: false }]);
    await expect(second(4, [observation('4', 3, matched)])).rejects.toThrow(TakenOverError);
  });

  it('has a state of its own for another partition', async () => {
    const other = new Correlation('1', { ...storage, metrics });
    await open()(1, [observation('1', 0, matched)]);
    await other.handle([observation('2', 1, matched)], RULES, NOON);
    expect(await alerts()).toEqual([]);
  });
});

describe('rules that change', () => {
  it('count what was taken before them', async () => {
    const handle = open();
    await handle(2, [observation('1', 0, matched), observation('2', 1, matched)], atLeast(4));
    expect(await alerts()).toEqual([]);
    await handle(3, [observation('3', 2, matched)], atLeast(3));
    expect(await alerts()).toEqual([{ count: 3, notified: false }]);
  });
});

describe('forgetting', () => {
  const raising = [observation('1', 0, matched), observation('2', 1, matched)];
  const lone = observation('3', 2, { ...matched, principal: 'upn:ben@contoso.example', entities: [] });
  /** Lets so many hours pass, in which events come that have no part in anything. */
  const pass = async (handle: ReturnType<typeof open>, hours: number) => {
    for (let hour = 1; hour <= hours; hour++) await handle(hour * 60, [observation(`hour ${hour}`, hour * 60)]);
  };

  it('leaves what stands, over a restart too, and drops what can be part of nothing any more', async () => {
    const handle = open();
    await handle(3, [...raising, lone]);
    await pass(handle, 4);
    expect((await heldIds()).sort()).toEqual(['1', '2']);
    const before = await incidents();
    const next = open();
    await next(4 * 60 + 1, [observation('4', 240, { signals: [signal('s')] })]);
    expect(await alerts()).toEqual([{ count: 2, notified: false }]);
    // The alert of which nobody reads the events again is joined by what comes within the horizon.
    const [incident] = await incidents();
    expect(incident?.incident.id).toBe(before[0]?.incident.id);
    expect(incident?.incident.alertIds).toHaveLength(2);
    expect(announced()).toHaveLength(1);
  });

  it('drops alerts and incidents from memory after the horizon, and leaves them where they are kept', async () => {
    const handle = open();
    await handle(3, raising);
    const kept = [await alerts(), await incidents()];
    await pass(handle, 30);
    expect(await heldIds()).toEqual([]);
    await open()(31 * 60, [observation('9', 31 * 60, matched)]);
    expect([await alerts(), await incidents()]).toEqual(kept);
  });

  it('counts what it has to drop before its time, and keeps the latest', async () => {
    const handle = open(storage, { maxObservations: 10 });
    const entries = Array.from({ length: 30 }, (_, n) =>
      observation(String(n), n, { entry: true, principal: `upn:${n}@contoso.example` }),
    );
    for (const one of entries) await handle(30, [one]);
    const held = await heldIds();
    expect(held.length).toBeLessThanOrEqual(10);
    expect(held).toContain('29');
    expect(held).not.toContain('0');
    expect(metrics.total('evicted')).toBe(30 - held.length);
    expect(metrics.total('evicted')).toBeGreaterThan(0);
  });

  it('leaves an incident whole that needs more than there is room for, counts that, and does not try in vain with every batch', async () => {
    const handle = open(storage, { maxObservations: 10 });
    for (let n = 0; n < 40; n++) await handle(30, [observation(String(n), n, { signals: [signal('r')] })]);
    expect(await heldIds()).toHaveLength(40);
    const [incident] = await incidents();
    expect(incident?.incident.eventIds).toHaveLength(40);
    expect(metrics.total('evicted')).toBe(0);
    expect(metrics.total('overfull')).toBeGreaterThan(5);
    expect(metrics.total('overfull')).toBeLessThan(25);
  });

  it('drops nothing before its time where there is room', async () => {
    const handle = open();
    await handle(3, raising);
    await pass(handle, 4);
    expect(metrics.total('evicted')).toBe(0);
  });
});

it('reads its state no more than it must', async () => {
  let reads = 0;
  const handle = open(
    dying(({ operation, target }) => {
      if (operation === 'tables.query' && target === 'correlation') reads++;
      return false;
    }),
  );
  for (let n = 0; n < 5; n++) await handle(n, [observation(String(n), n, matched)]);
  expect(reads).toBe(1);
  await handle(HOUR / MINUTE, [], atLeast(2));
  expect(reads).toBe(2);
});
