import type { Clock } from '../clock.ts';

/** How many requests of an operation a service takes in a span. */
export interface RateLimit {
  readonly requests: number;
  /** Milliseconds. */
  readonly span: number;
}

/** More operations than this are not told apart; the oldest are forgotten. */
const MOST_OPERATIONS = 1000;

/** Whatever a service says, after so long it is asked again: milliseconds. */
const LONGEST_HOLD = 15 * 60_000;

interface Operation {
  /** When requests are sent, in order; the latest that count, and those booked. */
  readonly times: number[];
  /** Nothing is sent before then. */
  held: number;
}

/**
 * Keeps requests under the limits of a service, so that it need not refuse them: who comes too early waits for a turn, in order. Shared by all clients of
 * a process; other processes are not known, so the service may refuse all the same.
 */
export class RequestRates {
  readonly #clock: Clock;
  readonly #operations = new Map<string, Operation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Books a turn.
   * @param latest the turn must come by then, milliseconds since 1970-01-01T00:00:00Z; otherwise none is booked
   * @returns the milliseconds to wait, and whether the turn was booked
   */
  book(
    key: string,
    { requests, span }: RateLimit,
    latest: number,
  ): { readonly wait: number; readonly booked: boolean } {
    const now = this.#clock.now();
    const operation = this.#operation(key);
    const { times } = operation;
    while (times.length > requests) times.shift();
    const oldest = times.length === requests ? (times[0] ?? 0) + span : 0;
    const turn = Math.max(now, oldest, operation.held);
    const wait = turn - now;
    if (turn > latest) return { wait, booked: false };
    times.push(turn);
    return { wait, booked: true };
  }

  /** Sends nothing of an operation for so many milliseconds, because its service said so: asked earlier, it would only begin to count anew. */
  hold(key: string, milliseconds: number): void {
    const operation = this.#operation(key);
    operation.held = Math.max(operation.held, this.#clock.now() + Math.min(milliseconds, LONGEST_HOLD));
  }

  #operation(key: string): Operation {
    const known = this.#operations.get(key);
    if (known !== undefined) return known;
    const oldest = this.#operations.keys().next();
    if (this.#operations.size >= MOST_OPERATIONS && oldest.done !== true) this.#operations.delete(oldest.value);
    const made: Operation = { times: [], held: 0 };
    this.#operations.set(key, made);
    return made;
  }
}
