import { expect, it } from 'vitest';
import { Limiter } from './limiter.ts';

it('never lets more go on at once than it may, begins in order, and goes on after a failure', async () => {
  const limiter = new Limiter(3);
  const begun: number[] = [];
  let going = 0;
  let most = 0;
  const work = (n: number) => async () => {
    begun.push(n);
    most = Math.max(most, ++going);
    await Promise.resolve();
    going--;
    if (n % 4 === 0) throw new Error(`work ${n}`);
    return n;
  };
  const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => limiter.run(work(n))));
  expect(most).toBe(3);
  expect(begun).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5);
});
