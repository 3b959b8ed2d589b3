import { expect, it } from 'vitest';
import { ManualClock, systemClock } from './clock.ts';

it.each([
  ['the machine', systemClock],
  ['a test', new ManualClock(0)],
])('the clock of %s lets go at once, without a warning, whoever waits for what has passed', async (_whose, clock) => {
  const warnings: string[] = [];
  const warned = ({ name }: Error) => void warnings.push(name);
  process.on('warning', warned);
  await clock.wait(-725);
  // Warnings are told in the next turn.
  await new Promise(setImmediate);
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});
