import { z } from 'zod';
import { parseDuration } from '../../../platform/duration.ts';
import { isObject, own } from '../../../platform/json.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import { RuleError, shown } from '../loading/rule-error.ts';
import { parseHead } from '../sigma/rule-metadata.ts';
import { readPart } from '../loading/read-part.ts';
import { parseCondition } from './correlation-condition.ts';
import { CORRELATION_TYPES, type CorrelationRule } from './correlation-rule.ts';
import { rulesNamedIn } from './rule-expression.ts';
import { isTypedKind, parseTypedCondition } from './typed/typed-condition.ts';

/** The most rules that a correlation may name. */
const MAX_RULES = 100;
/** Of rules whose order counts, fewer: each match is compared with every place in the order. */
const MAX_ORDERED_RULES = 32;
const MAX_GROUP_FIELDS = 8;
const MAX_ALIASES = 100;

const MAX_TIMESPAN = 366 * 86_400_000;

/** Months and years, which pySigma takes too, have no length of their own. */
const timespan = z.string('expected a length of time such as 90s, 5m, 1h or 1d').transform((text, context) => {
  const length = parseDuration(text) ?? 0;
  if (length > 0 && length <= MAX_TIMESPAN) return length;
  context.addIssue(`expected a length of time such as 90s, 5m, 1h or 1d, at most 366d, found ${shown(text)}`);
  return z.NEVER;
});

const reference = z.string('expected the id or the name of a rule').min(1).max(256);
const fieldName = z.string('expected the name of a field').min(1).max(512);

/** One text stands for a list of one. */
const listOf = <T extends z.ZodType>(member: T, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(member, 'expected a text or a list of texts').max(max),
  );

const section = z.strictObject(
  {
    type: z.enum(CORRELATION_TYPES, `expected one of ${CORRELATION_TYPES.join(', ')}`),
    rules: listOf(reference, MAX_RULES).optional(),
    'group-by': listOf(fieldName, MAX_GROUP_FIELDS).nullish(),
    aliases: z.unknown().optional(),
    timespan,
    condition: z.unknown().optional(),
    generate: z.boolean('expected true or false').optional(),
  },
  {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? 'not part of a correlation; known are type, rules, group-by, aliases, timespan, condition, generate'
        : 'expected a map of type, rules, timespan and condition',
  },
);

/**
 * Reads a document with `correlation:`. Its references are read as written: whom they mean is found out once all rules are read.
 * @throws RuleError where it is none, or one that cannot be used
 */
export function parseCorrelation({ file, line, value }: RuleDocument): CorrelationRule {
  if (!isObject(value)) throw new RuleError('expected a correlation rule: a map with title and correlation', []);
  for (const key of ['detection', 'filter', 'logsource']) {
    if (!Object.hasOwn(value, key)) continue;
    throw new RuleError(`${key}: a correlation rule has none; the rules that it names have theirs`, [key]);
  }
  const head = parseHead(value, { file, line });
  const crosstrail = own(value, 'crosstrail');
  if (isObject(crosstrail) && Object.hasOwn(crosstrail, 'group')) {
    throw new RuleError("crosstrail.group: the signals of a correlation are grouped by its 'group-by'", [
      'crosstrail',
      'group',
    ]);
  }
  const read = readPart(section, own(value, 'correlation'), ['correlation']);
  const rules = rulesOf(read.rules, read.condition, read.type);
  const groupBy = [...new Set(read['group-by'] ?? [])];
  return {
    ...head,
    kind: 'correlation',
    type: read.type,
    rules,
    groupBy,
    group: groupBy,
    aliases: parseAliases(read.aliases),
    timespan: read.timespan,
    condition: isTypedKind(read.type)
      ? parseTypedCondition(read.condition, read.type, { timespan: read.timespan, rules })
      : parseCondition(read.condition, read.type, rules),
    generate: generateOf(own(value, 'generate'), read.generate),
  };
}

/** Where an expression names the rules, the list may be left out, as pySigma allows. */
function rulesOf(
  listed: readonly string[] | undefined,
  condition: unknown,
  type: CorrelationRule['type'],
): readonly string[] {
  const path = ['correlation', 'rules'];
  const rules = listed ?? (typeof condition === 'string' ? rulesNamedIn(condition) : []);
  if (rules.length === 0)
    throw new RuleError('correlation.rules: expected the ids or names of one or more rules', path);
  const repeated = rules.findIndex((rule, index) => rules.indexOf(rule) < index);
  if (repeated >= 0) {
    throw new RuleError(`correlation.rules: names '${rules[repeated] ?? ''}' twice`, [...path, repeated]);
  }
  const most = type === 'temporal_ordered' ? MAX_ORDERED_RULES : MAX_RULES;
  if (rules.length > most) throw new RuleError(`correlation.rules: ${type} takes at most ${most} rules`, path);
  return rules;
}

function parseAliases(aliases: unknown): CorrelationRule['aliases'] {
  const path = ['correlation', 'aliases'];
  if (aliases === undefined || aliases === null) return new Map();
  if (!isObject(aliases)) throw new RuleError('correlation.aliases: expected a map of aliases', path);
  const entries = Object.entries(aliases);
  if (entries.length > MAX_ALIASES) throw new RuleError(`correlation.aliases: at most ${MAX_ALIASES}`, path);
  return new Map(entries.map(([alias, fields]) => [alias, parseAlias(alias, fields)]));
}

function parseAlias(alias: string, fields: unknown): ReadonlyMap<string, string> {
  const path = ['correlation', 'aliases', alias];
  if (!isObject(fields))
    throw new RuleError(`correlation.aliases.${alias}: expected a map of rules and their fields`, path);
  return new Map(Object.entries(fields).map(([rule, field]) => [rule, readPart(fieldName, field, [...path, rule])]));
}

/** Sigma's specification has `generate` beside `correlation`, pySigma reads it from within. */
function generateOf(beside: unknown, inside: boolean | undefined): boolean {
  if (beside === undefined) return inside ?? false;
  if (typeof beside !== 'boolean') throw new RuleError('generate: expected true or false', ['generate']);
  if (inside !== undefined && inside !== beside) {
    throw new RuleError('generate: says something else than correlation.generate', ['generate']);
  }
  return beside;
}
