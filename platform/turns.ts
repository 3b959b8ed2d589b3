import { setImmediate } from 'node:timers/promises';

/** A long computation in pieces, between which whatever else waits for the process gets its turn. */
export class Turns {
  readonly #longest: number;
  #began = performance.now();

  /** @param longest milliseconds after which others get their turn, at the next call of `next` */
  constructor(longest = 10) {
    this.#longest = longest;
  }

  /** Called between pieces. Waits only where it has been our turn for long enough. */
  async next(): Promise<void> {
    if (performance.now() - this.#began < this.#longest) return;
    await setImmediate();
    this.#began = performance.now();
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
