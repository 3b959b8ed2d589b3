import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azureStorage } from '../../platform/storage/azure.ts';
import { faultyStorage, InjectedFault, type Fault } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Storage, Tables } from '../../platform/storage/ports.ts';
import { startAzurite, type Azurite } from '../../test/azurite.ts';
import { EventCodecError, type StoredEvent } from './codec.ts';
import { timelineStore, TimelineQueryError, type Order, type TimelineQuery, type TimelineStore } from './store.ts';

let azurite: Azurite;
let azure: Storage;
beforeAll(async () => {
  azurite = await startAzurite();
  azure = azureStorage({ connectionString: azurite.connectionString });
});
afterAll(() => azurite.stop());

let prefixes = 0;
/** A beginning for table names that no other test has. */
const fresh = (): string => `test${++prefixes}x`;

const ENTITIES = [
  'aws:arn:aws:iam::111122223333:user/alice',
  'upn:alice@contoso.example',
  'ip:203.0.113.7',
  'ip:\ud800',
  'x/\\#?',
];
const noon = Date.UTC(2026, 10, 3, 12);

function eventOf(
  id: string,
  time: number,
  [principal = 'ip:203.0.113.7', ...others]: string[],
  body: unknown = 'invented',
): StoredEvent {
  return {
    id: `json/${id}`,
    source: 'json',
    recordId: id,
    time,
    ocsf: { time, unmapped: { body } } as unknown as StoredEvent['ocsf'],
    entities: [principal, ...others].map((key) => ({ kind: 'ip', key, part: 'actor' })),
    principal,
    signals: [],
  };
}

/** All pages of a query, and the sizes of the pages. */
async function pages(store: TimelineStore, entity: string, query: Partial<TimelineQuery> & { limit: number }) {
  const events: StoredEvent[] = [];
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.byEntity(entity, { order: 'newest', ...query, cursor });
    events.push(...page.events);
    sizes.push(page.events.length);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return { events, sizes };
}

const ids = (events: readonly StoredEvent[]): string[] => events.map(({ recordId }) => recordId);

/** The keys under which an event is to be found. */
const keysOf = ({ principal, entities }: StoredEvent): Set<string> =>
  new Set([principal, ...entities.map(({ key }) => key)]);

/** Every entity's timeline is just the events that name it, in both orders, in pages of any size, within any range. */
async function expectTimelines(
  store: TimelineStore,
  expected: readonly StoredEvent[],
  limit: number,
  range: { from?: number; to?: number },
) {
  for (const entity of ENTITIES) {
    const { from = -Infinity, to = Infinity } = range;
    const model = expected.filter((event) => keysOf(event).has(entity) && event.time >= from && event.time < to);
    const reference = (await pages(store, entity, { ...range, limit: 1000 })).events;
    expect(ids(reference).sort()).toStrictEqual(ids(model).sort());
    expect(reference.map(({ time }) => time)).toStrictEqual(model.map(({ time }) => time).sort((a, b) => b - a));
    const byId = new Map(model.map((event) => [event.id, event]));
    expect(reference).toStrictEqual(reference.map(({ id }) => byId.get(id)));
    for (const order of ['newest', 'oldest'] as const) {
      const { events, sizes } = await pages(store, entity, { ...range, order, limit });
      expect(ids(events)).toStrictEqual(ids(order === 'newest' ? reference : reference.toReversed()));
      expect(sizes.slice(0, -1).every((size) => size === limit)).toBe(true);
    }
  }
}

const time = fc.oneof(
  fc.integer({ min: noon, max: noon + 3 }),
  fc.integer({ min: noon - 2 * 86_400_000, max: noon + 40 * 86_400_000 }),
  fc.constantFrom(0, -1, Date.UTC(2010, 0, 1) - 1, Date.UTC(2016, 10, 3), Date.UTC(2036, 10, 3), Date.UTC(2040, 0, 1)),
  fc.constantFrom(-8.64e15, 8.64e15),
);
/** Large enough to need a row beside its own. */
const large = eventOf('large', noon, ENTITIES, randomBytes(740_000).toString('base64'));
const anyEvent = fc.record({
  id: fc.nat(10_000),
  at: time,
  keys: fc.shuffledSubarray(ENTITIES, { minLength: 1 }),
  size: fc.constantFrom(0, 10, 10, 10, 3000),
  listed: fc.boolean(),
});
const anyEvents = fc
  .tuple(fc.uniqueArray(anyEvent, { selector: ({ id }) => id, minLength: 1, maxLength: 24 }), fc.nat(7))
  .map(([all, chance]) => {
    const events = all.map(({ id, at, keys, size, listed }) => {
      const event = eventOf(`${id}`, at, keys, randomBytes(size).toString('base64'));
      return listed ? event : { ...event, entities: event.entities.slice(1) };
    });
    return chance === 0 ? [large, ...events] : events;
  });
