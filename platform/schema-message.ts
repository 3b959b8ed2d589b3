import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * What does not fit a schema, in the words of whoever wrote the document: a text, a list, a map. What the schema says itself is left as
 * it is; only the library's own sentences are put otherwise.
 */
export function schemaMessage(issue: Issue): string {
  const { message } = issue;
  if (issue.code === 'invalid_type') {
    const found = /^Invalid input: expected .*, received (.*)$/.exec(message)?.[1];
    if (found === undefined) return message;
    return found === 'undefined'
      ? `is missing; expected ${named(issue.expected)}`
      : `expected ${named(issue.expected)}, found ${named(found)}`;
  }
  if (issue.code === 'invalid_value' && message.startsWith('Invalid option: ')) {
    return `expected one of ${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'too_big' && message.startsWith('Too big: ')) {
    return `expected at most ${counted(issue.maximum, issue.origin)}`;
  }
  if (issue.code === 'too_small' && message.startsWith('Too small: ')) {
    return `expected at least ${counted(issue.minimum, issue.origin)}`;
  }
  return message;
}

const NAMES = new Map([
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['object', 'a map'],
  ['record', 'a map'],
]);

const named = (type: string): string => NAMES.get(type) ?? type;

const UNITS = new Map([
  ['string', 'character'],
  ['array', 'member'],
]);

function counted(bound: number | bigint, origin: string): string {
  const unit = UNITS.get(origin);
  return unit === undefined ? String(bound) : `${bound} ${unit}${Number(bound) === 1 ? '' : 's'}`;
}
