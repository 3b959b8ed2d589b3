import type { Event } from '../../pipeline/timeline/event.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';

/** What exceptions suppressed, in memory: each rule and event once, as it is stored. */
export class SuppressedSignals {
  /** Event ids by rule id. */
  readonly #known = new Map<string, Set<string>>();
  readonly #counts = new Map<string, number>();
  readonly #maxEvents: number;

  /** @param maxEvents of each rule, this many events are remembered; one past them that is met twice counts twice */
  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  /** @returns false where a signal of its rule and event was suppressed before */
  add({ rule, suppressed }: Signal, { id }: Event): boolean {
    const known = this.#known.get(rule.id) ?? new Set();
    if (suppressed === undefined || known.has(id)) return false;
    if (known.size < this.#maxEvents) known.add(id);
    this.#known.set(rule.id, known);
    this.#counts.set(suppressed.exception, (this.#counts.get(suppressed.exception) ?? 0) + 1);
    return true;
  }

  /** How many each exception suppressed, by its id. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
