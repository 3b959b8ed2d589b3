import type { Clock } from '../../platform/clock.ts';

/** A clock whose waits are over at once: time moves on by what is waited for, and by nothing else. */
export class HurriedClock implements Clock {
  #now: number;

  /** @param start milliseconds since 1970-01-01T00:00:00Z */
  constructor(start = Date.UTC(2026, 10, 21, 12)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  wait(milliseconds: number): Promise<void> {
    this.#now += Math.max(milliseconds, 0);
    return Promise.resolve();
  }
}
