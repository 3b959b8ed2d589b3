import { setImmediate } from 'node:timers/promises';

/** Milliseconds of a turn, where others want little; and at most. */
const SHORT_TURN = 10;
const LONG_TURN = 50;

/**
 * A long computation in pieces, between which whatever else waits for the process gets its turn. Our turns are as long as those that
 * others had, within bounds: where a backlog keeps the process busy, short ones would put off the end for minutes.
 */
export class Turns {
  #length = SHORT_TURN;
  #began = performance.now();

  /** Called between pieces. Waits only where it has been our turn for long enough. */
  async next(): Promise<void> {
    const ended = performance.now();
    if (ended - this.#began < this.#length) return;
    await setImmediate();
    this.#began = performance.now();
    this.#length = Math.min(Math.max(this.#began - ended, SHORT_TURN), LONG_TURN);
  }
}

/** Runs pieces one after the other at once. @returns what they come to */
export function atOnce<T>(pieces: Generator<void, T>): T {
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next();
  return piece.value;
}

/** Runs pieces one after the other, with turns for others between them. @returns what they come to */
export async function inTurns<T>(pieces: Generator<void, T>): Promise<T> {
  const turns = new Turns();
  let piece = pieces.next();
  while (piece.done !== true) {
    await turns.next();
    piece = pieces.next();
  }
  return piece.value;
}
