import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SortedNumbers } from './sorted-numbers.ts';

it('SortedNumbers gives each rank as sorting does, whatever has come and gone', () => {
  const number = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -5, max: 5 }));
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), fc.nat(60), (all, gone) => {
      const values = new SortedNumbers();
      for (const value of all) values.add(value);
      for (const value of all.slice(0, gone)) values.remove(value);
      const left = all.slice(gone).sort((a, b) => a - b);
      expect(values.size).toBe(left.length);
      expect(left.map((_, index) => values.at(index + 1) + 0)).toEqual(left.map((value) => value + 0));
    }),
  );
});

it('SortedNumbers holds many, equal ones among them, in parts', () => {
  const values = new SortedNumbers();
  const all = Array.from({ length: 5000 }, (_, at) => (at * 7919) % 1000);
  for (const value of all) values.add(value);
  expect([1, 5, 6, 2500, 5000].map((rank) => values.at(rank))).toEqual([0, 0, 1, 499, 999]);
  for (const value of all.slice(0, 4999)) values.remove(value);
  expect([values.size, values.at(1)]).toEqual([1, all.at(-1)]);
  values.clear();
  expect(values.size).toBe(0);
});
