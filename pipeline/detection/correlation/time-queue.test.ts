import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TimeQueue } from './time-queue.ts';

it('TimeQueue gives what is due, in order of time, and keeps the rest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(50)), fc.nat(50), (some, more, until) => {
      const queue = new TimeQueue<string>();
      for (const time of some) queue.add(time, `${time}`);
      const first = queue.takeUntil(until).map(({ time }) => time);
      expect(first).toEqual(some.filter((time) => time <= until).sort((a, b) => a - b));
      for (const time of more) queue.add(time, `${time}`);
      const rest = [...some.filter((time) => time > until), ...more].sort((a, b) => a - b);
      expect(queue.size).toBe(rest.length);
      expect(queue.takeUntil(Infinity).map(({ of }) => of)).toEqual(rest.map(String));
    }),
  );
});
