import { fold } from '../sigma/fold.ts';
import { numberOf } from '../sigma/value-modifiers.ts';
import { combinations } from './combinations.ts';
import { within } from './correlation-condition.ts';
import type { CorrelationRule, WindowCondition } from './correlation-rule.ts';
import { ExactSum } from './exact-sum.ts';
import { OrderedRules } from './ordered-rules.ts';
import { valuesOf, type CorrelatedEvent, type Point } from './point.ts';
import { presentIn } from './rule-expression.ts';
import { SortedNumbers } from './sorted-numbers.ts';

/** What is measured of the points in a window, as they come and, in the same order, go. */
export interface Measure<E> {
  /** Takes the points from a place up to another: all that have come by now of one time. */
  add(points: readonly Point<E>[], from: number, to: number): void;
  remove(point: Point<E>): void;
  /** Whether the condition holds. @param from where the window begins */
  holds(from: number): boolean;
  clear(): void;
}

/** A correlation of sliding windows. */
export interface WindowRule extends CorrelationRule {
  readonly condition: WindowCondition;
}

type Bounds = Extract<WindowCondition, { kind: 'bounds' }>;

/** Of fields that are lists, `value_count` takes so many tuples of an event. */
export const MAX_TUPLES = 64;

/** What a correlation measures, over a window that is empty yet. @param chained whether it takes what other correlations found */
export function measureOf<E extends CorrelatedEvent>(correlation: WindowRule, chained: boolean): Measure<E> {
  const { condition, type } = correlation;
  if (condition.kind === 'expression') {
    const { expression } = condition;
    return new Distinct(eachRule, (rules) => presentIn(expression, (rule) => rules.has(rule)));
  }
  const { bounds } = condition;
  const size = (found: Counts): boolean => within(bounds, found.size);
  switch (type) {
    case 'event_count':
      return chained ? new Distinct(eachUnit, size) : new Count((count) => within(bounds, count));
    case 'temporal':
      return new Distinct(eachRule, size);
    case 'temporal_ordered':
      return new OrderedRules(correlation.rules, (length) => within(bounds, length));
    case 'value_count':
      return new Distinct(eachTuple(correlation, condition), size);
    case 'value_sum':
      return new Total(numbersOf(correlation, condition), (sum) => within(bounds, sum));
    case 'value_avg':
      return new Total(numbersOf(correlation, condition), (sum, count) => within(bounds, sum / count));
    case 'value_median':
      return new Ranking(numbersOf(correlation, condition), (values) => within(bounds, median(values)));
    case 'value_percentile':
      return new Ranking(numbersOf(correlation, condition), (values) =>
        within(bounds, percentile(values, condition.percentile ?? 50)),
      );
    default:
      throw new Error(`${type} has no sliding window`);
  }
}

/** Calls back with each key by which a point counts. */
type EachKey<E> = (point: Point<E>, visit: (key: unknown) => void) => void;

const eachRule: EachKey<unknown> = ({ rule }, visit) => visit(rule);
const eachUnit: EachKey<unknown> = ({ unit }, visit) => visit(unit);

function eachTuple<E>(correlation: CorrelationRule, { fields }: Bounds): EachKey<E> {
  const [only] = fields;
  if (only !== undefined && fields.length === 1) {
    return (point, visit) => {
      const texts = valuesOf(point, correlation, only);
      for (let at = 0; at < texts.length && at < MAX_TUPLES; at += 1) visit(fold(texts[at] ?? ''));
    };
  }
  return (point, visit) => {
    const values = fields.map((field) => valuesOf(point, correlation, field));
    for (const tuple of combinations(values, MAX_TUPLES)) visit(JSON.stringify(tuple.map(fold)));
  };
}

type NumbersOf<E> = (point: Point<E>) => readonly number[];

/** The numbers that the field's texts write; what is no number is passed over. */
function numbersOf<E>(correlation: CorrelationRule, { fields: [field = ''] }: Bounds): NumbersOf<E> {
  return (point) => valuesOf(point, correlation, field).flatMap((text) => numberOf(text) ?? []);
}

/** Counts points. */
class Count<E> implements Measure<E> {
  #count = 0;
  readonly #holds: (count: number) => boolean;

