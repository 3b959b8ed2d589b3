import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultyStorage, InjectedFault } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Signal } from '../timeline/signal.ts';
import { AlertStore } from './alert-store.ts';
import { alertId, type RaisedSignal } from './alert.ts';
import { sampleIncident } from './incident-samples.ts';
import { IncidentStateError, IncidentStore, type IncidentQuery, type NewReview } from './incident-store.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20, 10);

const incident = (id: string, other: Partial<Incident> = {}) => sampleIncident({ id: `incident-${id}`, ...other });
const acknowledged: NewReview = { state: 'acknowledged', by: 'ben', at: START, note: 'on it' };
const closed = { state: 'closed', by: 'ben', at: START + HOUR, verdict: 'benign' } as const satisfies NewReview;
const stored = () => new IncidentStore(memoryStorage().tables);
const listed = async (store: IncidentStore, query: Partial<IncidentQuery> = {}) =>
  (await Array.fromAsync(store.list({ limit: 100, ...query }))).map((kept) => kept.incident.id.slice(9));

/** An alert of a rule, kept; its id. */
async function raise(store: AlertStore, rule: string, trail: string): Promise<string> {
  const signal: Signal = {
    rule: { id: rule, title: `Rule ${rule}`, level: 'high' },
    decision: 'warn',
    techniques: [],
    window: HOUR,
    group: { trail },
  };
  const event = { id: `cloudtrail/${rule}-${trail}`, recordId: trail, time: START, principal: 'aws:arn' };
  const raised: RaisedSignal = { signal, event };
  await store.raise([raised]);
  return alertId(raised);
}

describe('IncidentStore, what the engine says', () => {
  it('gives back what was written, open', async () => {
    const store = stored();
    expect(await store.write(incident('a'), 1)).toBe(true);
    expect(await store.get('incident-a')).toEqual({
      incident: incident('a'),
      revision: 1,
      withdrawn: false,
      cut: false,
      merged: [],
      history: [],
      state: 'open',
    });
    expect(await store.get('incident-b')).toBeUndefined();
  });

  it('takes only what is newer', async () => {
    const store = stored();
    await store.write(incident('a'), 3);
    expect(await store.write(incident('a', { score: 1 }), 3)).toBe(false);
    expect(await store.write(incident('a', { score: 2 }), 2)).toBe(false);
    expect(await store.replace('incident-a', undefined, 3)).toBe(false);
    expect(await store.write(incident('a', { score: 4 }), 4)).toBe(true);
    expect(await store.get('incident-a')).toMatchObject({ incident: { score: 4 }, revision: 4 });
  });

  it('lists by the last event, newest first, each once wherever it stood before', async () => {
    const store = stored();
    const at = { a: 0, b: 2 * HOUR, c: -30 * HOUR, d: 400 * 24 * HOUR, e: -START - 1, f: 1 };
    for (const [id, time] of Object.entries(at)) await store.write(incident(id, { lastSeen: START + time }), 1);
    expect(await listed(store)).toEqual(['d', 'b', 'f', 'a', 'c', 'e']);
    await store.write(incident('c', { lastSeen: START + 3 * HOUR }), 2);
    expect(await listed(store)).toEqual(['d', 'c', 'b', 'f', 'a', 'e']);
    expect(await listed(store, { limit: 2 })).toEqual(['d', 'c']);
    expect(await listed(store, { since: START + 1 })).toEqual(['d', 'c', 'b', 'f']);
    await store.review('incident-b', acknowledged);
    expect(await listed(store, { state: 'acknowledged' })).toEqual(['b']);
    expect(await listed(store, { state: 'open', limit: 3 })).toEqual(['d', 'c', 'f']);
  });

  it('takes any time that a record may name', async () => {
    const store = stored();
    for (const time of [-8.64e15, -1, 0, 8.64e15]) await store.write(incident(`a${time}`, { lastSeen: time }), 1);
    expect(await listed(store)).toEqual([8.64e15, 0, -1, -8.64e15].map((time) => `a${time}`));
  });

  it('finds by the beginning of the id, also what is gone', async () => {
    const store = stored();
    for (const id of ['ab1', 'ab2', 'ac']) await store.write(incident(id), 1);
    await store.replace('incident-ab2', 'incident-ac', 2);
    expect(await store.find('incident-ab', 10)).toEqual(['incident-ab1', 'incident-ab2']);
    expect(await store.find('incident-', 2)).toHaveLength(2);
    expect(await store.find('incident-b', 10)).toEqual([]);
    expect(await store.find('#/?', 10)).toEqual([]);
  });

  it('leads from a merged incident to the one that it went into', async () => {
    const store = stored();
    for (const id of ['a', 'b', 'c']) await store.write(incident(id), 1);
    await store.replace('incident-a', 'incident-b', 2);
    await store.replace('incident-b', 'incident-c', 3);
    expect(await store.get('incident-a')).toMatchObject({
      incident: { id: 'incident-c' },
      merged: ['incident-a', 'incident-b'],
    });
    expect(await listed(store)).toEqual(['c']);
    await store.write(incident('b'), 4);
    expect(await listed(store)).toEqual(['b', 'c']);
    expect(await store.get('incident-c')).toMatchObject({ merged: [] });
    expect(await store.get('incident-a')).toMatchObject({ incident: { id: 'incident-b' } });
  });

  it('shows a withdrawn incident as it last was, and lists it no more', async () => {
    const store = stored();
    await store.write(incident('a'), 1);
    await store.replace('incident-a', undefined, 2);
    expect(await store.get('incident-a')).toMatchObject({ incident: incident('a'), withdrawn: true });
    expect(await listed(store)).toEqual([]);
    await store.replace('incident-never', undefined, 2);
    expect(await store.get('incident-never')).toBeUndefined();
  });

  it('keeps what is larger than a row in part, and says so', async () => {
    const store = stored();
    // Random, so that gzip gains little: about 2 MB.
    const eventIds = Array.from({ length: 100_000 }, () => randomBytes(16).toString('hex'));
    await store.write(incident('a', { eventIds }), 1);
    const kept = await store.get('incident-a');
    expect(kept?.cut).toBe(true);
    expect(kept?.incident.eventIds).toEqual(eventIds.slice(0, 10_000));
    await store.write(incident('b', { eventIds: eventIds.slice(0, 20_000) }), 1);
    expect(await store.get('incident-b')).toMatchObject({ cut: false, incident: { alertIds: incident('b').alertIds } });
  });

  it('refuses an incident whose row was spoiled', async () => {
    const { tables } = memoryStorage();
    await tables.commit('incidents', 'incident-a', [
      { kind: 'insert', row: 'incident', cells: { b0: Buffer.from('?') } },
    ]);
    await expect(new IncidentStore(tables).get('incident-a')).rejects.toThrow();
  });
});

