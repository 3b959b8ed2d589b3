import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from './delivery.ts';
import { delivery, memoryPorts } from '../test/memory-ports.ts';
import type { Tables } from '../platform/storage/ports.ts';
import { ALERT_QUEUE, correlate, CORRELATION_HUB } from './correlate.ts';
import { storeEvents } from './store-events.ts';
import { listDeadLetters } from './dead-letters.ts';
import { FindingStore } from './enrichment/findings/finding-store.ts';
import { AlertStore } from './incidents/alert-store.ts';
import { SuppressedStore } from './incidents/suppressed-store.ts';
import type { Alert } from './timeline/alert.ts';
import { notify } from './routing/notify.ts';
import { encodeEvent, type StoredEvent } from './timeline/codec.ts';
import { decodeObservation } from './timeline/observation-codec.ts';
import { timelineStore } from './timeline/store.ts';

const principal = 'upn:mara@contoso.example';

const event = (id: number, fires = true): StoredEvent => ({
  id: `cloudtrail/${id}`,
  source: 'cloudtrail',
  recordId: String(id),
  time: Date.UTC(2026, 10, 20, 10) + id,
  principal,
  entities: [{ kind: 'user', key: principal, part: 'actor' }],
  ocsf: {
    category_uid: 6,
    class_uid: 6003,
    activity_id: 2,
    type_uid: 600302,
    severity_id: 1,
    time: Date.UTC(2026, 10, 20, 10) + id,
    metadata: { version: '1.8.0', product: { name: 'CloudTrail' } },
    actor: { user: { name: 'mara' } },
    api: { operation: 'StopLogging' },
    src_endpoint: { ip: '203.0.113.10' },
  },
  signals: fires
    ? [
        {
          rule: { id: 'rule-1', title: 'Logging stopped', level: 'high' },
          decision: 'warn',
          techniques: ['T1685.002'],
          window: 3_600_000,
          group: { principal },
        },
      ]
    : [],
});

function ports(wrap: (tables: Tables) => Tables = (tables) => tables) {
  const memory = memoryPorts();
  const tables = wrap(memory.tables);
  const [alerts, suppressed] = [new AlertStore(tables), new SuppressedStore(tables)];
  const findings = new FindingStore(tables);
  return { ...memory, tables, alerts, suppressed, findings, timeline: timelineStore(tables) };
}
type Commit = (tables: Tables, ...call: Parameters<Tables['commit']>) => Promise<void>;

/** Tables with another way of writing. */
const withCommit =
  (commit: Commit) =>
  (tables: Tables): Tables => ({
    get: (...call) => tables.get(...call),
    query: (...call) => tables.query(...call),
    list: (...call) => tables.list(...call),
    drop: (...call) => tables.drop(...call),
    commit: (...call) => commit(tables, ...call),
  });

const batch = (...events: StoredEvent[]) => events.map((one, at) => delivery(encodeEvent(one), at, 'timeline'));
const stored = async ({ timeline }: ReturnType<typeof ports>) =>
  (await timeline.byEntity(principal, { order: 'oldest', limit: 100 })).events.map(({ recordId }) => recordId);

/** What both functions on the hub do with a batch. */
async function handle(deliveries: readonly Delivery[], all: ReturnType<typeof ports>): Promise<void> {
  await correlate(deliveries, all);
  await storeEvents(deliveries, all);
}

