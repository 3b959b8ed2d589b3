import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RankedValues } from './ranked-values.ts';
import { SlidingSum } from './sliding-sum.ts';

const number = fc.double({ noNaN: true });

it('RankedValues gives each rank as sorting does, whatever has come and gone', () => {
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: 40 }), fc.nat(40), (all, gone) => {
      const values = new RankedValues(all);
      for (const value of all) values.add(value);
      for (const value of all.slice(0, gone)) values.remove(value);
      const left = all.slice(gone).sort((a, b) => a - b);
      expect(values.size).toBe(left.length);
      expect(left.map((_, index) => values.at(index + 1) + 0)).toEqual(left.map((value) => value + 0));
    }),
  );
});

it('SlidingSum is the sum of what has not left, without a trace of what has', () => {
  const step = fc.oneof(fc.constant('shift' as const), fc.integer({ min: -1e9, max: 1e9 }), fc.constant(1e308));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sum = new SlidingSum();
      const inside: number[] = [];
      for (const one of steps) {
        if (one === 'shift') {
          if (inside.length === 0) continue;
          inside.shift();
          sum.shift();
        } else {
          inside.push(one);
          sum.push(one);
        }
        const expected = inside.reduce((total, value) => total + value, 0);
        if (!inside.includes(1e308)) expect(sum.sum).toBe(expected);
        else expect(sum.sum > 1e307).toBe(true);
      }
    }),
  );
});
