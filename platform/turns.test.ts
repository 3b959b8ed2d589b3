import { describe, expect, it } from 'vitest';
import { inTurns } from './turns.ts';

function work(milliseconds: number): void {
  const began = performance.now();
  while (performance.now() - began < milliseconds);
}

/** Pieces of a millisecond each. */
function* pieces(count: number): Generator<void, string> {
  for (let piece = 0; piece < count; piece += 1) {
    work(1);
    yield;
  }
  return 'done';
}

/** How many turns others get, each so long, while the pieces are done. */
async function turnsOfOthers(milliseconds: number, count: number): Promise<number> {
  let turns = 0;
  let more = true;
  const other = (): void => {
    work(milliseconds);
    turns += 1;
    if (more) setImmediate(other);
  };
  setImmediate(other);
  expect(await inTurns(pieces(count))).toBe('done');
  more = false;
  return turns;
}

describe('inTurns', () => {
  it('gives others a turn every so often', async () => {
    expect(await turnsOfOthers(0, 100)).toBeGreaterThanOrEqual(5);
  });

  it('takes longer turns where those of others are long, so that what takes a second is not put off for many', async () => {
    const turns = await turnsOfOthers(40, 200);
    expect(turns).toBeGreaterThanOrEqual(3);
    expect(turns).toBeLessThanOrEqual(10);
  });
});
