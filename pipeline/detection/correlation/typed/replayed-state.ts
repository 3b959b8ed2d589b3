import { z } from 'zod';
import { isObject, type JsonObject } from '../../../../platform/json.ts';
import type { Found, GroupState } from '../group-state.ts';
import { comparePoints, type CorrelatedEvent, type Point } from '../point.ts';
import type { Firing, Fold, FoldedRule } from './fold.ts';
import { OrderedPoints } from './ordered-points.ts';

const summarySchema = z.object({ base: z.number(), line: z.number(), held: z.custom<JsonObject>(isObject) });

/**
 * A group of a rule that is a fold over its points in order of time. What comes in order is folded as it comes; what comes late, or is
 * taken back, has the points that are held folded anew, on top of a summary of those that were forgotten.
 *
 * What fires within one deduplication window is one finding, since it is one alert.
 */
export class ReplayedState<E extends CorrelatedEvent> implements GroupState<E> {
  readonly #rule: FoldedRule<E>;
  readonly #window: number;
  #points = new OrderedPoints<E>();
  /** Undefined where the points are to be folded anew. */
  #fold: Fold<E> | undefined;
  #firings: Firing<E>[] = [];
  #folded = { count: 0, to: -Infinity };
  /** What fires before this time was told, and is settled: the beginning of a deduplication window. */
  #line = -Infinity;
  /** Points before this time are in the summary. */
  #base = -Infinity;
  #summary: JsonObject | undefined;
  /** By the number of their deduplication window. */
  #told = new Map<number, Found<E>>();
  #awaits: number | undefined;

  /** @param window length of the deduplication window, milliseconds */
  constructor(rule: FoldedRule<E>, window: number) {
    this.#rule = rule;
    this.#window = window;
  }

  get size(): number {
    return this.#points.size + (this.#summary === undefined ? 0 : 1);
  }

  get awaits(): number | undefined {
    return this.#awaits;
  }

  get heldFrom(): number {
    return this.#base;
  }

  add(point: Point<E>): void {
    if (point.time < this.#base) return;
    this.#points.add(point);
    if (point.time <= this.#folded.to) this.#fold = undefined;
  }

  remove(point: Point<E>): void {
    if (this.#points.remove(point) && point.time <= this.#folded.to) this.#fold = undefined;
  }

  found(decided: number): readonly Found<E>[] {
    const fold = this.#replayed();
    const windows = new Map<number, Firing<E>[]>();
    this.#awaits = undefined;
    for (const firing of [...this.#firings, ...(fold.pending?.() ?? [])]) {
      const { time, decidedBy = -Infinity } = firing;
      if (time < this.#line) continue;
      if (decidedBy > decided) {
        this.#awaits = Math.min(this.#awaits ?? Infinity, decidedBy);
        continue;
      }
      const window = Math.floor(time / this.#window);
      const known = windows.get(window);
      if (known === undefined) windows.set(window, [firing]);
      else known.push(firing);
    }
    this.#told = new Map([...windows].map(([window, firings]) => [window, this.#finding(window, firings)]));
    return [...this.#told.values()].sort((one, other) => one.time - other.time);
  }

  forget(before: number): void {
    const line = Math.max(this.#line, Math.floor((before - (this.#rule.open ?? 0)) / this.#window) * this.#window);
    const needed = line - this.#rule.lookback;
    // After a restart, what is held is given again from before this time: a group that holds nothing has nothing to sum up.
    const base = this.size === 0 ? this.#base : Math.max(this.#base, this.#rule.cut?.(needed) ?? needed);
    this.#advance(line, base);
  }

  summary(): JsonObject | undefined {
    return this.#summary && { base: this.#base, line: this.#line, held: this.#summary };
  }

  /** Also takes the summary of another group whose principal turns out to be this one's. One that cannot be read holds nothing. */
  restore(summary: JsonObject): void {
    const { data } = summarySchema.safeParse(summary);
    if (data === undefined) return;
    this.#advance(Math.max(this.#line, data.line), Math.max(this.#base, data.base));
    const fold = this.#started();
    fold.restore?.(data.held);
    this.#summary = fold.summary?.(this.#base);
    this.#fold = undefined;
  }

  /** Sums up the points before a time. */
  #advance(line: number, base: number): void {
    this.#line = line;
    if (base <= this.#base) return;
    this.#base = base;
    const fold = this.#started();
    for (const moment of this.#points.takeBefore(base).moments()) fold.take(moment);
    this.#summary = fold.summary?.(base);
    this.#fold = undefined;
  }

  #started(): Fold<E> {
    const fold = this.#rule.start();
    if (this.#summary !== undefined) fold.restore?.(this.#summary);
    return fold;
  }

  #replayed(): Fold<E> {
    if (this.#fold === undefined) {
      this.#fold = this.#started();
      this.#firings = [];
      this.#folded = { count: 0, to: -Infinity };
    }
    let { count, to } = this.#folded;
    for (const moment of this.#points.moments(count)) {
      this.#firings.push(...this.#fold.take(moment));
      count += moment.length;
      to = moment[0]?.time ?? to;
    }
    this.#folded = { count, to };
    return this.#fold;
  }

  /** The finding of a window: the same object as was told last, where nothing changed. */
  #finding(window: number, firings: readonly Firing<E>[]): Found<E> {
    const time = firings.reduce((first, firing) => Math.min(first, firing.time), Infinity);
    const points = [...new Set(firings.flatMap((firing) => firing.points))].sort(comparePoints);
    const told = this.#told.get(window);
    const isSame =
      told?.time === time &&
      told.points.length === points.length &&
      told.points.every((point, index) => point === points[index]);
    return isSame ? told : { time, points };
  }
}
