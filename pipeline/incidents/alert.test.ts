import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../timeline/signal.ts';
import { alertId, MAX_PRINCIPALS, windowStart, withSignal, type Alert, type RaisedSignal } from './alert.ts';

const HOUR = 3_600_000;

const raised = (
  time: number,
  principal = 'upn:mara@contoso.example',
  group: Record<string, string> = { principal },
): RaisedSignal => {
  const signal: Signal = {
    rule: { id: 'rule-1', title: 'Logging stopped', level: 'high' },
    decision: 'warn',
    techniques: ['T1685.002'],
    window: HOUR,
    group,
  };
  return { signal, event: { id: `cloudtrail/${time}/${principal}`, recordId: String(time), time, principal } };
};

describe('alertId', () => {
  it('is one for one group within a window, whatever the order of its names', () => {
    expect(alertId(raised(10, 'p', { a: '1', b: '2' }))).toBe(alertId(raised(HOUR - 1, 'p', { b: '2', a: '1' })));
  });

  it('differs by group, by window and by rule', () => {
    const other = raised(10);
    const ids = [
      raised(10),
      raised(10, 'q'),
      raised(HOUR),
      { ...other, signal: { ...other.signal, rule: { ...other.signal.rule, id: 'rule-2' } } },
    ].map(alertId);
    expect(new Set(ids).size).toBe(4);
  });

  it('never reads as JSON, so that a queue hands it over as it is', () => {
    expect(alertId(raised(10))).toMatch(/^alert-[0-9a-f]{32}$/);
  });
});

describe('windowStart', () => {
  it('lies on the grid of event time', () => {
    expect(windowStart(raised(2 * HOUR + 5))).toBe(2 * HOUR);
  });
});

describe('withSignal', () => {
  it('gives the same alert in any order of arrival', () => {
    const signals = fc.uniqueArray(fc.tuple(fc.nat(HOUR - 1), fc.nat(80)), {
      minLength: 1,
      maxLength: 120,
      selector: String,
    });
    fc.assert(
      fc.property(signals, fc.infiniteStream(fc.nat()), (list, random) => {
        const all = list.map(([time, principal]) => raised(time, `p${principal}`, { trail: 't' }));
        const shuffled = all
          .map((signal) => [random.next().value, signal] as const)
          .sort(([a], [b]) => a - b)
          .map(([, signal]) => signal);
        const alert = shuffled.reduce<Alert | undefined>(withSignal, undefined);
        expect(alert).toEqual(all.reduce<Alert | undefined>(withSignal, undefined));
        expect(alert?.count).toBe(all.length);
        expect(alert?.firstSeen).toBe(Math.min(...list.map(([time]) => time)));
        expect(alert?.principals.length).toBeLessThanOrEqual(MAX_PRINCIPALS);
      }),
    );
  });
});
