import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject } from '../../../../platform/json.ts';
import { fold as folded } from '../../sigma/fold.ts';
import { combinations } from '../combinations.ts';
import type { CorrelationRule, TypedCondition } from '../correlation-rule.ts';
import { valuesOf, type CorrelatedEvent, type Point } from '../point.ts';
import type { Firing, Fold, FoldedRule } from './fold.ts';
import { joinedSpans, metAgain, type KnownSpan } from './known-span.ts';

/** So many values are remembered of a group. Where it has more, nothing new is worth telling. */
const MAX_VALUES = 1000;
/** Of fields that are lists, so many tuples of an event count. */
const MAX_TUPLES = 64;
/** A value is remembered as its hash, where it is longer. */
const MAX_KEY = 64;

const summarySchema = z.object({
  group: z.object({ since: z.number(), last: z.number() }),
  values: z.array(z.tuple([z.string(), z.number()])),
});

/** Values that a group did not have within the timespan before, once it has been known for the time of learning. */
export function firstSeen<E extends CorrelatedEvent>(
  correlation: CorrelationRule,
  { fields, learning }: Extract<TypedCondition, { kind: 'first_seen' }>,
): FoldedRule<E> {
  const keysOf = (point: Point<E>): string[] =>
    combinations(
      fields.map((field) => valuesOf(point, correlation, field)),
      MAX_TUPLES,
    ).map((tuple) => keyOf(JSON.stringify(tuple.map(folded))));
  return { start: () => new FirstSeen(keysOf, { memory: correlation.timespan, learning }), lookback: 0 };
}

const keyOf = (text: string): string =>
  text.length <= MAX_KEY ? text : createHash('sha256').update(text).digest('base64url');

class FirstSeen<E extends CorrelatedEvent> implements Fold<E> {
  readonly #keysOf: (point: Point<E>) => readonly string[];
  readonly #memory: number;
  readonly #learning: number;
  /** When the group had a value last; in order of that. */
  readonly #values = new Map<string, number>();
  #group: KnownSpan | undefined;

  constructor(
    keysOf: (point: Point<E>) => readonly string[],
    { memory, learning }: { readonly memory: number; readonly learning: number },
  ) {
    this.#keysOf = keysOf;
    this.#memory = memory;
    this.#learning = learning;
  }

  take(moment: readonly Point<E>[]): readonly Firing<E>[] {
    const time = moment[0]?.time ?? 0;
    const keys = moment.map(this.#keysOf);
    if (keys.every(({ length }) => length === 0)) return [];
    this.#group = metAgain(this.#group, time, this.#memory);
    this.#drop(time);
    const points = moment.filter((_, index) => keys[index]?.some((key) => !this.#values.has(key)));
    const fires = points.length > 0 && time - this.#group.since >= this.#learning && this.#values.size < MAX_VALUES;
    for (const key of keys.flat()) this.#meet(key, time);
    return fires ? [{ time, points }] : [];
  }

  summary(from: number): JsonObject | undefined {
    if (this.#group === undefined || from - this.#group.last > this.#memory) return undefined;
    this.#drop(from);
    return { group: { ...this.#group }, values: [...this.#values].map(([key, last]) => [key, last]) };
  }

  restore(summary: JsonObject): void {
    const { data } = summarySchema.safeParse(summary);
    if (data === undefined) return;
    this.#group = joinedSpans(this.#group, data.group, this.#memory);
    const values = [...this.#values, ...data.values].sort(
      ([one, oneLast], [other, otherLast]) => oneLast - otherLast || (one < other ? -1 : 1),
    );
    for (const [key, last] of values) this.#meet(key, last);
  }

  #meet(key: string, time: number): void {
    this.#values.delete(key);
    this.#values.set(key, time);
    const [oldest] = this.#values.size > MAX_VALUES ? this.#values.keys() : [];
    if (oldest !== undefined) this.#values.delete(oldest);
  }

  /** Drops the values that do not count any more at a time. */
  #drop(time: number): void {
    for (const [key, last] of this.#values) {
      if (time - last <= this.#memory) return;
      this.#values.delete(key);
    }
  }
}
