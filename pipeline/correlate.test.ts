import { describe, expect, it } from 'vitest';
import type { Delivery } from './delivery.ts';
import { delivery, memoryPorts } from '../test/memory-ports.ts';
import type { Tables } from '../platform/storage/ports.ts';
import { ALERT_QUEUE, correlate } from './correlate.ts';
import { storeEvents } from './store-events.ts';
import { listDeadLetters } from './dead-letters.ts';
import { AlertStore } from './incidents/alert-store.ts';
import { notify } from './routing/notify.ts';
import { encodeEvent, type StoredEvent } from './timeline/codec.ts';
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
  return { ...memory, tables, alerts: new AlertStore(tables), timeline: timelineStore(tables) };
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
