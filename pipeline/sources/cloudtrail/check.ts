import { isObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';
import { RejectedRecord } from '../source.ts';

/** What an event cannot do without. */
export interface Required {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly operation: string;
}

/**
 * Checks what `schema.ts` states, without its cost.
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function check(record: JsonObject): Required {
  const time = parseTime(record['eventTime']);
  if (time === undefined) throw new RejectedRecord(`eventTime: expected a time, found ${found(record['eventTime'])}`);
  const operation = textOf(record['eventName']) ?? insightOperation(record);
  if (operation === undefined) {
    throw new RejectedRecord(`eventName: expected the name of an operation, found ${found(record['eventName'])}`);
  }
  return { time, operation };
}

/** Insights events name the operation that they are about in their details only. */
export function insightOperation(record: JsonObject): string | undefined {
  const details = record['insightDetails'];
  return isObject(details) ? (textOf(details['eventName']) ?? textOf(details['insightType'])) : undefined;
}

/** Quotes a value for a person, briefly. */
function found(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `'${value.slice(0, 40).replace(/[^\x20-\x7e]/g, '?')}'`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
