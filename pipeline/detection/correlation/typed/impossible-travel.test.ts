import { describe, expect, it } from 'vitest';
import { kilometresBetween } from './impossible-travel.ts';
import type { KnownNetwork } from './known-networks.ts';
import { DAY, foundIn, HOUR, pointOf, shownOf, START, statesOf } from './typed-samples.ts';

const SECTION = { type: 'impossible_travel', rules: ['r'], timespan: '1d' };
const STOCKHOLM = { ip: '203.0.113.24', latitude: 59.33, longitude: 18.07 };
const SYDNEY = { ip: '198.51.100.23', latitude: -33.87, longitude: 151.21 };
const UPPSALA = { ip: '203.0.113.90', latitude: 59.86, longitude: 17.64 };

describe('kilometresBetween', () => {
  it('measures on the surface of the Earth', () => {
    expect(kilometresBetween(STOCKHOLM, SYDNEY)).toBeCloseTo(15_600, -2);
    expect(kilometresBetween(SYDNEY, STOCKHOLM)).toBeCloseTo(15_600, -2);
    expect(kilometresBetween(STOCKHOLM, STOCKHOLM)).toBe(0);
    expect(kilometresBetween({ latitude: 0, longitude: 179.9 }, { latitude: 0, longitude: -179.9 })).toBeLessThan(30);
    expect(kilometresBetween({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 0 })).toBeCloseTo(20_015, -1);
  });
});

describe('impossible_travel', () => {
  const make = statesOf(SECTION);
  const between = (hours: number, makeGroup = make) =>
    foundIn(makeGroup, [
      { id: 'a', at: 0, from: STOCKHOLM },
      { id: 'b', at: hours * HOUR, from: SYDNEY },
    ]);

  it('tells of places that nobody travels between in the time', () => {
    expect(between(2)).toEqual([[2 * HOUR, 'ab']]);
    expect(between(17)).toEqual([[17 * HOUR, 'ab']]);
    expect(between(18)).toEqual([]);
    expect(between(0)).toEqual([[0, 'ab']]);
  });

  it('leaves out what is near: addresses are placed only roughly', () => {
    expect(
      foundIn(make, [
        { id: 'a', at: 0, from: STOCKHOLM },
        { id: 'b', at: 1000, from: UPPSALA },
      ]),
    ).toEqual([]);
  });

  it('takes speed and distance from the rule', () => {
    expect(between(18, statesOf({ ...SECTION, condition: { speed: 800 } }))).toEqual([[18 * HOUR, 'ab']]);
    expect(between(2, statesOf({ ...SECTION, condition: { distance: 16_000 } }))).toEqual([]);
  });

  it('compares only what is within the timespan', () => {
    const fast = statesOf({ ...SECTION, timespan: '1h', condition: { speed: 100 } });
    expect(between(1, fast)).toEqual([[HOUR, 'ab']]);
    expect(between(1.01, fast)).toEqual([]);
  });

  it('passes over events that tell no place', () => {
    expect(
      foundIn(make, [
        { id: 'a', at: 0, from: STOCKHOLM },
        { id: 'b', at: 1, from: { ip: '203.0.113.25' } },
        { id: 'c', at: 2 },
        { id: 'd', at: 3, from: { ...SYDNEY, longitude: undefined } },
        { id: 'e', at: HOUR, from: SYDNEY },
      ]),
    ).toEqual([[HOUR, 'ae']]);
  });

  it('makes one finding of journeys within one window of deduplication', () => {
    const there = (window: string) =>
      foundIn(statesOf(SECTION, { window }), [
        { id: 'a', at: 0, from: STOCKHOLM },
        { id: 'b', at: HOUR, from: SYDNEY },
        { id: 'c', at: 2 * HOUR, from: STOCKHOLM },
      ]);
    expect(there('1d')).toEqual([[HOUR, 'abc']]);
    expect(there('1h')).toEqual([
      [HOUR, 'ab'],
      [2 * HOUR, 'bc'],
    ]);
  });

  it('leaves out known egress networks, and takes the place of a network that is known', () => {
    const known = (networks: readonly KnownNetwork[]) => between(2, statesOf(SECTION, { networks }));
    expect(known([{ cidr: '198.51.100.0/24', egress: true }])).toEqual([]);
    expect(known([{ cidr: '198.51.100.0/24', latitude: 59.3, longitude: 18 }])).toEqual([]);
    expect(known([{ cidr: '198.51.100.0/24' }])).toEqual([[2 * HOUR, 'ab']]);
    expect(known([{ cidr: '192.0.2.0/24', egress: true }])).toEqual([[2 * HOUR, 'ab']]);
    expect(
      known([
        { cidr: '198.51.100.23/32', latitude: SYDNEY.latitude, longitude: SYDNEY.longitude },
        { cidr: '198.51.100.0/24', egress: true },
      ]),
    ).toEqual([[2 * HOUR, 'ab']]);
  });

  it('remembers the last place for as long as the timespan', () => {
    const group = make();
    group.add(pointOf({ id: 'a', at: DAY, from: STOCKHOLM }));
    group.forget(START + DAY + 3 * HOUR);
    group.add(pointOf({ id: 'b', at: DAY + 3 * HOUR, from: SYDNEY }));
    expect(shownOf(group)).toEqual([[DAY + 3 * HOUR, 'ab']]);
    group.forget(START + 3 * DAY);
    expect([shownOf(group), group.size]).toEqual([[], 0]);
  });
});
