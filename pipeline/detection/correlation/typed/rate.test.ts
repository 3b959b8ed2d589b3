import { describe, expect, it } from 'vitest';
import { DAY, foundIn, HOUR, MINUTE, pointOf, shownOf, START, statesOf, type Sample } from './typed-samples.ts';

const SECTION = {
  type: 'rate',
  rules: ['r'],
  timespan: '1h',
  condition: { factor: 3, 'at-least': 5, learning: '2d' },
};
const make = statesOf(SECTION);

/** So many matches in an hour, a minute apart. */
const hour = (at: number, count: number, id = '.'): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${id}${index}`, at: at * HOUR + index * MINUTE }));

/** Two matches in each hour. */
const ordinary = (hours: number, from = 0): Sample[] =>
  Array.from({ length: hours }, (_, at) => hour(from + at, 2, `-${from + at}.`)).flat();

describe('rate', () => {
  it('tells when a bucket has so many times what the busiest had', () => {
    expect(foundIn(make, [...ordinary(60), ...hour(60, 5, 'x')])).toEqual([]);
    expect(foundIn(make, [...ordinary(60), ...hour(60, 6, 'x')])).toEqual([[60 * HOUR + 5 * MINUTE, 'x0x1x2x3x4x5']]);
    expect(foundIn(make, [...ordinary(60), ...hour(60, 7, 'x')])).toEqual([[60 * HOUR + 5 * MINUTE, 'x0x1x2x3x4x5x6']]);
  });

  it('asks for as many as the rule says at least', () => {
    const single = ordinary(60).filter((_, index) => index % 2 === 0);
    expect(foundIn(make, [...single, ...hour(60, 4, 'x')])).toEqual([]);
    expect(foundIn(make, [...single, ...hour(60, 5, 'x')])).toEqual([[60 * HOUR + 4 * MINUTE, 'x0x1x2x3x4']]);
  });

  it('learns first', () => {
    expect(foundIn(make, [...ordinary(47, 1), ...hour(48, 9, 'x')])).toEqual([]);
    expect(foundIn(make, [...ordinary(48, 0), ...hour(48, 9, 'x')])).toHaveLength(1);
  });

  it('compares with the time of learning, not with what was before', () => {
    const busy = [...hour(2, 30, 'b'), ...ordinary(90)];
    expect(foundIn(make, [...busy, ...hour(50, 9, 'x')])).toEqual([]);
    expect(foundIn(make, [...busy, ...hour(51, 9, 'x')])).toHaveLength(1);
  });

  it('is told once all has come that it is compared with', () => {
    const group = make();
    for (const sample of [...ordinary(60), ...hour(60, 6, 'x')]) group.add(pointOf(sample));
    expect(shownOf(group, 60 * HOUR - 1)).toEqual([]);
    expect(group.awaits).toBe(START + 60 * HOUR);
    expect(shownOf(group, 60 * HOUR)).toHaveLength(1);
    expect(group.awaits).toBeUndefined();
    group.add(pointOf({ id: 'late', at: 59 * HOUR }));
    expect(shownOf(group)).toEqual([]);
  });

  it('keeps of what it forgets how many there were', () => {
    const group = make();
    for (const sample of [...ordinary(60), ...hour(59.5, 1, 'more')]) group.add(pointOf(sample));
    group.forget(START + 61 * HOUR);
    const restored = make();
    restored.restore?.(group.summary?.() ?? {});
    for (const state of [group, restored]) {
      for (const sample of [...ordinary(60), ...hour(60, 9, 'x')]) state.add(pointOf(sample));
      expect(shownOf(state)).toEqual([[60 * HOUR + 8 * MINUTE, 'x0x1x2x3x4x5x6x7x8']]);
    }
    group.forget(START + 9 * DAY);
    expect(group.size).toBe(0);
  });
});