describe('correlate and storeEvents', () => {
  it('stores events and raises one alert for signals that belong together', async () => {
    const all = ports();
    await handle(batch(event(1), event(2), event(3, false)), all);
    expect(await stored(all)).toEqual(['1', '2', '3']);
    expect(await Array.fromAsync(all.alerts.list())).toMatchObject([{ count: 2, principals: [principal] }]);
    expect(all.queues.sent(ALERT_QUEUE)).toHaveLength(1);
  });

  it('changes nothing when a batch is delivered again, in whatever pieces', async () => {
    const all = ports();
    const events = batch(event(1), event(2), event(3));
    await handle(events, all);
    await handle(events.slice(1), all);
    await handle(events, all);
    expect(await stored(all)).toEqual(['1', '2', '3']);
    expect(await Array.fromAsync(all.alerts.list())).toMatchObject([{ count: 3 }]);
    expect(all.metrics.total('alerts')).toBe(1);
  });

  it('dead-letters a message that is no event, and what storage refuses for good, and goes on with the rest', async () => {
    const refusing = withCommit(async (tables, table, partition, writes) => {
      if (table === 'timeline203101') throw Object.assign(new Error('the entity is too large'), { statusCode: 413 });
      await tables.commit(table, partition, writes);
    });
    const all = ports(refusing);
    const bad = { ...event(2), time: Date.UTC(2031, 0, 1) };
    await handle([...batch(event(1), bad, event(3)), delivery('{}', 9, 'timeline')], all);
    const letters = await Array.fromAsync(listDeadLetters(all.blobs));
    expect(letters.map(({ origin, reason }) => [origin.sequenceNumber, reason])).toEqual([
      [1, 'the entity is too large'],
      [9, expect.stringContaining('event')],
    ]);
    expect(await stored(all)).toEqual(['1', '3']);
  });

  it('fails as a whole when storage is away, so that the batch comes again', async () => {
    const away = withCommit(() => Promise.reject(Object.assign(new Error('busy'), { statusCode: 503 })));
    await expect(handle(batch(event(1)), ports(away))).rejects.toThrow('busy');
  });
});

