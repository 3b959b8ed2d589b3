import type { Clock } from '../../platform/clock.ts';

const MINUTE = 60_000;
/** Of each minute, for all together: milliseconds. */
const MOST_A_MINUTE = 10_000;
/** For one. */
const MOST_AT_ONCE = 5000;

/** How long answers are waited for: for one not long, and for all together never more than a part of each minute, so that nothing else stands still. */
export class Patience {
  readonly #clock: Clock;
  #minute = -Infinity;
  #waited = 0;
  #waiting = 0;
  #began = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long the next answer may be waited for, milliseconds; 0 where there is no time left in this minute. */
  get left(): number {
    const now = this.#clock.now();
    if (now - this.#minute >= MINUTE) {
      this.#minute = now;
      this.#waited = 0;
      this.#began = now;
    }
    const underWay = this.#waiting > 0 ? now - this.#began : 0;
    return Math.max(0, Math.min(MOST_AT_ONCE, MOST_A_MINUTE - this.#waited - underWay));
  }

  /** Waits for an answer; what several wait for at once counts once. @param ask is given how long it may take, milliseconds */
  async wait<T>(ask: (budget: number) => Promise<T>): Promise<T> {
    const budget = this.left;
    if (this.#waiting === 0) this.#began = this.#clock.now();
    this.#waiting += 1;
    try {
      return await ask(budget);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#waited += this.#clock.now() - this.#began;
    }
  }
}
