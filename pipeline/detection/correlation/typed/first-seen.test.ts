import { describe, expect, it } from 'vitest';
import { DAY, foundIn, HOUR, pointOf, shownOf, START, statesOf, type Sample } from './typed-samples.ts';

const SECTION = {
  type: 'first_seen',
  rules: ['r'],
  timespan: '30d',
  condition: { field: 'v', learning: '14d' },
};
const make = statesOf(SECTION);

/** One value a day, beginning with day 0. */
const daily = (days: number, v = 'home', from = 0): Sample[] =>
  Array.from({ length: days }, (_, day) => ({ id: `-${from + day}-`, at: (from + day) * DAY, v }));

describe('first_seen', () => {
  it('tells a value that the group did not have before', () => {
    const found = foundIn(make, [
      ...daily(16),
      { id: 'a', at: 16 * DAY, v: 'away' },
      { id: 'b', at: 17 * DAY, v: 'away' },
    ]);
    expect(found).toEqual([[16 * DAY, 'a']]);
  });

  it('learns first, from the first match of the group on', () => {
    const away = (day: number) => foundIn(make, [...daily(20), { id: 'a', at: day * DAY, v: 'away' }]);
    expect(away(13.9)).toEqual([]);
    expect(away(14)).toEqual([[14 * DAY, 'a']]);
  });

  it('forgets what was not met for as long as the timespan', () => {
    const again = (day: number) =>
      foundIn(make, [...daily(60), { id: 'a', at: 20 * DAY, v: 'away' }, { id: 'b', at: day * DAY, v: 'away' }]);
    expect(again(50)).toEqual([[20 * DAY, 'a']]);
    expect(again(50.1)).toEqual([
      [20 * DAY, 'a'],
      [50.1 * DAY, 'b'],
    ]);
  });

  it('learns anew where the group was away for longer than the timespan', () => {
    const late = { id: 'a', at: 47 * DAY, v: 'away' };
    expect(foundIn(make, [...daily(16), ...daily(2, 'home', 45), late])).toEqual([[47 * DAY, 'a']]);
    expect(foundIn(make, [...daily(16), ...daily(2, 'home', 45.1), late])).toEqual([]);
  });

  it('takes values without regard to case, each member of a list for one, and matches without a value for none', () => {
    const at = 16 * DAY;
    expect(foundIn(make, [...daily(16), { id: 'a', at, v: 'HOME' }])).toEqual([]);
    expect(foundIn(make, [...daily(16), { id: 'a', at, v: ['home', 'away'] }])).toEqual([[at, 'a']]);
    expect(foundIn(make, [...daily(16), { id: 'a', at }])).toEqual([]);
    expect(
      foundIn(make, [
        { id: 'a', at: 0 },
        { id: 'b', at, v: 'home' },
      ]),
    ).toEqual([]);
  });

  it('takes several fields for tuples', () => {
    const both = statesOf({ ...SECTION, condition: { field: ['v', 'v'], learning: '1d' } });
    expect(foundIn(both, [...daily(3), { id: 'a', at: 3 * DAY, v: 'away' }])).toEqual([[3 * DAY, 'a']]);
  });

  it('makes one finding of what is new within one window of deduplication', () => {
    const found = foundIn(make, [
      ...daily(16),
      { id: 'a', at: 16 * DAY, v: 'x' },
      { id: 'b', at: 16 * DAY, v: 'y' },
      { id: 'c', at: 16 * DAY + HOUR - 1, v: 'z' },
      { id: 'd', at: 16 * DAY + HOUR, v: 'w' },
    ]);
    expect(found).toEqual([
      [16 * DAY, 'abc'],
      [16 * DAY + HOUR, 'd'],
    ]);
  });

  it('tells nothing of a group in which everything is new', () => {
    const withValues = (count: number) => {
      const many = Array.from({ length: count }, (_, at) => ({ id: `v${at}`, at: at * 60_000, v: `value ${at}` }));
      return foundIn(make, [...many, { id: 'a', at: 20 * DAY, v: 'away' }]);
    };
    expect(withValues(999)).toEqual([[20 * DAY, 'a']]);
    expect(withValues(1000)).toEqual([]);
  });

  it('keeps of what it forgets what values there were, and since when the group is known', () => {
    const group = make();
    for (const sample of daily(40)) group.add(pointOf(sample));
    group.forget(START + 40 * DAY);
    expect(group.size).toBe(1);
    const restored = make();
    restored.restore?.(group.summary?.() ?? {});
    for (const state of [group, restored]) {
      state.add(pointOf({ id: 'a', at: 41 * DAY, v: 'home' }));
      state.add(pointOf({ id: 'b', at: 41 * DAY, v: 'away' }));
      expect(shownOf(state)).toEqual([[41 * DAY, 'b']]);
    }
    group.forget(START + 200 * DAY);
    expect(group.size).toBe(0);
    expect(group.summary?.()).toBeUndefined();
  });

  it('takes in what another group knew', () => {
    const [one, other] = [make(), make()];
    for (const sample of daily(40)) one.add(pointOf(sample));
    for (const sample of daily(5, 'office', 35)) other.add(pointOf(sample));
    for (const state of [one, other]) state.forget(START + 40 * DAY);
    other.restore?.(one.summary?.() ?? {});
    for (const [id, v] of [
      ['a', 'home'],
      ['b', 'office'],
      ['c', 'away'],
    ] as const) {
      other.add(pointOf({ id, at: 41 * DAY, v }));
    }
    expect(shownOf(other)).toEqual([[41 * DAY, 'c']]);
  });
});
