import { describe, expect, it } from 'vitest';
import type { Signal } from '../../timeline/signal.ts';
import { correlated, correlationOf } from './correlation-samples.ts';
import { StandingSignals } from './standing-signals.ts';

const signal = (id: string, more: Partial<Signal> = {}): Signal => ({
  rule: { id, title: id, level: 'high' },
  decision: 'warn',
  techniques: [],
  window: 3_600_000,
  group: {},
  ...more,
});
const SECTION = {
  type: 'value_count',
  rules: ['named', 'also named'],
  timespan: '1h',
  'group-by': ['principal'],
  condition: { field: 'ip', gte: 2 },
};
const FIELDS = { ip: '203.0.113.10', other: 'x' };
const standing = (signals: readonly Signal[], generate = false) =>
  new StandingSignals(correlated(correlationOf({ ...SECTION, generate }))).of({ fields: FIELDS }, signals);

describe('StandingSignals', () => {
  it('takes of rules that are there for stateful rules what these need, and holds their signals back', () => {
    const [named, other] = [signal('named'), signal('other')];
    expect(standing([named, other])).toEqual({
      signals: [other],
      matches: [{ rule: 'named', values: { ip: ['203.0.113.10'] } }],
    });
  });

  it('leaves signals of rules that are to raise alerts of their own beside', () => {
    const { signals, matches } = standing([signal('named')], true);
    expect(signals).toEqual([signal('named')]);
    expect(matches).toHaveLength(1);
  });

  it('takes nothing of what an exception suppresses, and leaves it to be told as suppressed', () => {
    const suppressed = signal('named', { suppressed: { exception: 'nightly' } });
    expect(standing([suppressed])).toEqual({ signals: [suppressed], matches: [] });
    const { signals, matches } = standing([suppressed, signal('also named')]);
    expect(signals).toEqual([suppressed]);
    expect(matches).toMatchObject([{ rule: 'also named' }]);
  });

  it('takes nothing where no stateful rule names what fired', () => {
    const signals = [signal('other')];
    expect(standing(signals)).toEqual({ signals, matches: [] });
    expect(new StandingSignals({ rules: [], correlations: [] }).of({ fields: FIELDS }, signals)).toEqual({
      signals,
      matches: [],
    });
  });
});
