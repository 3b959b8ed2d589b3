import { fold } from '../sigma/fold.ts';
import { numberOf } from '../sigma/value-modifiers.ts';
import { combinations } from './combinations.ts';
import { within } from './correlation-condition.ts';
import type { CorrelationCondition, CorrelationRule } from './correlation-rule.ts';
import { OrderedRules } from './ordered-rules.ts';
import { valuesOf, type CorrelatedEvent, type Point } from './point.ts';
import { RankedValues } from './ranked-values.ts';
import { presentIn } from './rule-expression.ts';
import { SlidingSum } from './sliding-sum.ts';

/** What is measured of the points in a window, as they come and, in the same order, go. */
export interface Measure<E> {
  /** @param moment points of one time */
  add(moment: readonly Point<E>[]): void;
  remove(point: Point<E>): void;
  /** Whether the condition holds. @param from where the window begins */
  holds(from: number): boolean;
}

type Bounds = Extract<CorrelationCondition, { kind: 'bounds' }>;

/** Of fields that are lists, `value_count` takes so many tuples of an event. */
const MAX_TUPLES = 64;

/** What a correlation measures, over a window that is empty yet. @param points all that may come */
export function measureOf<E extends CorrelatedEvent>(
  correlation: CorrelationRule,
  points: readonly Point<E>[],
): Measure<E> {
  const { condition } = correlation;
  if (condition.kind === 'expression') {
    return new Distinct(
      ({ rule }) => [rule],
      (rules) => presentIn(condition.expression, (rule) => rules.has(rule)),
    );
  }
  const { bounds } = condition;
  const size = (found: ReadonlyMap<unknown, number>): boolean => within(bounds, found.size);
  switch (correlation.type) {
    case 'event_count':
      return new Distinct(({ unit }) => [unit], size);
    case 'temporal':
      return new Distinct(({ rule }) => [rule], size);
    case 'temporal_ordered':
      return new OrderedRules(correlation.rules, (length) => within(bounds, length));
    case 'value_count':
      return new Distinct((point) => tuples(point, correlation, condition), size);
    case 'value_sum':
    case 'value_avg':
      return new Total(numbersOf(correlation, condition), (sum, count) =>
        within(bounds, correlation.type === 'value_sum' ? sum : sum / count),
      );
    case 'value_median':
      return new Ranking(points, numbersOf(correlation, condition), (values) => within(bounds, median(values)));
    case 'value_percentile':
      return new Ranking(points, numbersOf(correlation, condition), (values) =>
        within(bounds, percentile(values, condition.percentile ?? 50)),
      );
  }
}

function tuples<E>(point: Point<E>, correlation: CorrelationRule, { fields }: Bounds): string[] {
  const values = fields.map((field) => valuesOf(point, correlation, field));
  return combinations(values, MAX_TUPLES).map((tuple) => JSON.stringify(tuple.map(fold)));
}

type NumbersOf<E> = (point: Point<E>) => readonly number[];

/** The numbers that the field's texts write; what is no number is passed over. */
function numbersOf<E>(correlation: CorrelationRule, { fields: [field = ''] }: Bounds): NumbersOf<E> {
  return (point) => valuesOf(point, correlation, field).flatMap((text) => numberOf(text) ?? []);
}

/** Counts the different keys of the points. */
class Distinct<E> implements Measure<E> {
  readonly #counts = new Map<unknown, number>();
  readonly #keysOf: (point: Point<E>) => readonly unknown[];
  readonly #holds: (found: ReadonlyMap<unknown, number>) => boolean;

  constructor(
    keysOf: (point: Point<E>) => readonly unknown[],
    holds: (found: ReadonlyMap<unknown, number>) => boolean,
  ) {
    this.#keysOf = keysOf;
    this.#holds = holds;
  }

  add(moment: readonly Point<E>[]): void {
    for (const point of moment) {
      for (const key of this.#keysOf(point)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    }
  }

  remove(point: Point<E>): void {
    for (const key of this.#keysOf(point)) {
      const left = (this.#counts.get(key) ?? 0) - 1;
      if (left > 0) this.#counts.set(key, left);
      else this.#counts.delete(key);
    }
  }

  holds(): boolean {
    return this.#holds(this.#counts);
  }
}

/** Adds up numbers. Nothing holds of no numbers. */
class Total<E> implements Measure<E> {
  readonly #sum = new SlidingSum();
  #count = 0;
  readonly #numbersOf: NumbersOf<E>;
  readonly #holds: (sum: number, count: number) => boolean;

  constructor(numbersOf: NumbersOf<E>, holds: (sum: number, count: number) => boolean) {
    this.#numbersOf = numbersOf;
    this.#holds = holds;
  }

  add(moment: readonly Point<E>[]): void {
    for (const point of moment) {
      const numbers = this.#numbersOf(point);
      this.#sum.push(numbers.reduce((sum, number) => sum + number, 0));
      this.#count += numbers.length;
    }
  }

  remove(point: Point<E>): void {
    this.#sum.shift();
    this.#count -= this.#numbersOf(point).length;
  }

  holds(): boolean {
    return this.#count > 0 && this.#holds(this.#sum.sum, this.#count);
  }
}

/** Keeps numbers in order of size. Nothing holds of no numbers. */
class Ranking<E> implements Measure<E> {
  readonly #values: RankedValues;
  readonly #numbersOf: NumbersOf<E>;
  readonly #holds: (values: RankedValues) => boolean;

  constructor(points: readonly Point<E>[], numbersOf: NumbersOf<E>, holds: (values: RankedValues) => boolean) {
    this.#values = new RankedValues(points.flatMap(numbersOf));
    this.#numbersOf = numbersOf;
    this.#holds = holds;
  }

  add(moment: readonly Point<E>[]): void {
    for (const point of moment) for (const number of this.#numbersOf(point)) this.#values.add(number);
  }

  remove(point: Point<E>): void {
    for (const number of this.#numbersOf(point)) this.#values.remove(number);
  }

  holds(): boolean {
    return this.#values.size > 0 && this.#holds(this.#values);
  }
}

/** The middle number; of an even count, what is between the two in the middle. */
function median(values: RankedValues): number {
  const lower = values.at(Math.floor((values.size + 1) / 2));
  const upper = values.at(Math.ceil((values.size + 1) / 2));
  return lower + (upper - lower) / 2;
}

/** The nearest rank: the least number that as many percent of all do not exceed. */
function percentile(values: RankedValues, percent: number): number {
  // What multiplying decimals adds must not lift it to the next rank.
  const rank = Math.ceil((percent * values.size) / 100 - 1e-9);
  return values.at(Math.max(1, rank));
}