describe('IncidentStore, what people say', () => {
  it('keeps every review', async () => {
    const store = stored();
    await store.write(incident('a'), 1);
    await store.review('incident-a', acknowledged);
    expect(await store.review('incident-a', closed)).toMatchObject({
      state: 'closed',
      verdict: 'benign',
      history: [
        { state: 'acknowledged', by: 'ben', note: 'on it', incident: 'incident-a' },
        { state: 'closed', at: START + HOUR },
      ],
    });
  });

  it.each<[string, NewReview, string]>([
    ['incident-b', acknowledged, 'there is no incident incident-b'],
    ['incident-a', { ...closed, verdict: undefined }, 'closing one needs a verdict'],
    ['incident-a', { ...acknowledged, verdict: 'benign' }, 'a verdict goes with closing'],
    ['incident-a', { ...acknowledged, state: 'open' }, 'incident-a is open already'],
    ['incident-a', { ...acknowledged, note: 'n'.repeat(4001) }, 'a note 4000'],
  ])('refuses of %s %j', async (id, review, reason) => {
    const store = stored();
    await store.write(incident('a'), 1);
    const refused = store.review(id, review);
    await expect(refused).rejects.toThrow(IncidentStateError);
    await expect(refused).rejects.toThrow(reason);
  });

  it('says who was first', async () => {
    const store = stored();
    await store.write(incident('a'), 1);
    await store.review('incident-a', acknowledged);
    await expect(store.review('incident-a', acknowledged)).rejects.toThrow(
      'incident-a is acknowledged already (by ben, 2026-11-20T10:00:00.000Z)',
    );
    await store.review('incident-a', closed);
    await expect(store.review('incident-a', acknowledged)).rejects.toThrow(
      'cannot become acknowledged; reopen it first',
    );
  });

  it('lets one of two reviews at once win, and the other find out', async () => {
    const { tables } = memoryStorage();
    await new IncidentStore(tables).write(incident('a'), 1);
    const both = await Promise.allSettled(
      ['ann', 'ben'].map((by) => new IncidentStore(tables).review('incident-a', { ...acknowledged, by })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await new IncidentStore(tables).get('incident-a'))?.history).toHaveLength(1);
  });

  it('opens a benign incident again for an alert of another rule, not for one more of the same', async () => {
    const { tables } = memoryStorage();
    const alerts = new AlertStore(tables);
    const store = new IncidentStore(tables);
    const [first, same, other] = [
      await raise(alerts, 'rule-1', 'main'),
      await raise(alerts, 'rule-1', 'audit'),
      await raise(alerts, 'rule-2', 'main'),
    ];
    await store.write(incident('a', { alertIds: [first] }), 1);
    await store.review('incident-a', closed);
    await store.write(incident('a', { alertIds: [first, same], eventIds: ['one-more'] }), 2);
    expect(await store.get('incident-a')).toMatchObject({ state: 'closed', verdict: 'benign' });
    await store.write(incident('a', { alertIds: [first, same, other] }), 3);
    expect(await store.get('incident-a')).toMatchObject({
      state: 'open',
      reopened: '2 alerts joined after it was closed, by a rule that had no part in it: Rule rule-2',
    });
    expect(await listed(store, { state: 'open' })).toEqual(['a']);
    await store.review('incident-a', { ...closed, at: START + 2 * HOUR });
    expect(await store.get('incident-a')).toMatchObject({ state: 'closed' });
  });

  it('keeps notes and the more urgent state when incidents merge', async () => {
    const store = stored();
    await store.write(incident('a', { alertIds: ['x'] }), 1);
    await store.write(incident('b', { alertIds: ['y'] }), 1);
    await store.review('incident-a', closed);
    await store.review('incident-b', acknowledged);
    await store.replace('incident-b', 'incident-a', 2);
    await store.write(incident('a', { alertIds: ['x', 'y'] }), 2);
    expect(await store.get('incident-b')).toMatchObject({
      state: 'acknowledged',
      history: [
        { incident: 'incident-b', note: 'on it' },
        { incident: 'incident-a', state: 'closed' },
      ],
    });
    await store.review('incident-b', { ...closed, at: START + 2 * HOUR });
    const whole = await store.get('incident-a');
    expect(whole?.state).toBe('closed');
    expect(whole?.history).toHaveLength(3);
  });

  it('keeps the state of an incident whose name changes', async () => {
    const store = stored();
    await store.write(incident('b'), 1);
    await store.review('incident-b', acknowledged);
    await store.write(incident('a'), 2);
    await store.replace('incident-b', 'incident-a', 2);
    expect(await store.get('incident-a')).toMatchObject({
      state: 'acknowledged',
      history: [{ incident: 'incident-b' }],
    });
  });
});

