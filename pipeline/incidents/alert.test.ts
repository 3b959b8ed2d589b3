import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision, Escalation, Signal } from '../timeline/signal.ts';
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

describe('the decision of an alert', () => {
  const decided = (time: number, decision: Decision, escalate?: Escalation): RaisedSignal => {
    const one = raised(time);
    return { ...one, signal: { ...one.signal, decision, ...(escalate && { escalate }) } };
  };
  const after = (signals: readonly RaisedSignal[]): Alert | undefined =>
    signals.reduce<Alert | undefined>(withSignal, undefined);
  const times = (count: number, decision: Decision, escalate?: Escalation) =>
    Array.from({ length: count }, (_, time) => decided(time, decision, escalate));

  it.each([
    [1, 'monitor'],
    [2, 'monitor'],
    [3, 'block'],
    [4, 'block'],
  ] as const)('of what is counted is decided anew at the count, after %i of 3: %s', (count, decision) => {
    const escalate = { count: 3, decision: 'block' } as const;
    expect(after(times(count, 'monitor', escalate))).toMatchObject({ count, decision, escalate });
  });

  it('stays where nothing escalates', () => {
    expect(after(times(200, 'monitor'))).toMatchObject({ decision: 'monitor', count: 200 });
    expect(after(times(200, 'monitor'))).not.toHaveProperty('escalate');
    expect(after(times(2, 'warn'))?.decision).toBe('warn');
  });

  it('counts from the smallest count, and asks the most, of rules that were changed within the window', () => {
    const changed = [
      decided(0, 'monitor', { count: 2, decision: 'warn' }),
      decided(1, 'monitor', { count: 9, decision: 'block' }),
    ];
    expect(after(changed)).toMatchObject({ decision: 'block', escalate: { count: 2, decision: 'block' } });
  });

  it('is the same in any order of arrival, and never taken back', () => {
    const escalation = fc.record({
      count: fc.integer({ min: 2, max: 12 }),
      decision: fc.constantFrom('warn', 'block'),
    });
    const kind = fc.oneof(
      { weight: 6, arbitrary: escalation.map((escalate) => ['monitor', escalate] as const) },
      fc.constantFrom(['monitor', undefined] as const, ['warn', undefined] as const, ['block', undefined] as const),
    );
    const RANK = { monitor: 0, warn: 1, block: 2 };
    fc.assert(
      fc.property(fc.array(kind, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat()), (kinds, random) => {
        const signals = kinds.map(([decision, escalate], time) => decided(time, decision, escalate));
        const shuffled = signals
          .map((signal) => [random.next().value, signal] as const)
          .sort(([a], [b]) => a - b)
          .map(([, signal]) => signal);
        expect(after(shuffled)).toEqual(after(signals));
        const steps = shuffled.map((_, at) => RANK[after(shuffled.slice(0, at + 1))?.decision ?? 'monitor']);
        expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      }),
    );
  });
});
