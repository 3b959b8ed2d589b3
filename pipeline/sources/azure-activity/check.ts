import type { JsonObject } from '../../../platform/json.ts';
import { unreadable } from '../shared/rejection.ts';
import { parseTime } from '../shared/time.ts';

/** What no event can do without. */
export interface Required {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly operation: string;
}

/**
 * Checks by hand what `schema.ts` states; a test holds the two together. Of everything else a value of the wrong type is
 * passed over where it would be used.
 * @param record in the form of the diagnostic export
 * @throws RejectedRecord naming the field
 */
export function check(record: JsonObject): Required {
  const time = parseTime(record.time);
  if (time === undefined) throw unreadable('time', 'a time', record.time);
  const operation = record.operationName;
  if (typeof operation !== 'string' || operation === '') {
    throw unreadable('operationName', 'the name of an operation', operation);
  }
  return { time, operation };
}
