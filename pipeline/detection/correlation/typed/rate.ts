import { z } from 'zod';
import type { JsonObject } from '../../../../platform/json.ts';
import type { CorrelationRule, TypedCondition } from '../correlation-rule.ts';
import type { CorrelatedEvent, Point } from '../point.ts';
import type { Firing, Fold, FoldedRule } from './fold.ts';
import { joinedSpans, metAgain, type KnownSpan } from './known-span.ts';

type Condition = Extract<TypedCondition, { kind: 'rate' }>;

const summarySchema = z.object({
  group: z.object({ since: z.number(), last: z.number() }),
  buckets: z.array(z.tuple([z.number(), z.number()])),
});

/** So many times what a group did in its busiest bucket of the time of learning. Buckets lie on a fixed grid of event time. */
export function rate<E extends CorrelatedEvent>({ timespan }: CorrelationRule, condition: Condition): FoldedRule<E> {
  return {
    start: () => new Rate(timespan, condition),
    lookback: 0,
    open: timespan,
    cut: (time) => Math.floor(time / timespan) * timespan,
  };
}

interface Bucket<E> {
  readonly number: number;
  readonly points: Point<E>[];
  /** How many matches are too many; undefined while too little is known of the group. */
  readonly limit: number | undefined;
  /** When the limit was reached. */
  fired?: number | undefined;
}

class Rate<E extends CorrelatedEvent> implements Fold<E> {
  readonly #length: number;
  readonly #condition: Condition;
  /** How many matches the buckets before had, by their number. */
  readonly #counts = new Map<number, number>();
  #group: KnownSpan | undefined;
  #bucket: Bucket<E> | undefined;

  constructor(length: number, condition: Condition) {
    this.#length = length;
    this.#condition = condition;
  }

  take(moment: readonly Point<E>[]): readonly Firing<E>[] {
    const time = moment[0]?.time ?? 0;
    this.#group = metAgain(this.#group, time, this.#condition.learning);
    const bucket = this.#bucketOf(time, this.#group);
    bucket.points.push(...moment);
    if (bucket.limit === undefined || bucket.points.length < bucket.limit) return [];
    // What bucket came before can still change until all is there up to where this one begins.
    const decidedBy = bucket.number * this.#length;
    if (bucket.fired !== undefined) return [{ time: bucket.fired, points: moment, decidedBy }];
    bucket.fired = time;
    return [{ time, points: [...bucket.points], decidedBy }];
  }

  summary(from: number): JsonObject | undefined {
    const { learning } = this.#condition;
    if (this.#group === undefined || from - this.#group.last > learning) return undefined;
    this.#close();
    this.#drop(Math.floor(from / this.#length));
    return { group: { ...this.#group }, buckets: [...this.#counts].sort(([one], [other]) => one - other) };
  }

  restore(summary: JsonObject): void {
    const { data } = summarySchema.safeParse(summary);
    if (data === undefined) return;
    this.#group = joinedSpans(this.#group, data.group, this.#condition.learning);
    for (const [number, count] of data.buckets) {
      this.#counts.set(number, Math.max(this.#counts.get(number) ?? 0, count));
    }
  }

  #bucketOf(time: number, { since }: KnownSpan): Bucket<E> {
    const number = Math.floor(time / this.#length);
    if (this.#bucket?.number === number) return this.#bucket;
    this.#close();
    this.#drop(number);
    const { learning, factor, atLeast } = this.#condition;
    const isKnown = number * this.#length - since >= learning;
    const busiest = isKnown ? Math.max(0, ...this.#counts.values()) : 0;
    const limit = isKnown ? Math.max(atLeast, Math.ceil(factor * busiest)) : undefined;
    this.#bucket = { number, points: [], limit };
    return this.#bucket;
  }

  #close(): void {
    if (this.#bucket === undefined) return;
    this.#counts.set(this.#bucket.number, this.#bucket.points.length);
    this.#bucket = undefined;
  }

  /** Drops what the bucket of this number, and those after it, are not compared with. */
  #drop(number: number): void {
    const oldest = number - Math.floor(this.#condition.learning / this.#length);
    for (const before of this.#counts.keys()) if (before < oldest) this.#counts.delete(before);
  }
}
