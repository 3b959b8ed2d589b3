import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { RECEIVED } from '../report.ts';
import { unreadable } from '../shared/rejection.ts';
import { parseTime } from '../shared/time.ts';
import { SARIF_VERSION } from './results-of.ts';

/** A record that can become an event. */
export interface CheckedResult {
  readonly record: JsonObject;
  readonly run: JsonObject;
  readonly rule: JsonObject | undefined;
  readonly result: JsonObject;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The same as the log wrote it; undefined where it does not say and it is the time at which the log came. */
  readonly written: string | undefined;
}

/**
 * Checks what `schema.ts` states, without its cost.
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function check(record: JsonObject): CheckedResult {
  const version = record['sarif'] ?? record['version'];
  if (version !== SARIF_VERSION) throw unreadable('version', `version ${SARIF_VERSION} of SARIF`, version);
  const { result } = record;
  if (!isObject(result)) throw unreadable('result', 'a result', result);
  const run = objectOf(record['run']) ?? {};
  const found = timeOf(record);
  if (found === undefined) throw unreadable('run.invocations.endTimeUtc', 'a time', writtenTimes(run)[0]);
  return { record, run, rule: objectOf(record['rule']), result, ...found };
}

/** When the run ended, or began, by the last of its invocations that says; otherwise when the log came. */
export function timeOf(record: JsonObject): Pick<CheckedResult, 'time' | 'written'> | undefined {
  const written = writtenTimes(objectOf(record['run']) ?? {}).findLast((text) => parseTime(text) !== undefined);
  const time = parseTime(written) ?? parseTime(record[RECEIVED]);
  return time === undefined ? undefined : { time, written };
}

/** The times of a run, those at which an invocation ended last. */
function writtenTimes(run: JsonObject): string[] {
  const invocations = (arrayOf(run['invocations']) ?? []).map(objectOf);
  const times = (name: string): (Json | undefined)[] => invocations.map((invocation) => invocation?.[name]);
  return [...times('startTimeUtc'), ...times('endTimeUtc')].map(textOf).filter((text) => text !== undefined);
}