it('ends as the newest revisions say, in any order, again and again, with failures before and after any call', async () => {
  const ids = ['a', 'b', 'c'];
  const told = fc.record({
    id: fc.constantFrom(...ids),
    into: fc.option(fc.constantFrom(...ids, undefined), { nil: null }),
    day: fc.nat(3),
  });
  const scenario = fc.record({
    told: fc.array(told, { minLength: 1, maxLength: 8 }),
    order: fc.array(fc.nat(7), { maxLength: 16 }),
    faults: fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ told: all, order, faults }) => {
      const storage = memoryStorage();
      const left = [...faults];
      const hosts = [0, 1].map(() => new IncidentStore(faultyStorage(storage, () => left.shift()).tables));
      const tell = async (revision: number, host: IncidentStore | undefined): Promise<void> => {
        const one = all[revision];
        if (one === undefined || host === undefined) return;
        const lastSeen = START + one.day * 24 * HOUR;
        for (;;) {
          try {
            if (one.into === null) await host.write(incident(one.id, { lastSeen, score: revision }), revision);
            else await host.replace(`incident-${one.id}`, one.into && `incident-${one.into}`, revision);
            return;
          } catch (error) {
            if (!(error instanceof InjectedFault)) throw error;
          }
        }
      };
      await Promise.all(order.map((revision, at) => tell(revision, hosts[at % 2])));
      for (const revision of all.keys()) await tell(revision, hosts[0]);
      const last = new Map(all.map((one, revision) => [one.id, { ...one, revision }]));
      const standing = [...last.values()]
        .filter(({ into }) => into === null)
        .sort((x, y) => y.day - x.day || (x.id < y.id ? -1 : 1));
      const store = new IncidentStore(storage.tables);
      const kept = await Array.fromAsync(store.list({ limit: 10 }));
      expect(kept.map((each) => [each.incident.id, each.incident.score])).toEqual(
        standing.map(({ id, revision }) => [`incident-${id}`, revision]),
      );
    }),
    { numRuns: 100 },
  );
});
