import { z } from 'zod';
import type { JsonObject } from '../../../../platform/json.ts';
import type { CorrelationRule, TypedCondition } from '../correlation-rule.ts';
import type { CorrelatedEvent, Point } from '../point.ts';
import type { Firing, Fold, FoldedRule } from './fold.ts';

type Condition = Extract<TypedCondition, { kind: 'absence' }>;

const summarySchema = z.object({ other: z.number() });

/** The first rule without any of the others, within the timespan before or after. */
export function absence<E extends CorrelatedEvent>(correlation: CorrelationRule, condition: Condition): FoldedRule<E> {
  const { timespan } = correlation;
  return {
    start: () => new Absence(correlation, condition),
    lookback: condition.direction === 'after' ? timespan : 0,
  };
}

class Absence<E extends CorrelatedEvent> implements Fold<E> {
  readonly #rule: string | undefined;
  readonly #timespan: number;
  readonly #condition: Condition;
  /** When one of the other rules matched last. */
  #other = -Infinity;
  /** Those matches of the rule after which another may still come. */
  #waiting: Firing<E>[] = [];

  constructor({ rules: [rule], timespan }: CorrelationRule, condition: Condition) {
    this.#rule = rule;
    this.#timespan = timespan;
    this.#condition = condition;
  }

  take(moment: readonly Point<E>[]): readonly Firing<E>[] {
    const time = moment[0]?.time ?? 0;
    const points = moment.filter(({ rule }) => rule === this.#rule);
    const isAnswered = points.length < moment.length;
    if (isAnswered) this.#other = time;
    if (this.#condition.direction === 'before') {
      const isAbsent = points.length > 0 && time - this.#other > this.#timespan && this.#isExpected(time);
      return isAbsent ? [{ time, points, decidedBy: time }] : [];
    }
    const overdue = this.#waiting.filter((firing) => firing.time < time);
    this.#waiting = isAnswered ? [] : this.#waiting.slice(overdue.length);
    if (!isAnswered && points.length > 0 && this.#isExpected(time)) {
      const due = time + this.#timespan;
      this.#waiting.push({ time: due, points, decidedBy: due });
    }
    return overdue;
  }

  pending(): readonly Firing<E>[] {
    return this.#waiting;
  }

  summary(from: number): JsonObject | undefined {
    const memory = Math.max(this.#timespan, this.#condition.learning ?? 0);
    return from - this.#other > memory ? undefined : { other: this.#other };
  }

  restore(summary: JsonObject): void {
    const { data } = summarySchema.safeParse(summary);
    if (data !== undefined) this.#other = Math.max(this.#other, data.other);
  }

  /** Whether what is absent was there before: otherwise its logs may be what is missing. */
  #isExpected(time: number): boolean {
    const { learning } = this.#condition;
    return learning === undefined || time - this.#other <= learning;
  }
}