  constructor(holds: (count: number) => boolean) {
    this.#holds = holds;
  }

  add(_points: readonly Point<E>[], from: number, to: number): void {
    this.#count += to - from;
  }

  remove(): void {
    this.#count -= 1;
  }

  holds(): boolean {
    return this.#holds(this.#count);
  }

  clear(): void {
    this.#count = 0;
  }
}

/** How often each key is there. */
type Counts = ReadonlyMap<unknown, { times: number }>;

/** Counts the different keys of the points. */
class Distinct<E> implements Measure<E> {
  readonly #counts = new Map<unknown, { times: number }>();
  readonly #eachKey: EachKey<E>;
  readonly #holds: (found: Counts) => boolean;

  constructor(eachKey: EachKey<E>, holds: (found: Counts) => boolean) {
    this.#eachKey = eachKey;
    this.#holds = holds;
  }

  readonly #come = (key: unknown): void => {
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { times: 1 });
    else known.times += 1;
  };

  readonly #leave = (key: unknown): void => {
    const known = this.#counts.get(key);
    if (known === undefined) return;
    known.times -= 1;
    if (known.times === 0) this.#counts.delete(key);
  };

  add(points: readonly Point<E>[], from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const point = points[at];
      if (point !== undefined) this.#eachKey(point, this.#come);
    }
  }

  remove(point: Point<E>): void {
    this.#eachKey(point, this.#leave);
  }

  holds(): boolean {
    return this.#holds(this.#counts);
  }

  clear(): void {
    this.#counts.clear();
  }
}

/** What becomes of the numbers of the points. Nothing holds of no numbers. */
abstract class Numbers<E> implements Measure<E> {
  readonly #numbersOf: NumbersOf<E>;

  constructor(numbersOf: NumbersOf<E>) {
    this.#numbersOf = numbersOf;
  }

  protected abstract come(number: number): void;
  protected abstract leave(number: number): void;
  abstract holds(): boolean;
  abstract clear(): void;

  add(points: readonly Point<E>[], from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const point = points[at];
      if (point !== undefined) for (const number of this.#numbersOf(point)) this.come(number);
    }
  }

  remove(point: Point<E>): void {
    for (const number of this.#numbersOf(point)) this.leave(number);
  }
}

/** Adds up numbers. */
class Total<E> extends Numbers<E> {
  readonly #sum = new ExactSum();
  #count = 0;
  readonly #holds: (sum: number, count: number) => boolean;

  constructor(numbersOf: NumbersOf<E>, holds: (sum: number, count: number) => boolean) {
    super(numbersOf);
    this.#holds = holds;
  }

  protected come(number: number): void {
    this.#sum.add(number);
    this.#count += 1;
  }

  protected leave(number: number): void {
    this.#sum.remove(number);
    this.#count -= 1;
  }

  holds(): boolean {
    return this.#count > 0 && this.#holds(this.#sum.value, this.#count);
  }

  clear(): void {
    this.#sum.clear();
    this.#count = 0;
  }
}

/** Keeps numbers in order of size. */
class Ranking<E> extends Numbers<E> {
  readonly #values = new SortedNumbers();
  readonly #holds: (values: SortedNumbers) => boolean;

  constructor(numbersOf: NumbersOf<E>, holds: (values: SortedNumbers) => boolean) {
    super(numbersOf);
    this.#holds = holds;
  }

  protected come(number: number): void {
    this.#values.add(number);
  }

  protected leave(number: number): void {
    this.#values.remove(number);
  }

  holds(): boolean {
    return this.#values.size > 0 && this.#holds(this.#values);
  }

  clear(): void {
    this.#values.clear();
  }
}

/** The middle number; of an even count, what is between the two in the middle. */
function median(values: SortedNumbers): number {
  const lower = values.at(Math.floor((values.size + 1) / 2));
  const upper = values.at(Math.ceil((values.size + 1) / 2));
  return lower + (upper - lower) / 2;
}

/** The nearest rank: the least number that as many percent of all do not exceed. */
function percentile(values: SortedNumbers, percent: number): number {
  // What multiplying decimals adds must not lift it to the next rank.
  const rank = Math.ceil((percent * values.size) / 100 - 1e-9);
  return values.at(Math.max(1, rank));
}
