import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { RuleError, shown } from '../loading/rule-error.ts';
import { readPart } from '../loading/read-part.ts';
import { numberOf } from '../sigma/value-modifiers.ts';
import { BOUND_OPERATORS, type Bound, type WindowCondition, type WindowType } from './correlation-rule.ts';
import { parseRuleExpression } from './rule-expression.ts';

const PATH = ['correlation', 'condition'];

/** The most fields of which `value_count` counts the tuples. */
const MAX_FIELDS = 8;

const number = z.union([z.number(), z.string()], 'expected a number').transform((value, context) => {
  const read = typeof value === 'number' ? value : numberOf(value);
  if (read !== undefined && Number.isFinite(read)) return read;
  context.addIssue(`expected a number, found ${shown(value)}`);
  return z.NEVER;
});

const fieldName = z.string('expected the name of a field').min(1).max(512);

const bounds = z.strictObject(
  {
    gt: number.optional(),
    gte: number.optional(),
    lt: number.optional(),
    lte: number.optional(),
    eq: number.optional(),
    neq: number.optional(),
    field: z
      .preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(fieldName).min(1).max(MAX_FIELDS))
      .optional(),
    percentile: z.number('expected a number from 0 to 100').min(0).max(100).optional(),
  },
  {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `not part of a condition; known are ${BOUND_OPERATORS.join(', ')}, field, percentile`
        : undefined,
  },
);

/**
 * Reads the condition of a correlation: a map of bounds, or for `temporal` an expression over the names of rules.
 * @param rules the references of the correlation, as written
 * @throws RuleError also where the condition can never hold
 */
export function parseCondition(condition: unknown, type: WindowType, rules: readonly string[]): WindowCondition {
  const temporal = type === 'temporal' || type === 'temporal_ordered';
  if (condition === undefined && temporal) {
    return { kind: 'bounds', bounds: [{ operator: 'gte', number: rules.length }], fields: [] };
  }
  if (typeof condition === 'string') {
    if (type === 'temporal') return { kind: 'expression', expression: parseRuleExpression(condition, rules) };
    const reason =
      type === 'temporal_ordered'
        ? 'what order an expression asks for is not defined; list the rules in their order and leave the condition out'
        : `an expression goes with temporal; ${type} takes a map such as {gte: 10}`;
    throw new RuleError(`condition: ${reason}`, PATH);
  }
  if (!isObject(condition)) {
    throw new RuleError(`condition: expected a map such as {gte: 10}, found ${shown(condition)}`, PATH);
  }
  return parseBounds(condition, type, rules.length);
}

function parseBounds(condition: unknown, type: WindowType, rules: number): WindowCondition {
  const { field: fields = [], percentile, ...numbers } = readPart(bounds, condition, PATH);
  const read = BOUND_OPERATORS.flatMap((operator): Bound[] => {
    const found = numbers[operator];
    return found === undefined ? [] : [{ operator, number: found }];
  });
  if (read.length === 0) {
    throw new RuleError(`condition: expected one of ${BOUND_OPERATORS.join(', ')}, such as {gte: 10}`, PATH);
  }
  checkFields(type, fields);
  checkPercentile(type, percentile);
  checkSatisfiable(type, read, rules);
  return { kind: 'bounds', bounds: read, fields, percentile };
}

function checkFields(type: WindowType, fields: readonly string[]): void {
  if (type.startsWith('value_')) {
    if (fields.length === 0) throw new RuleError(`condition: ${type} needs the field whose values it takes`, PATH);
    if (fields.length > 1 && type !== 'value_count') {
      throw new RuleError(`condition: ${type} takes the values of one field`, [...PATH, 'field']);
    }
  } else if (fields.length > 0) {
    throw new RuleError(`condition: a field goes with value_count and its like, not with ${type}`, [...PATH, 'field']);
  }
}

function checkPercentile(type: WindowType, percentile: number | undefined): void {
  if (type === 'value_percentile' && percentile === undefined) {
    throw new RuleError(
      "condition: value_percentile needs 'percentile', 0 to 100, whose value is compared with the bounds, such as {field: bytes, percentile: 95, gt: 1000}",
      PATH,
    );
  }
  if (type !== 'value_percentile' && percentile !== undefined) {
    throw new RuleError(`condition: a percentile goes with value_percentile, not with ${type}`, [
      ...PATH,
      'percentile',
    ]);
  }
}

/** Whether a number is within all bounds. */
export function within(bounds: readonly Bound[], found: number): boolean {
  return bounds.every((bound) => holds(bound, found));
}

function holds({ operator, number }: Bound, found: number): boolean {
  switch (operator) {
    case 'gt':
      return found > number;
    case 'gte':
      return found >= number;
    case 'lt':
      return found < number;
    case 'lte':
      return found <= number;
    case 'eq':
      return found === number;
    case 'neq':
      return found !== number;
  }
}

/**
 * Bounds hold for some number exactly where they hold for one of these: the bounds themselves, what is just beside them, and
 * what is between two of them.
 * @throws RuleError where they hold for none that can be measured
 */
function checkSatisfiable(type: WindowType, read: readonly Bound[], rules: number): void {
  const numbers = read.map(({ number }) => number);
  const counted = COUNTS.has(type);
  if (counted && !numbers.every(Number.isSafeInteger)) {
    throw new RuleError(`condition: ${type} counts, so its bounds are whole numbers`, PATH);
  }
  const least = type === 'value_count' ? 0 : 1;
  const most = type.startsWith('temporal') ? rules : Number.MAX_SAFE_INTEGER;
  const beside = numbers.flatMap((number) => [number - 1, number, number + 1]);
  const candidates = counted
    ? [least, most, ...beside].filter((number) => number >= least && number <= most)
    : [...beside, ...numbers.flatMap((one) => numbers.map((other) => one + (other - one) / 2))];
  if (candidates.some((number) => within(read, number))) return;
  const range = counted
    ? `; ${type} is ${least} or more${most === rules ? ` and at most ${rules}, the number of rules` : ''}`
    : '';
  const never = 'condition: no number is within these bounds, so the rule would never fire';
  throw new RuleError(
    `${never}${range}. The absence of events cannot be measured: a window is looked at when an event comes`,
    PATH,
  );
}

const COUNTS: ReadonlySet<WindowType> = new Set(['event_count', 'value_count', 'temporal', 'temporal_ordered']);
