import { z } from 'zod';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { detectionReader, type DetectionOptions } from '../sigma/compile-rule.ts';
import { RuleError, shown } from '../loading/rule-error.ts';
import type { RuleDocument } from '../loading/rule-documents.ts';
import { leavesOf } from '../sigma/expression.ts';
import { DAY, parseDate, shownDate } from './exception-dates.ts';
import type { Exception } from './exception.ts';
import { MAX_COMPARISONS, narrows, narrowsByTwoFields } from './narrowing.ts';

/** An exception ends within this many days; who still needs it then looks at it again. */
const MAX_DAYS = 400;
const MAX_RULES = 1000;

/** A sentence has this many words at least. */
const REASON_WORDS = 3;

const text = (max: number) => z.string().trim().min(1, 'is empty').max(max);

const date = z.string('expected a day such as 2027-03-01').transform((written, context) => {
  const time = parseDate(written);
  if (time !== undefined) return time;
  context.addIssue(
    `expected a day (UTC) such as 2027-03-01, or a time with its zone such as 2027-03-01T08:00:00Z, found ${shown(written)}`,
  );
  return z.NEVER;
});

/** Of a log source, which Sigma compares in lower case. */
const sourceName = text(128)
  .transform((name) => name.toLowerCase())
  .optional();

const schema = z.strictObject({
  title: text(256),
  /** Stands in keys of tables. */
  id: z
    .string()
    .regex(/^[a-z\d][a-z\d._-]{0,127}$/i, 'expected a UUID or a name of letters, digits, dots, dashes and underscores'),
  rules: z.union(
    [z.literal('any'), z.array(text(256)).min(1, 'names no rule').max(MAX_RULES)],
    `expected a list of ids or names of rules (at most ${MAX_RULES}), or any`,
  ),
  logsource: z
    .strictObject({ category: sourceName, product: sourceName, service: sourceName })
    .refine(({ category, product, service }) => (category ?? product ?? service) !== undefined, 'names no log source')
    .optional(),
  detection: z.custom<JsonObject>(isObject, 'expected selections and a condition, as in a Sigma rule'),
  owner: text(128),
  reason: text(4096).refine(
    (reason) => reason.split(/\s+/).length >= REASON_WORDS,
    'expected a sentence that says why this is acceptable',
  ),
  expires: date,
  review: date,
  ticket: text(1024).optional(),
});

/**
 * Reads one document of a file of exceptions.
 * @param now milliseconds since 1970-01-01T00:00:00Z; an exception may have expired, but not end in a far future
 * @throws RuleError where it is no exception, or one that cannot be used
 */
export function parseException({ file, line, value }: RuleDocument, now: number, options: DetectionOptions): Exception {
  if (!isObject(value)) throw new RuleError('expected an exception: a map with title, id, rules and detection', []);
  const result = schema.safeParse(value);
  if (!result.success) throw errorOf(result.error.issues, value);
  const { detection, ...head } = result.data;
  checkDates(head, now);
  const exception = { ...head, file, line, detectionFor: detectionReader(detection, options) };
  checkNarrowing(exception);
  return exception;
}

function errorOf([issue]: readonly z.core.$ZodIssue[], document: JsonObject): RuleError {
  const path = (issue?.path ?? []).map((step) => (typeof step === 'symbol' ? String(step) : step));
  const [key] = path;
  if (issue?.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys;
    return new RuleError(`${shown(unknown)} is no part of an exception; take it away, or spell it as it is meant`, [
      ...path,
      unknown,
    ]);
  }
  if (path.length === 1 && typeof key === 'string' && !Object.hasOwn(document, key)) {
    return new RuleError(`${key} is missing: an exception states ${MANDATORY.join(', ')}`, []);
  }
  return new RuleError(
    `${path.length === 0 ? 'the exception' : path.join('.')}: ${issue?.message ?? 'unusable'}`,
    path,
  );
}

const MANDATORY = ['title', 'id', 'rules', 'detection', 'owner', 'reason', 'expires', 'review'];

function checkDates({ expires, review }: Pick<Exception, 'expires' | 'review'>, now: number): void {
  const latest = now + MAX_DAYS * DAY;
  if (expires > latest) {
    throw new RuleError(
      `expires: ${shownDate(expires)} is more than ${MAX_DAYS} days away; choose a day until ${shownDate(latest - (latest % DAY))}, and renew it then`,
      ['expires'],
    );
  }
  if (review > expires) {
    throw new RuleError(`review: ${shownDate(review)} comes after it expires, on ${shownDate(expires)}`, ['review']);
  }
}

/** Refuses what would suppress whatever its rules raise. */
function checkNarrowing({ rules, logsource, detectionFor }: Exception): void {
  const { condition } = detectionFor(logsource ?? {});
  const path = ['detection'];
  if (leavesOf(condition).length > MAX_COMPARISONS) {
    throw new RuleError(`an exception has at most ${MAX_COMPARISONS} comparisons; write several`, path);
  }
  if (!narrows(condition)) {
    throw new RuleError(
      'it would suppress everything: each alternative of its condition must compare a field with something particular; ' +
        'what is negated, exists, null, and patterns that match any value of a kind do not count',
      path,
    );
  }
  if (rules !== 'any') return;
  if (logsource === undefined) {
    throw new RuleError('an exception from any rule needs a logsource, by which its fields are understood', ['rules']);
  }
  if (!narrowsByTwoFields(condition)) {
    throw new RuleError(
      'an exception from any rule must compare two fields in each alternative of its condition, such as who and what; or name the rules',
      path,
    );
  }
}
