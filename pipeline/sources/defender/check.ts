import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { unreadable } from '../shared/rejection.ts';
import { parseTime } from '../shared/time.ts';
import { RejectedRecord } from '../source.ts';

/** A record that can become an event; assessments with the names that the Azure API gives them. */
export interface CheckedRecord {
  readonly record: JsonObject;
  /** The finding's own id. */
  readonly id: string;
  readonly title: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The same as the record wrote it. */
  readonly originalTime: string;
}

/** An assessment of a resource, or one finding of those that it is made of. */
export interface CheckedAssessment extends CheckedRecord {
  readonly properties: JsonObject;
  readonly status: JsonObject;
  readonly code: string;
}

/** Types of the continuous export that are findings; https://learn.microsoft.com/azure/defender-for-cloud/continuous-export */
const ASSESSMENT_TYPES: ReadonlySet<string> = new Set([
  'microsoft.security/assessments',
  'microsoft.security/assessments/subassessments',
]);

/** The first counts: when the alert came about. The others stand for it where a forwarder left it out. */
export const ALERT_TIMES = ['TimeGenerated', 'ProcessingEndTime', 'EndTimeUtc', 'StartTimeUtc'] as const;
/** An alert on which somebody has decided happened when it was last written. */
const TIMES_OF_DECISION = ['ProcessingEndTime', 'TimeGenerated', 'EndTimeUtc', 'StartTimeUtc'] as const;
const UNDECIDED: ReadonlySet<Json | undefined> = new Set<Json | undefined>([undefined, null, '', 'New', 'Active']);
/** An assessment says since when its status stands; one finding of it when its scan found it. */
export const STATUS_TIMES = ['statusChangeDate', 'firstEvaluationDate'] as const;

/** Whether a record is an alert: no other source knows such an id. */
export const isAlert = (record: JsonObject): boolean =>
  typeof record.SystemAlertId === 'string' && ('AlertType' in record || 'AlertDisplayName' in record);

/** The type of a record of the Azure API, in lower case, where its provider is Defender for Cloud's. */
export function typeOf(record: JsonObject): string | undefined {
  const type = textOf(record.type) ?? textOf(record.Type);
  const folded = type !== undefined && type.length < 200 ? type.toLowerCase() : undefined;
  return folded?.startsWith('microsoft.security/') === true ? folded : undefined;
}

/** @throws RejectedRecord naming the field, what was expected and what was found */
export function checkAlert(record: JsonObject): CheckedRecord {
  const id = textOf(record.SystemAlertId);
  if (id === undefined) throw unreadable('SystemAlertId', 'the id of an alert', record.SystemAlertId);
  const title = textOf(record.AlertDisplayName) ?? textOf(record.AlertType);
  if (title === undefined) throw unreadable('AlertDisplayName', 'the title of an alert', record.AlertDisplayName);
  const names = UNDECIDED.has(record.Status) ? ALERT_TIMES : TIMES_OF_DECISION;
  const found = firstTime(names.map((name) => record[name]));
  if (found === undefined) throw unreadable('TimeGenerated', 'a time', record.TimeGenerated);
  return { record, id, title, ...found };
}

/**
 * @param record with the names of the Azure API
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function checkAssessment(record: JsonObject): CheckedAssessment {
  const type = typeOf(record);
  if (type === undefined || !ASSESSMENT_TYPES.has(type)) {
    const { message } = unreadable('type', 'an alert, an assessment or a sub-assessment', record.type);
    throw new RejectedRecord(`${message}: other kinds are no findings, leave them out of the continuous export`);
  }
  const { properties } = record;
  if (!isObject(properties)) throw unreadable('properties', 'an object', properties);
  const id = textOf(record.id);
  if (id === undefined) throw unreadable('id', 'the id of an assessment', record.id);
  const status = objectOf(properties.status) ?? {};
  const code = textOf(status.code);
  if (code === undefined) throw unreadable('properties.status.code', 'the code of a status', status.code);
  const title = textOf(properties.displayName) ?? textOf(objectOf(properties.metadata)?.displayName);
  if (title === undefined) throw unreadable('properties.displayName', 'the title of an assessment', undefined);
  const found = firstTime([properties.timeGenerated, ...STATUS_TIMES.map((name) => status[name])]);
  if (found === undefined) {
    throw unreadable(
      'properties.timeGenerated or properties.status.statusChangeDate',
      'a time',
      properties.timeGenerated,
    );
  }
  // Azure compares ids without regard to case, and the export writes one and the same in several.
  return { record, properties, status, code, id: id.toLowerCase(), title, ...found };
}

function firstTime(values: readonly (Json | undefined)[]): { time: number; originalTime: string } | undefined {
  for (const value of values) {
    const time = parseTime(value);
    if (time !== undefined) return { time, originalTime: textOf(value) ?? JSON.stringify(value) };
  }
  return undefined;
}
