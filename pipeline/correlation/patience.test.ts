import { expect, it } from 'vitest';
import { ManualClock } from '../../platform/clock.ts';
import { Patience } from './patience.ts';

it('waits five seconds for one, ten for all of a minute, and anew in the next', async () => {
  const clock = new ManualClock(0);
  const patience = new Patience(clock);
  const silence = (budget: number) => {
    clock.advance(budget);
    return Promise.resolve(budget);
  };
  const waits = [await patience.wait(silence), await patience.wait(silence), await patience.wait(silence)];
  expect(waits).toEqual([5000, 5000, 0]);
  clock.advance(50_000);
  expect(patience.left).toBe(5000);
});

it('counts once what several wait for at once, also where they fail', async () => {
  const clock = new ManualClock(0);
  const patience = new Patience(clock);
  const silence = (budget: number) => clock.wait(budget).then(() => Promise.reject(new Error('no answer')));
  const waiting = Promise.allSettled([patience.wait(silence), patience.wait(silence), patience.wait(silence)]);
  clock.advance(2000);
  expect(patience.left).toBe(5000);
  clock.advance(3000);
  await waiting;
  expect(patience.left).toBe(5000);
  await patience.wait(async () => clock.advance(4000));
  expect(patience.left).toBe(1000);
});
