import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExactSum } from './exact-sum.ts';

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0.1, 0.2, 0.3, 1e308, -1e308, 5e-324, 2 ** 53),
);

const sumOf = (numbers: readonly number[]): number => {
  const sum = new ExactSum();
  for (const one of numbers) sum.add(one);
  return sum.value + 0;
};

it('ExactSum is the same in any order, and leaves no trace of what has gone', () => {
  fc.assert(
    fc.property(fc.array(number, { maxLength: 20 }), fc.array(number, { maxLength: 20 }), (stay, go) => {
      const sum = new ExactSum();
      for (const one of [...go, ...stay]) sum.add(one);
      for (const one of go.toReversed()) sum.remove(one);
      expect(sum.value + 0).toBe(sumOf(stay.toReversed()));
    }),
  );
});

it('ExactSum of one number, or of it and others that cancel out, is that number', () => {
  fc.assert(
    fc.property(number, number, (one, other) => {
      expect(sumOf([one])).toBe(one + 0);
      expect(sumOf([other, one, -other])).toBe(one + 0);
      if (Number.isFinite(one + other)) expect(sumOf([one, other])).toBe(one + other);
    }),
  );
});

it.each<[numbers: readonly number[], sum: number]>([
  [[], 0],
  [[0.1, 0.2, 0.3], 0.6],
  [[1e16, 1, -1e16], 1],
  [[1e308, 1e308], Infinity],
  [[1e308, 1e308, -1e308], 1e308],
  [[Infinity, 1], Infinity],
  [[Infinity, -Infinity], NaN],
  [[2 ** 53, 1, 1], 2 ** 53 + 2],
])('of %j is %d', (numbers, sum) => {
  expect(sumOf(numbers)).toBe(sum);
});

it('forgets what was infinite once it has gone', () => {
  const sum = new ExactSum();
  for (const one of [Infinity, -Infinity, 3]) sum.add(one);
  sum.remove(Infinity);
  expect(sum.value).toBe(-Infinity);
  sum.remove(-Infinity);
  expect(sum.value).toBe(3);
  sum.clear();
  expect(sum.value).toBe(0);
});
