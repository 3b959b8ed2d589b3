import type { Measure } from './measures.ts';
import type { CorrelatedEvent, Point } from './point.ts';

/**
 * How many of the rules matched one after the other, in their order, each on another event. Events of the same time stand in
 * whatever order suits: many logs know no less than a second.
 */
export class OrderedRules<E extends CorrelatedEvent> implements Measure<E> {
  readonly #positions: ReadonlyMap<string, number>;
  readonly #holds: (length: number) => boolean;
  /**
   * At [length - 1][position]: of the ways to match so many rules in order, none after this position, the one that began last,
   * by the time at which it began. A way that began earlier leaves the window earlier, so it need not be known.
   */
  readonly #begun: number[][];

  constructor(rules: readonly string[], holds: (length: number) => boolean) {
    this.#positions = new Map(rules.map((rule, position) => [rule, position]));
    this.#holds = holds;
    this.#begun = rules.map(() => rules.map(() => -Infinity));
  }

  add(all: readonly Point<E>[], from: number, to: number): void {
    const only = all[from];
    if (only !== undefined && to - from === 1) {
      this.#match(this.#positions.get(only.rule) ?? 0, only.time);
      return;
    }
    const byEvent = Map.groupBy(all.slice(from, to), ({ event }) => event.id);
    const events = [...byEvent.values()].map((points) => ({
      time: points[0]?.time ?? 0,
      // Of one event, the last position first: so none is the step after another of the same event.
      positions: points.map(({ rule }) => this.#positions.get(rule) ?? 0).sort((a, b) => b - a),
    }));
    events.sort((a, b) => byPositions(a.positions, b.positions));
    for (const { time, positions } of events) for (const position of positions) this.#match(position, time);
  }

  remove(): void {
    // What began before the window is told by its time.
  }

  holds(from: number): boolean {
    const last = this.#begun.length - 1;
    const length = this.#begun.findLastIndex((begun) => (begun[last] ?? -Infinity) >= from) + 1;
    return this.#holds(length);
  }

  clear(): void {
    for (const begun of this.#begun) begun.fill(-Infinity);
  }

  #match(position: number, time: number): void {
    for (let length = position; length >= 0; length -= 1) {
      const began = length === 0 ? time : (this.#begun[length - 1]?.[position - 1] ?? -Infinity);
      const begun = this.#begun[length];
      if (begun === undefined) continue;
      for (let at = position; at < begun.length && (begun[at] ?? -Infinity) < began; at += 1) begun[at] = began;
    }
  }
}

/** The lowest position first, then the next; of events that have the same ones so far, the one that has no more of them. */
function byPositions(one: readonly number[], other: readonly number[]): number {
  for (let back = 1; back <= Math.min(one.length, other.length); back += 1) {
    const difference = (one.at(-back) ?? 0) - (other.at(-back) ?? 0);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}