describe('what an exception suppresses', () => {
  const suppressedBy = (exception: string, one: StoredEvent): StoredEvent => ({
    ...one,
    signals: one.signals.map((signal) => ({ ...signal, suppressed: { exception } })),
  });
  const kept = async ({ suppressed }: ReturnType<typeof ports>) =>
    (await Array.fromAsync(suppressed.list())).map(({ exception, event: { recordId } }) => [exception, recordId]);

  it('is kept, counted and on the timeline, and raises no alert', async () => {
    const all = ports();
    await handle(batch(suppressedBy('a', event(1)), event(2), suppressedBy('b', event(3))), all);
    expect(await Array.fromAsync(all.alerts.list())).toMatchObject([{ count: 1 }]);
    expect(await kept(all)).toEqual([
      ['b', '3'],
      ['a', '1'],
    ]);
    expect(all.metrics.total('suppressed', { exception: 'a' })).toBe(1);
    expect(all.metrics.total('signals')).toBe(1);
    const { events } = await all.timeline.byEntity(principal, { order: 'oldest', limit: 10 });
    expect(events.map(({ signals }) => signals[0]?.suppressed?.exception)).toEqual(['a', undefined, 'b']);
  });

  it('raises its alert where the record was read again after the exception had expired', async () => {
    const all = ports();
    await handle(batch(suppressedBy('a', event(1))), all);
    await handle(batch(event(1)), all);
    expect(await Array.fromAsync(all.alerts.list())).toMatchObject([{ count: 1 }]);
    expect(await kept(all)).toEqual([['a', '1']]);
  });

  it('is the same under redelivery in any order and pieces, as are the alerts', async () => {
    const events = Array.from({ length: 12 }, (_, id) =>
      id % 3 === 0 ? event(id) : suppressedBy(`e${id % 2}`, event(id)),
    );
    const outcome = async (all: ReturnType<typeof ports>) => {
      const alerts = await Array.fromAsync(all.alerts.list());
      return { alerts, rows: await Array.fromAsync(all.suppressed.list()), counted: all.metrics.total('suppressed') };
    };
    const once = ports();
    await correlate(batch(...events), once);
    const expected = await outcome(once);
    expect([expected.rows.length, expected.counted, expected.alerts.length]).toEqual([8, 8, 1]);
    const pieces = fc.array(fc.shuffledSubarray(events, { minLength: 1 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.shuffledSubarray(events, { minLength: events.length }), async (some, whole) => {
        const all = ports();
        for (const piece of [...some, whole]) await correlate(batch(...piece), all);
        expect(await outcome(all)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});

describe('notify', () => {
  it('tells of an alert once, however often it is announced', async () => {
    const all = ports();
    const told: string[] = [];
    await correlate(batch(event(1)), all);
    const [id = ''] = all.queues.sent(ALERT_QUEUE);
    const notifier = { notify: async (alert: { id: string }) => void told.push(alert.id) };
    await notify(id, { ...all, notifier });
    await notify(id, { ...all, notifier });
    await notify('alert-of-nobody', { ...all, notifier });
    expect(told).toEqual([id]);
  });

  it('tells of an alert that is only counted once it has escalated, and once', async () => {
    const all = ports();
    const told: unknown[] = [];
    const notifier = { notify: async ({ count, decision }: Alert) => void told.push([count, decision]) };
    const counted = (id: number): StoredEvent => {
      const { signals, ...rest } = event(id);
      const escalate = { count: 3, decision: 'warn' } as const;
      return { ...rest, signals: signals.map((signal) => ({ ...signal, decision: 'monitor', escalate })) };
    };
    await correlate(batch(counted(1), counted(2)), all);
    expect(all.queues.sent(ALERT_QUEUE)).toEqual([]);
    const [alert] = await Array.fromAsync(all.alerts.list());
    expect(alert).toMatchObject({ count: 2, decision: 'monitor', notified: false });
    // Announced by somebody else all the same: nobody is told, and nothing is noted that would keep it silent later.
    await notify(alert?.id ?? '', { ...all, notifier });
    expect(told).toEqual([]);

    await correlate(batch(counted(2), counted(3), counted(4)), all);
    await correlate(batch(counted(3), counted(5)), all);
    for (const id of all.queues.sent(ALERT_QUEUE)) await notify(id, { ...all, notifier });
    expect(told).toEqual([[5, 'warn']]);
  });

  it('tells again when telling failed', async () => {
    const all = ports();
    await correlate(batch(event(1)), all);
    const [id = ''] = all.queues.sent(ALERT_QUEUE);
    const failing = { notify: () => Promise.reject(new Error('the pager is away')) };
    await expect(notify(id, { ...all, notifier: failing })).rejects.toThrow('the pager is away');
    const told: string[] = [];
    await notify(id, { ...all, notifier: { notify: async (alert) => void told.push(alert.id) } });
    expect(told).toEqual([id]);
  });
});

describe('what is to be joined with other events', () => {
  const sent = ({ hubs }: ReturnType<typeof ports>) =>
    (hubs.sent.get(CORRELATION_HUB) ?? []).map(({ body }) => decodeObservation(body).recordId);

  it('goes on to its hub, under one key: of one partition, whatever the principal', async () => {
    const all = ports();
    await correlate(batch(event(1), event(2, false), { ...event(3), principal: 'upn:ben@contoso.example' }), all);
    expect(sent(all)).toEqual(['1', '3']);
    const keys = (all.hubs.sent.get(CORRELATION_HUB) ?? []).map(({ key }) => key);
    expect(new Set(keys)).toEqual(new Set([CORRELATION_HUB]));
    expect(all.metrics.total('observed')).toBe(2);
  });

  it('is sent again with the batch where sending failed, though its alerts were raised', async () => {
    const all = ports();
    const failing = { ...all, hubs: { send: () => Promise.reject(new Error('away')), close: () => Promise.resolve() } };
    await expect(correlate(batch(event(1), linking(2)), failing)).rejects.toThrow('away');
    expect(await Array.fromAsync(all.alerts.list())).toMatchObject([{ count: 1 }]);
    await correlate(batch(event(1), linking(2)), all);
    expect(sent(all)).toEqual(['1', '2']);
    expect(await Array.fromAsync(all.alerts.list())).toMatchObject([{ count: 1 }]);
  });

  it('leaves out links that arrived before', async () => {
    const all = ports();
    await correlate(batch(linking(1)), all);
    await correlate(batch(linking(2)), all);
    expect(sent(all)).toEqual(['1']);
  });

  /** An event on which nothing fired, and which says whose an access key is. */
  function linking(id: number): StoredEvent {
    const user = { kind: 'user', key: 'aws-id:AIDAEXAMPLE000000000', part: 'actor' } as const;
    const key = { kind: 'access-key', key: 'aws-key:AKIAEXAMPLE000000000', part: 'credential' } as const;
    return { ...event(id, false), principal: user.key, entities: [user, key] };
  }
});
