import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { AlertStore } from './alert-store.ts';
import { StatefulAlerts, type StatefulAlert } from './stateful-alerts.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 20, 12);

const stateful = (events: readonly number[], more: Partial<StatefulAlert> = {}): StatefulAlert => ({
  alert: {
    id: 'alert-1',
    rule: { id: 'spray', title: 'Password spray', level: 'high' },
    severity: 'high',
    decision: 'warn',
    techniques: ['T1110.003'],
    principals: ['upn:mara@contoso.example'],
    group: {},
    count: events.length,
    firstSeen: START,
    lastSeen: START + HOUR,
  },
  start: START,
  events: events.map((n) => ({
    id: `entra/${n}`,
    recordId: `record-${n}`,
    time: START + n,
    principal: 'upn:mara@contoso.example',
  })),
  replaces: [],
  ...more,
});

function stores() {
  const { tables } = memoryStorage();
  return { alerts: new AlertStore(tables), stateful: new StatefulAlerts(tables) };
}

describe('StatefulAlerts', () => {
  it('writes an alert as others are kept, and again with the events that it has by then', async () => {
    const { alerts, stateful: store } = stores();
    expect(await store.write(stateful([1, 2, 3]), 1)).toMatchObject({ id: 'alert-1', notified: false });
    await store.write(stateful([2, 3, 4, 5]), 2);
    expect(await alerts.get('alert-1')).toMatchObject({ count: 4, notified: false });
    expect(await alerts.eventIds('alert-1')).toEqual(['record-2', 'record-3', 'record-4', 'record-5']);
    expect(await Array.fromAsync(alerts.list())).toHaveLength(1);
  });

  it('keeps an alert on principals whose names fill more than a cell, and one with fewer after it', async () => {
    const { alerts, stateful: store } = stores();
    const { alert } = stateful([1]);
    const principals = Array.from({ length: 50 }, (_, n) => `upn:${n}${'"'.repeat(500)}`);
    await store.write(stateful([1, 2], { alert: { ...alert, principals } }), 1);
    expect((await alerts.get('alert-1'))?.principals).toEqual(principals);
    await store.write(stateful([1]), 2);
    expect((await alerts.get('alert-1'))?.principals).toEqual(alert.principals);
    await store.write(stateful([1, 2], { alert: { ...alert, principals } }), 3);
    await store.withdraw('alert-1', 4);
    expect(await alerts.get('alert-1')).toBeUndefined();
  });

  it('keeps more events than one transaction takes', async () => {
    const { alerts, stateful: store } = stores();
    await store.write(stateful(Array.from({ length: 320 }, (_, n) => n)), 1);
    expect(await alerts.eventIds('alert-1')).toHaveLength(320);
    await store.write(stateful([7]), 2);
    expect(await alerts.eventIds('alert-1')).toEqual(['record-7']);
  });

  it('remembers that somebody was told, also of the alert whose place it takes', async () => {
    const { alerts, stateful: store } = stores();
    await store.write(stateful([1]), 1);
    await alerts.markNotified('alert-1');
    expect(await store.write(stateful([1, 2]), 2)).toMatchObject({ notified: true });
    const later = stateful([2, 3], { replaces: ['alert-1'] });
    await store.withdraw('alert-1', 3);
    expect(await store.write({ ...later, alert: { ...later.alert, id: 'alert-2' } }, 3)).toMatchObject({
      notified: true,
    });
    expect((await Array.fromAsync(alerts.list())).map(({ id }) => id)).toEqual(['alert-2']);
  });

  it('ends with what the newest revision says, in whatever order they are written', async () => {
    const revisions = fc.array(fc.option(fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 8 })), {
      minLength: 1,
      maxLength: 6,
    });
    const order = (count: number) =>
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, n) => n),
        { minLength: count },
      );
    await fc.assert(
      fc.asyncProperty(
        revisions.chain((all) => fc.tuple(fc.constant(all), order(all.length))),
        async ([all, written]) => {
          const { alerts, stateful: store } = stores();
          for (const revision of written) {
            const events = all[revision];
            if (events) await store.write(stateful(events.toSorted((a, b) => a - b)), revision);
            else await store.withdraw('alert-1', revision);
          }
          const last = all.at(-1);
          if (last) {
            expect(await alerts.get('alert-1')).toMatchObject({ count: last.length });
            expect(await alerts.eventIds('alert-1')).toEqual(last.toSorted((a, b) => a - b).map((n) => `record-${n}`));
          } else expect(await alerts.get('alert-1')).toBeUndefined();
        },
      ),
    );
  });
});