const pageSize = fc.constantFrom(1, 2, 3, 7, 30);
const anyRange = fc.record({ from: time, to: time }, { requiredKeys: [] });
/** A delivery of some of the events, in a batch, by a process that may be new. */
const delivery = fc.record({ start: fc.nat(24), length: fc.integer({ min: 1, max: 25 }), restart: fc.boolean() });
const anyFaults = fc.array(fc.constantFrom<Fault[]>(undefined, undefined, 'before', 'after'), { maxLength: 60 });

/** Name, tables, how often to try something random, and how many moments to go on at a time where every one would count. */
const implementations: [string, () => Tables, number, number][] = [
  ['in memory', () => memoryStorage().tables, 25, 1],
  ['on Azurite', () => azure.tables, 2, 5],
];

describe.each(implementations)('timelineStore %s', (_, open, numRuns, step) => {
  it('holds each event once, under all its entities, whatever was delivered again and whatever failed', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyEvents,
        fc.array(delivery, { maxLength: 6 }),
        anyFaults,
        pageSize,
        anyRange,
        async (events, deliveries, faults, limit, range) => {
          const tables = open();
          const prefix = fresh();
          const remaining = [...faults];
          const failing = faultyStorage({ ...memoryStorage(), tables }, () => remaining.shift()).tables;
          const honest = timelineStore(tables, { prefix });
          let store = timelineStore(failing, { prefix });
          const inserted: string[] = [];
          for (const { start, length, restart } of [
            ...deliveries,
            { start: 0, length: events.length, restart: true },
          ]) {
            const batch = events.slice(start, start + length);
            if (restart) store = timelineStore(failing, { prefix });
            for (;;) {
              const result = await store.insert(batch).catch((error: unknown) => {
                expect(error).toBeInstanceOf(InjectedFault);
                return undefined;
              });
              await expectWholeEvents(honest, events);
              if (result === undefined) continue;
              inserted.push(...result.inserted);
              expect([...result.inserted, ...result.known].sort()).toStrictEqual(batch.map(({ id }) => id).sort());
              break;
            }
          }
          expect(new Set(inserted).size).toBe(inserted.length);
          await expectTimelines(honest, events, limit, range);
        },
      ),
      // Shrinking would hold up the run for many minutes; the seed is enough to repeat it.
      { numRuns, endOnFailure: true },
    );
  });

  /** Each event is there under all its entities, or under none. */
  async function expectWholeEvents(store: TimelineStore, events: readonly StoredEvent[]): Promise<void> {
    const found = new Map<string, Set<string>>();
    for (const entity of ENTITIES) {
      for (const { id } of (await pages(store, entity, { limit: 1000 })).events) {
        found.set(id, (found.get(id) ?? new Set()).add(entity));
      }
    }
    for (const event of events) {
      const there = (await store.get(event)) !== undefined;
      expect([...(found.get(event.id) ?? [])].sort()).toStrictEqual(there ? [...keysOf(event)].sort() : []);
    }
  }

  it('says what it inserted and what it knew', async () => {
    const store = timelineStore(open(), { prefix: fresh() });
    const events = Array.from({ length: 120 }, (_value, n) => eventOf(`${n}`, noon, ENTITIES));
    expect(await store.insert(events.slice(0, 60))).toStrictEqual({
      inserted: events.slice(0, 60).map(({ id }) => id),
      known: [],
    });
    expect(await store.insert(events.slice(50))).toStrictEqual({
      inserted: events.slice(60).map(({ id }) => id),
      known: events.slice(50, 60).map(({ id }) => id),
    });
    const twice = eventOf('twice', noon, ENTITIES);
    expect(await store.insert([twice, twice])).toStrictEqual({ inserted: [twice.id], known: [] });
    expect(await store.insert([])).toStrictEqual({ inserted: [], known: [] });
  });

  it('keeps what it has where the same event comes in other words', async () => {
    const store = timelineStore(open(), { prefix: fresh() });
    const first = eventOf('1', noon, ENTITIES, 'first');
    await store.insert([first]);
    await store.insert([eventOf('1', noon, ENTITIES, 'second')]);
    expect(await store.get(first)).toStrictEqual(first);
  });

  it('pages through many events of one instant', async () => {
    const store = timelineStore(open(), { prefix: fresh() });
    const events = Array.from({ length: 320 }, (_value, n) =>
      eventOf(`${n}`, noon, ['upn:alice@contoso.example', `ip:${n % 3}`]),
    );
    await store.insert(events);
    const newest = (await pages(store, 'upn:alice@contoso.example', { limit: 150 })).events;
    expect(ids(newest).sort()).toStrictEqual(ids(events).sort());
    const oldest = (await pages(store, 'upn:alice@contoso.example', { limit: 130, order: 'oldest' })).events;
    expect(ids(oldest)).toStrictEqual(ids(newest).toReversed());
    const byAddress = (await pages(store, 'ip:1', { limit: 100, order: 'oldest', from: noon, to: noon + 1 })).events;
    expect(ids(byAddress)).toStrictEqual(ids(oldest).filter((id) => Number(id) % 3 === 1));
  });

  it('keeps an event of a MiB and more that no compression makes smaller, whole', async () => {
    const store = timelineStore(open(), { prefix: fresh() });
    const events = [0.5, 2].map((mebibytes) =>
      eventOf(`${mebibytes}`, noon, ENTITIES, randomBytes(mebibytes * 2 ** 20).toString('base64')),
    );
    await store.insert(events);
    expect((await store.insert(events)).known).toHaveLength(2);
    expect(
      (await store.byEntity('ip:203.0.113.7', { order: 'oldest', limit: 5 })).events.sort(
        (a, b) => a.time - b.time || (a.id < b.id ? -1 : 1),
      ),
    ).toStrictEqual(events);
  });

  it('commits no more at once than the service takes, however large the events', async () => {
    const store = timelineStore(open(), { prefix: fresh() });
    const events = Array.from({ length: 7 }, (_value, n) =>
      eventOf(`${n}`, noon, ['ip:1'], randomBytes(500_000).toString('base64')),
    );
    expect((await store.insert(events)).inserted).toHaveLength(7);
    expect((await pages(store, 'ip:1', { limit: 4 })).events).toHaveLength(7);
  });

  it('drops the months that ended, by the time of the events', async () => {
    const tables = open();
    const prefix = fresh();
    const store = timelineStore(tables, { prefix });
    const times = [
      0,
      Date.UTC(2026, 8, 30),
      Date.UTC(2026, 9, 31, 23, 59, 59, 999),
      Date.UTC(2026, 10, 1),
      noon,
      Date.UTC(2050, 0),
    ];
    await store.insert(times.map((at, n) => eventOf(`${n}`, at, ['ip:1', 'ip:2'])));
    await tables.commit(`${prefix}othername`, 'p', [{ kind: 'insert', row: 'a', cells: {} }]);
    expect(await store.dropBefore(noon)).toStrictEqual([`${prefix}earlier`, `${prefix}202609`, `${prefix}202610`]);
    expect(ids((await pages(store, 'ip:2', { limit: 10 })).events)).toStrictEqual(['5', '4', '3']);
    expect(await store.dropBefore(noon)).toStrictEqual([]);
    await store.insert([eventOf('1', times[1] ?? 0, ['ip:1', 'ip:2'])]);
    expect(ids((await pages(store, 'ip:2', { limit: 10 })).events)).toStrictEqual(['5', '4', '3', '1']);
    expect(await tables.list(`${prefix}other`)).toHaveLength(1);
  });

  it('loses no event where another process drops the table at any moment of an insert', async () => {
    for (let moment = 0, dropped = true; dropped; moment += step) {
      // Now and then with an event that needs a row beside its own, which takes long to write.
      const events = [eventOf('1', noon, ENTITIES), moment % 5 === 0 ? large : eventOf('large', noon, ENTITIES)];
      const tables = open();
      const prefix = fresh();
      const retention = timelineStore(tables, { prefix });
      let calls = 0;
      dropped = false;
      const interrupted = interrupt(tables, async () => {
        if (calls++ !== moment) return;
        await retention.dropBefore(Infinity);
        dropped = true;
      });
      const store = timelineStore(interrupted, { prefix });
      await store.insert([eventOf('0', noon, ENTITIES)]);
      calls = 0;
      await store.insert(events);
      // What the table held before it was dropped is gone; what was being inserted is there, unless it was dropped last of all.
      for (const entity of ENTITIES) {
        const found = ids((await pages(retention, entity, { limit: 10 })).events);
        expect(found.filter((id) => id !== '0').sort()).toStrictEqual(['1', 'large']);
      }
    }
  });

  /** Tables that do something before each call. */
  function interrupt(tables: Tables, first: () => Promise<void>): Tables {
    const after = async <T>(act: () => Promise<T>): Promise<T> => {
      await first();
      return act();
    };
    return {
      get: (...call) => after(() => tables.get(...call)),
      commit: (...call) => after(() => tables.commit(...call)),
      query: (...call) => tables.query(...call),
      list: (...call) => tables.list(...call),
      drop: (...call) => tables.drop(...call),
    };
  }
});

