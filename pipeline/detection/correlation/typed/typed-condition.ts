import { z } from 'zod';
import { parseDuration } from '../../../../platform/duration.ts';
import { readPart } from '../../loading/read-part.ts';
import { RuleError, shown } from '../../loading/rule-error.ts';
import { TYPED_KINDS, type CorrelationType, type TypedCondition, type TypedKind } from '../correlation-rule.ts';

const PATH = ['correlation', 'condition'];

/** Of so many fields `first_seen` takes the tuples. */
const MAX_FIELDS = 8;
/** So many buckets are remembered of each group. */
const MAX_BUCKETS = 1000;
/** Of the rules of a sequence, whose order counts. */
const MAX_STEPS = 32;
/** There are no more sources than these. */
const MAX_SOURCES = 5;
const LEARNING = '14d';

const length = z.string('expected a length of time such as 5m, 1h or 14d').transform((text, context) => {
  const read = parseDuration(text) ?? 0;
  if (read > 0) return read;
  context.addIssue(`expected a length of time such as 5m, 1h or 14d, found ${shown(text)}`);
  return z.NEVER;
});

const fieldName = z.string('expected the name of a field').min(1).max(512);

/** A map of these keys and no others. */
const keys = <T extends z.core.$ZodLooseShape>(shape: T) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `not part of this condition; known are ${Object.keys(shape).join(', ')}`
        : `expected a map of ${Object.keys(shape).join(', ')}`,
  });

const firstSeen = keys({
  field: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(fieldName, `expected the name of a field, or a list of 1 to ${MAX_FIELDS} names`).min(1).max(MAX_FIELDS),
  ),
  learning: length.prefault(LEARNING),
});

const impossibleTravel = keys({
  speed: z.number('expected kilometres an hour, 100 to 100000').min(100).max(100_000).default(900),
  distance: z.number('expected kilometres, 1 to 20000').min(1).max(20_000).default(500),
});

const rate = keys({
  factor: z.number('expected a number above 1').gt(1, 'expected a number above 1').max(1_000_000),
  'at-least': z.int('expected a whole number, 2 to 1000000').min(2).max(1_000_000),
  learning: length.prefault(LEARNING),
});

const absence = keys({
  direction: z.enum(['before', 'after'], 'expected before or after').default('before'),
  learning: length.optional(),
});

const sequence = keys({
  gap: length.optional(),
  sources: z.int(`expected a whole number, 1 to ${MAX_SOURCES}`).min(1).max(MAX_SOURCES).default(1),
});

/** What else of a correlation its condition depends on. */
interface Context {
  readonly timespan: number;
  readonly rules: readonly string[];
}

/** Whether a type is one of the project's own. */
export const isTypedKind = (type: CorrelationType): type is TypedKind => TYPED_KINDS.some((kind) => kind === type);

/**
 * Reads the condition of a correlation of the project's own types.
 * @param condition as written; undefined where it is left out
 * @throws RuleError also where the rule could never fire
 */
export function parseTypedCondition(condition: unknown, type: TypedKind, context: Context): TypedCondition {
  checkRules(type, context.rules);
  switch (type) {
    case 'first_seen': {
      const { field: fields, learning } = readPart(firstSeen, condition, PATH);
      if (learning > context.timespan) {
        throw tooLong('learning', 'timespan, the time for which a value is remembered');
      }
      return { kind: type, fields, learning };
    }
    case 'impossible_travel':
      return { kind: type, ...readPart(impossibleTravel, condition ?? {}, PATH) };
    case 'rate':
      return rateCondition(condition, context);
    case 'absence':
      return absenceCondition(condition, context);
    case 'sequence': {
      const read = readPart(sequence, condition ?? {}, PATH);
      if ((read.gap ?? 0) > context.timespan) throw tooLong('gap', 'timespan, in which all steps must happen');
      return { kind: type, ...read };
    }
  }
}

function checkRules(type: TypedKind, { length: count }: readonly string[]): void {
  const path = ['correlation', 'rules'];
  if ((type === 'absence' || type === 'sequence') && count < 2) {
    const what = type === 'absence' ? 'the rule that matches, and one that does not' : 'the rules in their order';
    throw new RuleError(`correlation.rules: ${type} takes two rules or more: ${what}`, path);
  }
  if (type === 'sequence' && count > MAX_STEPS) {
    throw new RuleError(`correlation.rules: ${type} takes at most ${MAX_STEPS} rules`, path);
  }
}

function rateCondition(condition: unknown, { timespan }: Context): TypedCondition {
  const { factor, 'at-least': atLeast, learning } = readPart(rate, condition, PATH);
  if (learning < timespan || learning > MAX_BUCKETS * timespan) {
    throw new RuleError(
      `condition.learning: expected from one to ${MAX_BUCKETS} timespans, with which the matches of one are compared`,
      [...PATH, 'learning'],
    );
  }
  return { kind: 'rate', factor, atLeast, learning };
}

function absenceCondition(condition: unknown, { timespan }: Context): TypedCondition {
  const read = readPart(absence, condition ?? {}, PATH);
  if (read.learning !== undefined && read.learning <= timespan) {
    throw new RuleError(
      'condition.learning: expected more than the timespan: where the other rule matched within that, nothing is absent',
      [...PATH, 'learning'],
    );
  }
  return { kind: 'absence', ...read };
}

const tooLong = (key: string, what: string): RuleError =>
  new RuleError(`condition.${key}: longer than ${what}`, [...PATH, key]);
