import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertKey } from './alert-keys.ts';
import { joinsOfKey } from './key-joins.ts';

const HOUR = 3_600_000;
const HORIZON = 10 * HOUR;

/** Times in hours. */
const entry = (
  alert: string,
  side: AlertKey['side'],
  from: number,
  { last = from, ...more }: Partial<AlertKey> = {},
): AlertKey => ({
  id: 'upn:ann@contoso.example',
  key: 'upn:ann@contoso.example',
  alike: side === 'acted' ? 'principal' : 'resource',
  first: from * HOUR,
  last: last * HOUR,
  principals: new Set([`by-${side}`]),
  addresses: new Set(),
  ...{ alert, side },
  ...more,
});
const joined = (...entries: AlertKey[]): string[] =>
  joinsOfKey(entries, HORIZON).map(({ alerts, by }) => `${alerts.join('+')} by ${by}`);

/** Which alerts are connected, as sets in order. */
function connected(alerts: readonly string[], pairs: Iterable<readonly [string, string]>): string[] {
  const groups = new Map(alerts.map((alert) => [alert, new Set([alert])]));
  for (const [one, other] of pairs) {
    const both = new Set([...(groups.get(one) ?? []), ...(groups.get(other) ?? [])]);
    for (const alert of both) groups.set(alert, both);
  }
  return [...new Set(groups.values())].map((group) => [...group].sort().join()).sort();
}

describe('the joins of one key', () => {
  it('are between intervals within the horizon of each other', () => {
    expect(joined(entry('a', 'acted', 0), entry('b', 'acted', 10))).toEqual(['a+b by principal']);
    expect(joined(entry('a', 'acted', 0), entry('b', 'acted', 11))).toEqual([]);
    expect(joined(entry('a', 'acted', 0, { last: 5 }), entry('b', 'acted', 15))).toEqual(['a+b by principal']);
  });

  it('connect what any two within the horizon would, in any order, with no more joins than alerts', () => {
    const alert = fc.record({ first: fc.integer({ min: 0, max: 120 }), length: fc.integer({ min: 0, max: 15 }) });
    fc.assert(
      fc.property(fc.array(alert, { maxLength: 14 }), fc.func(fc.integer()), (alerts, shuffle) => {
        const entries = alerts.map(({ first, length }, n) => entry(`a${n}`, 'acted', first, { last: first + length }));
        const ids = entries.map((one) => one.alert);
        const pairs = entries.flatMap((one) =>
          entries
            .filter((other) => other.first - one.last <= HORIZON && one.first - other.last <= HORIZON)
            .map((other) => [one.alert, other.alert] as const),
        );
        const joins = joinsOfKey(entries, HORIZON);
        expect(joins.length).toBeLessThan(Math.max(1, entries.length));
        expect(
          connected(
            ids,
            joins.map(({ alerts: ends }) => ends),
          ),
        ).toEqual(connected(ids, pairs));
        expect(
          joinsOfKey(
            entries.toSorted((a, b) => shuffle(a.alert) - shuffle(b.alert)),
            HORIZON,
          ),
        ).toEqual(joins);
      }),
    );
  });

  it('are with the last of those who gave it out before, and of these with one from the same address', () => {
    const from = (address: string) => ({ alike: undefined, addresses: new Set([address]) });
    const gifts = [
      entry('a', 'given', 0, from('x')),
      entry('b', 'given', 2, from('y')),
      entry('c', 'given', 6, from('z')),
    ];
    expect(joined(...gifts, entry('u', 'acted', 5, from('w')))).toEqual(['b+u by link']);
    expect(joined(...gifts, entry('u', 'acted', 5, from('x')))).toEqual(['a+u by link']);
    expect(joined(...gifts, entry('u', 'acted', 5, from('z')))).toEqual(['b+u by link']);
    expect(joined(...gifts, entry('u', 'acted', 17, from('x')))).toEqual([]);
    expect(joined(...gifts, entry('c', 'acted', 20, from('z')))).toEqual([]);
  });

  it('leave out those around whom more than eight have to do with it, but for who acts as herself', () => {
    const gift = (n: number, at = n) => entry(`g${n}`, 'given', at, { principals: new Set([`p${n}`]) });
    const seven = Array.from({ length: 7 }, (_, n) => gift(n));
    expect(joined(...seven, entry('u', 'acted', 8), entry('v', 'acted', 9))).toHaveLength(9);
    const nine = [...seven, gift(7), gift(8)];
    expect(joined(...nine, entry('u', 'acted', 9), entry('v', 'acted', 9))).toEqual(['u+v by principal']);
    // A crowd that has gone is none.
    expect(joined(...nine, gift(20, 100), gift(21, 101))).toEqual(['g20+g21 by resource']);
  });

  it('are from one address where several may have it and nobody is known to have given it out', () => {
    const shared = (alert: string, at: number, address: string): AlertKey =>
      entry(alert, 'acted', at, { alike: 'session', shared: true, addresses: new Set([address]) });
    expect(joined(shared('a', 0, 'x'), shared('b', 1, 'x'), shared('c', 2, 'y'))).toEqual(['a+b by session']);
    const gift = entry('g', 'given', 1, { alike: undefined });
    expect(joined(gift, shared('a', 0, 'x'), shared('b', 1, 'x'), shared('c', 2, 'y'))).toEqual([
      'b+g by link',
      'c+g by link',
    ]);
  });
});
