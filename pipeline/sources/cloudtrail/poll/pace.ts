import type { Clock } from '../../../../platform/clock.ts';

/** LookupEvents takes two requests a second for each account and region. */
const INTERVAL = 500;

/** Keeps requests apart. */
export class Pace {
  readonly #clock: Clock;
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits for the turn of a request.
   * @param deadline milliseconds since 1970-01-01T00:00:00Z
   * @returns whether there is still time for it
   */
  async turn(deadline: number): Promise<boolean> {
    const wait = this.#next - this.#clock.now();
    if (this.#clock.now() + Math.max(0, wait) >= deadline) return false;
    if (wait > 0) await this.#clock.wait(wait);
    this.#next = this.#clock.now() + INTERVAL;
    return true;
  }

  /** Puts the next request off, after one was refused. */
  holdOff(milliseconds: number): void {
    this.#next = Math.max(this.#next, this.#clock.now() + milliseconds);
  }
}
