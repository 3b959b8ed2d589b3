import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultyStorage, InjectedFault } from '../../platform/storage/faults.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Signal } from '../timeline/signal.ts';
import { AlertStore } from './alert-store.ts';
import { alertId, withSignal, type Alert, type RaisedSignal } from './alert.ts';

const HOUR = 3_600_000;

const raised = (event: number, group: string, time = event * 1000): RaisedSignal => {
  const signal: Signal = {
    rule: { id: 'rule-1', title: 'Logging stopped', level: 'high' },
    decision: 'warn',
    techniques: ['T1685.002'],
    window: HOUR,
    group: { trail: group },
  };
  return { signal, event: { id: `cloudtrail/${event}`, recordId: `record-${event}`, time, principal: 'aws:arn' } };
};

describe('AlertStore', () => {
  it('creates an alert with its first signal and counts further ones', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const first = raised(1, 'a');
    expect(await store.raise([first])).toEqual({ unannounced: [alertId(first)], created: 1 });
    expect(await store.raise([raised(2, 'a'), raised(3, 'a')])).toEqual({ unannounced: [alertId(first)], created: 0 });
    expect(await store.get(alertId(first))).toMatchObject({
      count: 3,
      firstSeen: 1000,
      lastSeen: 3000,
      notified: false,
    });
    expect(await store.eventIds(alertId(first))).toEqual(['record-1', 'record-2', 'record-3']);
  });

  it('keeps an alert on fifty principals whose names are as long as JSON can make them', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const hostile = Array.from({ length: 60 }, (_, n): RaisedSignal => {
      const one = raised(n, 'a');
      return { ...one, event: { ...one.event, principal: `upn:${n}${'"\\\u0001'.repeat(169)}` } };
    });
    await store.raise(hostile.slice(0, 30));
    await store.raise(hostile.slice(30));
    const kept = await store.get(alertId(raised(0, 'a')));
    expect(kept).toMatchObject({ count: 60, notified: false });
    expect(kept?.principals).toHaveLength(50);
    expect(JSON.stringify(kept).length).toBeGreaterThan(2 * 32 * 1024);
  });

  it('announces until somebody was told, and not after', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const id = alertId(raised(1, 'a'));
    await store.raise([raised(1, 'a')]);
    expect((await store.raise([raised(1, 'a')])).unannounced).toEqual([id]);
    await store.markNotified(id);
    expect((await store.raise([raised(1, 'a'), raised(2, 'a')])).unannounced).toEqual([]);
    expect(await store.get(id)).toMatchObject({ count: 2, notified: true });
  });

  it('announces what is only counted from the event on that escalates it, until somebody was told', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const counted = (event: number): RaisedSignal => {
      const one = raised(event, 'a');
      return { ...one, signal: { ...one.signal, decision: 'monitor', escalate: { count: 3, decision: 'warn' } } };
    };
    const id = alertId(counted(1));
    expect(await store.raise([counted(1), counted(2)])).toEqual({ unannounced: [], created: 1 });
    expect(await store.raise([counted(1), counted(2)])).toEqual({ unannounced: [], created: 0 });
    expect(await store.get(id)).toMatchObject({ count: 2, decision: 'monitor', escalate: { count: 3 } });
    expect((await store.raise([counted(3)])).unannounced).toEqual([id]);
    // Whoever was to tell may have died before: met again, it is announced again.
    expect((await store.raise([counted(3)])).unannounced).toEqual([id]);
    expect(await store.get(id)).toMatchObject({ count: 3, decision: 'warn', notified: false });
    await store.markNotified(id);
    expect((await store.raise([counted(3), counted(4)])).unannounced).toEqual([]);
    expect(await store.get(id)).toMatchObject({ count: 4, decision: 'warn', notified: true });
  });

  it('announces an alert that escalates within one batch of several transactions', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const signals = Array.from({ length: 250 }, (_, event): RaisedSignal => {
      const one = raised(event, 'a');
      return { ...one, signal: { ...one.signal, decision: 'monitor', escalate: { count: 250, decision: 'block' } } };
    });
    expect((await store.raise(signals.slice(1))).unannounced).toEqual([]);
    expect((await store.raise(signals)).unannounced).toHaveLength(1);
  });

  it('takes more events than one transaction holds', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const signals = Array.from({ length: 250 }, (_, event) => raised(event, 'a'));
    expect(await store.raise(signals)).toMatchObject({ created: 1 });
    expect(await store.get(alertId(raised(0, 'a')))).toMatchObject({ count: 250 });
    expect(await store.eventIds(alertId(raised(0, 'a')))).toHaveLength(250);
  });

  it('lists alerts, those of the newest window first', async () => {
    const store = new AlertStore(memoryStorage().tables);
    const times = [0, 30 * HOUR, 2 * HOUR];
    await store.raise(times.map((time, event) => raised(event, 'a', time)));
    const listed = await Array.fromAsync(store.list());
    expect(listed.map(({ firstSeen }) => firstSeen)).toEqual([30 * HOUR, 2 * HOUR, 0]);
  });

  it('lets two instances write one alert at once without losing an event', async () => {
    const { tables } = memoryStorage();
    const stores = [new AlertStore(tables), new AlertStore(tables)] as const;
    const store = (event: number) => (event % 2 === 0 ? stores[0] : stores[1]);
    await Promise.all(
      Array.from({ length: 30 }, (_, event) => store(event).raise([raised(event, 'a'), raised(event + 1, 'a')])),
    );
    expect(await new AlertStore(tables).get(alertId(raised(0, 'a')))).toMatchObject({ count: 31 });
  });

  it('counts every event once under redelivery in any pieces, with failures before and after any write', async () => {
    const piece = fc.tuple(fc.nat(29), fc.integer({ min: 1, max: 12 }));
    const scenario = fc.record({
      groups: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 30, maxLength: 30 }),
      pieces: fc.array(piece, { maxLength: 10 }),
      faults: fc.array(fc.constantFrom('before' as const, 'after' as const, undefined), { maxLength: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ groups, pieces, faults }) => {
        const all = groups.map((group, event) => raised(event, group));
        const storage = memoryStorage();
        const left = [...faults];
        const store = new AlertStore(faultyStorage(storage, () => left.shift()).tables);
        const untilDone = async (signals: readonly RaisedSignal[]) => {
          for (;;) {
            try {
              await store.raise(signals);
              return;
            } catch (error) {
              if (!(error instanceof InjectedFault)) throw error;
            }
          }
        };
        for (const [from, length] of pieces) await untilDone(all.slice(from, from + length));
        await untilDone(all);
        const kept = await Array.fromAsync(new AlertStore(storage.tables).list());
        const expected = [...Map.groupBy(all, alertId).values()].map((signals) =>
          signals.reduce<Alert | undefined>(withSignal, undefined),
        );
        const byId = (alerts: readonly (Alert | undefined)[]) => new Map(alerts.map((alert) => [alert?.id, alert]));
        expect(byId(kept.map(({ notified: _, ...alert }) => alert))).toEqual(byId(expected));
      }),
      { numRuns: 60 },
    );
  });
});
