import { describe, expect, it } from 'vitest';
import type { SourceId } from '../../../timeline/event.ts';
import { foundIn, HOUR, MINUTE, statesOf, type Sample } from './typed-samples.ts';

const SECTION = { type: 'sequence', rules: ['x', 'y', 'z'], timespan: '1h' };
const make = statesOf(SECTION);

/** Rules that match, each as one event, at minutes: `x0 y5`. Events are called a, b, c… */
function steps(text: string): Sample[] {
  return text.split(' ').map((step, index) => ({
    id: String.fromCharCode(97 + index),
    rule: step.slice(0, 1),
    at: Number(step.slice(1)) * MINUTE,
  }));
}

const found = (text: string, makeGroup = make): string[] => foundIn(makeGroup, steps(text)).map(([, ids]) => ids);

describe('sequence', () => {
  it('tells of steps in order, within the timespan', () => {
    expect(foundIn(make, steps('x0 y5 z10'))).toEqual([[10 * MINUTE, 'abc']]);
    expect(found('x0 z5 y10')).toEqual([]);
    expect(found('x0 y5')).toEqual([]);
    expect(found('x0 y5 z60')).toEqual(['abc']);
    expect(found('x0 y5 z61')).toEqual([]);
  });

  it('takes the steps that began last, and of these the first', () => {
    expect(found('x0 x1 y5 y6 z10')).toEqual(['bce']);
    expect(found('x0 y1 x2 z10')).toEqual(['abd']);
    expect(found('x0 y1 x50 y55 z70')).toEqual(['cde']);
    expect(found('x0 y1 x2 z50')).toEqual(['abd']);
  });

  it('makes one finding of what ends within one window of deduplication', () => {
    expect(found('x0 y1 z2 z3')).toEqual(['abcd']);
    expect(found('x50 y55 z59 z60')).toEqual(['abc', 'abd']);
  });

  it('asks that no two steps are further apart than the gap', () => {
    const gap = statesOf({ ...SECTION, condition: { gap: '10m' } });
    expect(found('x0 y10 z20', gap)).toEqual(['abc']);
    expect(found('x0 y11 z20', gap)).toEqual([]);
    expect(found('x0 y10 z21', gap)).toEqual([]);
    expect(found('x0 x9 y10 y19 z25', gap)).toEqual(['bde']);
    expect(found('x0 y9 y15 z25', gap)).toEqual([]);
  });

  it('asks for as many different sources as the rule says', () => {
    const wide = statesOf({ ...SECTION, condition: { sources: 2 } });
    const inSources = (text: string, sources: readonly SourceId[]) =>
      foundIn(
        wide,
        steps(text).map((step, index) => ({ ...step, source: sources[index] ?? 'entra' })),
      ).map(([, ids]) => ids);
    expect(inSources('x0 y1 z2', [])).toEqual([]);
    expect(inSources('x0 y1 z2', ['cloudtrail'])).toEqual(['abc']);
    expect(inSources('x0 y1 z2', ['entra', 'entra', 'cloudtrail'])).toEqual(['abc']);
    // The nearer first step is in the same source as the others.
    expect(inSources('x0 x1 y2 z3', ['cloudtrail'])).toEqual(['acd']);
  });

  it('takes each step on another event; events of one time stand in whatever order suits', () => {
    const one = (...samples: readonly (readonly [id: string, rules: string, at?: number])[]) =>
      foundIn(
        make,
        samples.flatMap(([id, rules, at = 0]) => rules.split(' ').map((rule) => ({ id, rule, at }))),
      ).map(([, ids]) => ids);
    expect(one(['a', 'z'], ['b', 'y'], ['c', 'x'])).toEqual(['abc']);
    expect(one(['a', 'x y z'])).toEqual([]);
    expect(one(['a', 'x y z'], ['b', 'x y z'])).toEqual([]);
    expect(one(['a', 'x z'], ['b', 'y'])).toEqual([]);
    expect(one(['a', 'x y z'], ['b', 'x y z'], ['c', 'z', 1])).not.toEqual([]);
  });

  it('stays quick however many steps there are', () => {
    const many = Array.from({ length: 30_000 }, (_, index) => ({
      id: String(index).padStart(6, '0'),
      rule: 'xy'[index % 2] ?? 'x',
      at: Math.floor((index / 30_000) * HOUR),
      source: (['entra', 'cloudtrail', 'aks-audit'] as const)[index % 3],
    }));
    const wide = statesOf({ ...SECTION, condition: { sources: 3, gap: '1m' } });
    const before = performance.now();
    expect(foundIn(wide, [...many, { id: 'z', rule: 'z', at: HOUR, source: 'azure-activity' }])).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
