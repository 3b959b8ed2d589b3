import type { Event } from '../../pipeline/timeline/event.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';

/** What exceptions suppressed, in memory: each rule and event once, as it is stored. */
export class SuppressedSignals {
  readonly #known = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** @returns false where a signal of its rule and event was suppressed before */
  add({ rule, suppressed }: Signal, { id }: Event): boolean {
    const key = JSON.stringify([rule.id, id]);
    if (suppressed === undefined || this.#known.has(key)) return false;
    this.#known.add(key);
    this.#counts.set(suppressed.exception, (this.#counts.get(suppressed.exception) ?? 0) + 1);
    return true;
  }

  /** How many each exception suppressed, by its id. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