describe('timelineStore', () => {
  it('writes nothing of a batch that holds an event that cannot be written', async () => {
    const { tables } = memoryStorage();
    const store = timelineStore(tables);
    for (const broken of [eventOf('', NaN, ENTITIES), { ...eventOf('2', noon, ENTITIES), id: '' }]) {
      await expect(store.insert([eventOf('1', noon, ENTITIES), broken])).rejects.toThrow(EventCodecError);
    }
    expect(await tables.list('')).toStrictEqual([]);
    expect(await store.get({ id: 'json/1', time: NaN, principal: 'ip:1' })).toBeUndefined();
  });

  it('says so where a part of a large event is gone', async () => {
    const { tables } = memoryStorage();
    const store = timelineStore(tables);
    const event = eventOf('1', noon, ['ip:1'], randomBytes(2 ** 20).toString('base64'));
    await store.insert([event]);
    for (let shard = 0; shard < 8; shard++) {
      const table = `timeline202611s${shard}`;
      const partition = `${Math.floor(noon / 86_400_000)}`;
      const { rows } = await tables.query(table, partition, { from: 'beside-', to: 'beside~', limit: 10 });
      await tables.commit(
        table,
        partition,
        rows.map(({ row }) => ({ kind: 'delete', row })),
      );
    }
    await expect(store.get(event)).rejects.toThrow(/lacks part 1 of 1/);
  });

  it('gives up clearly where its table is dropped again and again', async () => {
    const { tables } = memoryStorage();
    const store = timelineStore({
      ...tables,
      get: async () => undefined,
      commit: async () => undefined,
    });
    await expect(store.insert([eventOf('1', noon, ENTITIES)])).rejects.toThrow(/dropped 5 times.*retention/);
  });

  it('writes the directory of a day once', async () => {
    const commits: string[] = [];
    const { tables } = faultyStorage(memoryStorage(), ({ operation, within }) => {
      if (operation === 'tables.commit') commits.push(within);
      return undefined;
    });
    const store = timelineStore(tables);
    await store.insert([eventOf('1', noon, ['ip:1'])]);
    expect(commits.filter((partition) => partition.startsWith('days-'))).toHaveLength(1);
    commits.length = 0;
    await store.insert([eventOf('2', noon, ['ip:1'])]);
    expect(commits).toHaveLength(1);
    await store.insert([eventOf('3', noon + 86_400_000, ['ip:1'])]);
    expect(commits.filter((partition) => partition.startsWith('days-'))).toHaveLength(1);
  });

  describe('with a busy day', () => {
    let queries = 0;
    let rows = 0;
    const inner = memoryStorage().tables;
    const counted: Tables = {
      get: (...call) => inner.get(...call),
      commit: (...call) => inner.commit(...call),
      list: (...call) => inner.list(...call),
      drop: (...call) => inner.drop(...call),
      query: async (...call) => {
        const page = await inner.query(...call);
        queries++;
        rows += page.rows.length;
        return page;
      },
    };
    const store = timelineStore(counted);
    const events = Array.from({ length: 20_000 }, (_value, n) =>
      eventOf(`${n}`, Date.UTC(2026, 10, 3, 8) + n * 1500, ['upn:alice@contoso.example', 'ip:203.0.113.7']),
    );
    beforeAll(async () => {
      for (let at = 0; at < events.length; at += 1000) await store.insert(events.slice(at, at + 1000));
    });

    it.each<[Order, string]>([
      ['newest', 'upn:alice@contoso.example'],
      ['oldest', 'upn:alice@contoso.example'],
      ['newest', 'ip:203.0.113.7'],
      ['oldest', 'ip:203.0.113.7'],
    ])('reads little to show the %s of %s', async (order, entity) => {
      [queries, rows] = [0, 0];
      const { events: shown } = await store.byEntity(entity, { order, limit: 50 });
      expect(ids(shown)).toStrictEqual(ids(order === 'newest' ? events.slice(-50).toReversed() : events.slice(0, 50)));
      expect(queries).toBeLessThanOrEqual(14);
      expect(rows).toBeLessThan(1000);
    });
  });

  it('ends a page early where its events are large', async () => {
    const store = timelineStore(memoryStorage().tables);
    const events = Array.from({ length: 5 }, (_value, n) =>
      eventOf(`${n}`, noon + n, ['ip:1'], 'x'.repeat(10 * 2 ** 20)),
    );
    await store.insert(events);
    const { events: shown, sizes } = await pages(store, 'ip:1', { limit: 100 });
    expect(ids(shown)).toStrictEqual(ids(events).toReversed());
    expect(sizes).toStrictEqual([4, 1]);
  });

  describe('refuses', () => {
    const store = timelineStore(memoryStorage().tables);
    const cursorOf = (text: string): string => Buffer.from(text).toString('base64url');
    const hash = '0'.repeat(32);
    beforeAll(() => store.insert([eventOf('1', noon, ['ip:1']), eventOf('2', noon, ['ip:1'])]));

    it.each<[string, Partial<TimelineQuery>, RegExp]>([
      ['a page of nothing', { limit: 0 }, /1 to 1000/],
      ['a page of 1,001', { limit: 1001 }, /1001 events/],
      ['a page of half an event', { limit: 0.5 }, /0\.5/],
      ['a time that is none', { from: NaN }, /`from` is NaN/],
      ['a time beyond all dates', { to: 9e15 }, /`to` is 9000000000000000/],
      ['an empty cursor', { cursor: '' }, /cursor is not one/],
      ['a cursor of noise', { cursor: '\ud800%00../'.repeat(10_000) }, /begin again without it/],
      ['a cursor of another version', { cursor: cursorOf(`2 newest 0 ${hash}`) }, /cursor is not one/],
      ['a cursor beyond all dates', { cursor: cursorOf(`1 newest 9000000000000000 ${hash}`) }, /cursor is not one/],
      ['a cursor with a quote', { cursor: cursorOf(`1 newest 0 ${"'".repeat(32)}`) }, /cursor is not one/],
      ['a cursor with more behind it', { cursor: cursorOf(`1 newest 0 ${hash} or 1 eq 1`) }, /cursor is not one/],
      ['a cursor of the other order', { cursor: cursorOf(`1 oldest 0 ${hash}`) }, /continues a query for the oldest/],
    ])('%s', async (_, query, reason) => {
      const asked = store.byEntity('ip:1', { order: 'newest', limit: 1, ...query });
      await expect(asked).rejects.toThrow(TimelineQueryError);
      await expect(asked).rejects.toThrow(reason);
    });

    it('nothing else: any other cursor is a place between events', async () => {
      const { cursor } = await store.byEntity('ip:1', { order: 'newest', limit: 1 });
      expect((await store.byEntity('ip:none', { order: 'newest', limit: 1, cursor })).events).toStrictEqual([]);
      const made = cursorOf(`1 newest ${noon + 1} ${hash}`);
      expect((await store.byEntity('ip:1', { order: 'newest', limit: 5, cursor: made })).events).toHaveLength(2);
    });
  });
});
