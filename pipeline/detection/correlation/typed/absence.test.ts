import { describe, expect, it } from 'vitest';
import { DAY, foundIn, HOUR, MINUTE, pointOf, shownOf, START, statesOf, type Sample } from './typed-samples.ts';

const SECTION = { type: 'absence', rules: ['used', 'signed', 'renewed'], timespan: '1h' };
const used = (id: string, at: number): Sample => ({ id, at, rule: 'used' });
const signed = (id: string, at: number, rule = 'signed'): Sample => ({ id, at, rule });

describe('absence before', () => {
  const make = statesOf(SECTION);

  it('tells what happens without any of the others in the timespan before', () => {
    expect(foundIn(make, [used('a', HOUR)])).toEqual([[HOUR, 'a']]);
    expect(foundIn(make, [signed('s', 0), used('a', HOUR)])).toEqual([]);
    expect(foundIn(make, [signed('s', 0, 'renewed'), used('a', HOUR)])).toEqual([]);
    expect(foundIn(make, [signed('s', 0), used('a', HOUR + 1)])).toEqual([[HOUR + 1, 'a']]);
    expect(foundIn(make, [used('a', HOUR), signed('s', HOUR + 1)])).toEqual([[HOUR, 'a']]);
  });

  it('takes what happens at the same time, and on the same event, for there', () => {
    expect(foundIn(make, [used('a', HOUR), signed('s', HOUR)])).toEqual([]);
    expect(foundIn(make, [used('a', HOUR), signed('a', HOUR)])).toEqual([]);
  });

  it('waits until what would undo it must have come', () => {
    const group = make();
    group.add(pointOf(used('a', HOUR)));
    expect(shownOf(group, HOUR - 1)).toEqual([]);
    expect(group.awaits).toBe(START + HOUR);
    expect(shownOf(group, HOUR)).toEqual([[HOUR, 'a']]);
    group.add(pointOf(signed('s', HOUR / 2)));
    expect(shownOf(group, HOUR)).toEqual([]);
  });

  it('asks, where it learns, that what is missing was there before', () => {
    const learned = statesOf({ ...SECTION, condition: { learning: '7d' } });
    expect(foundIn(learned, [used('a', 8 * DAY)])).toEqual([]);
    expect(foundIn(learned, [signed('s', DAY), used('a', 8 * DAY)])).toEqual([[8 * DAY, 'a']]);
    expect(foundIn(learned, [signed('s', DAY - 1), used('a', 8 * DAY)])).toEqual([]);
    expect(foundIn(learned, [signed('s', 8 * DAY - HOUR), used('a', 8 * DAY)])).toEqual([]);
  });

  it('keeps of what it forgets when the others matched last', () => {
    const learned = statesOf({ ...SECTION, condition: { learning: '7d' } });
    const group = learned();
    group.add(pointOf(signed('s', 5 * MINUTE)));
    group.forget(START + HOUR);
    const restored = learned();
    restored.restore?.(group.summary?.() ?? {});
    for (const state of [group, restored]) {
      state.add(pointOf(used('a', HOUR)));
      state.add(pointOf(used('b', 2 * HOUR)));
      expect(shownOf(state)).toEqual([[2 * HOUR, 'b']]);
    }
    group.forget(START + 8 * DAY);
    expect(group.size).toBe(0);
  });
});

describe('absence after', () => {
  const make = statesOf({ ...SECTION, condition: { direction: 'after' } });

  it('tells when the time is over', () => {
    const group = make();
    group.add(pointOf(used('a', 0)));
    expect(shownOf(group, HOUR - 1)).toEqual([]);
    expect(group.awaits).toBe(START + HOUR);
    expect(shownOf(group, HOUR)).toEqual([[HOUR, 'a']]);
  });

  it('is answered by any of the others up to the end of the timespan', () => {
    expect(foundIn(make, [used('a', 0), signed('s', HOUR)])).toEqual([]);
    expect(foundIn(make, [used('a', 0), signed('s', HOUR, 'renewed')])).toEqual([]);
    expect(foundIn(make, [used('a', 0), signed('s', 0)])).toEqual([]);
    expect(foundIn(make, [used('a', 0), signed('s', HOUR + 1)])).toEqual([[HOUR, 'a']]);
    expect(foundIn(make, [signed('s', 0), used('a', 1)])).toEqual([[HOUR + 1, 'a']]);
    expect(foundIn(make, [used('a', 0), used('b', MINUTE), signed('s', HOUR), used('c', HOUR)])).toEqual([]);
    expect(
      foundIn(make, [used('a', 0), used('b', MINUTE), used('c', HOUR + MINUTE), signed('s', HOUR + MINUTE)]),
    ).toEqual([[HOUR, 'a']]);
  });

  it('is told though what it is about was to be forgotten meanwhile', () => {
    const group = make();
    group.add(pointOf(used('a', 0)));
    group.forget(START + HOUR / 2);
    expect(shownOf(group)).toEqual([[HOUR, 'a']]);
    group.forget(START + 2 * HOUR);
    expect([shownOf(group), group.size]).toEqual([[], 0]);
  });
});
