import type { JsonObject } from '../../../platform/json.ts';
import { isRepositoryName } from '../shared/code-repository.ts';
import { unreadable } from '../shared/rejection.ts';
import { parseTime } from '../shared/time.ts';
import { formOf, isAction, type AlertForm, type AlertKind } from './forms.ts';

/** An alert that can become an event. */
export interface CheckedAlert {
  readonly kind: AlertKind;
  readonly record: JsonObject;
  readonly alert: JsonObject;
  readonly action: string | undefined;
  /** `<owner>/<name>`, as written. */
  readonly repository: string;
  /** Of the alert in its repository, among those of its kind. */
  readonly number: number;
  /** When the alert last changed: milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The same as the alert wrote it. */
  readonly written: string;
}

/** An entry of the audit log that can become an event. */
export interface CheckedEntry {
  readonly record: JsonObject;
  readonly action: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly written: string;
}

/** The times of alerts; no webhook says when it was sent, so an alert is as old as the last of them. */
const ALERT_TIMES = [
  'updated_at',
  'fixed_at',
  'dismissed_at',
  'auto_dismissed_at',
  'resolved_at',
  'created_at',
] as const;

/** The times of an entry, best first: `created_at` of an entry about an alert is when the alert was made. */
const ENTRY_TIMES = ['@timestamp', 'at_sign_timestamp', 'created_at'] as const;

/**
 * Checks what `schema.ts` states, without its cost.
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function check(record: JsonObject): CheckedAlert | CheckedEntry {
  const form = formOf(record);
  return form.form === 'alert' ? checkAlert(record, form) : checkEntry(record);
}

function checkAlert(record: JsonObject, { kind, alert, action, repository }: AlertForm): CheckedAlert {
  if (typeof repository !== 'string' || !isRepositoryName(repository)) {
    throw unreadable('repository.full_name', 'the name of a repository, with its owner', repository);
  }
  const { number } = alert;
  if (!isAlertNumber(number)) throw unreadable('alert.number', 'the number of an alert', number);
  const last = lastTime(alert);
  if (last === undefined) throw unreadable('alert.updated_at', 'a time', alert['updated_at'] ?? alert['created_at']);
  return { kind, record, alert, action, repository, number, ...last };
}

function checkEntry(record: JsonObject): CheckedEntry {
  const { action } = record;
  if (!isAction(action)) {
    throw unreadable('action', 'an alert, or an action of the audit log such as repo.create', action);
  }
  const first = entryTime(record);
  if (first === undefined) throw unreadable('@timestamp', 'a time', record['@timestamp']);
  return { record, action, ...first };
}

export const isAlertNumber = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/** The last of an alert's times. */
export function lastTime(alert: JsonObject): { readonly time: number; readonly written: string } | undefined {
  let last: { time: number; written: string } | undefined;
  for (const name of ALERT_TIMES) {
    const value = alert[name];
    const time = parseTime(value);
    if (time !== undefined && (last === undefined || time > last.time)) last = { time, written: textOfTime(value) };
  }
  return last;
}

/** When what an entry tells of happened. */
export function entryTime(record: JsonObject): { readonly time: number; readonly written: string } | undefined {
  for (const name of ENTRY_TIMES) {
    const value = record[name];
    const time = parseTime(value);
    if (time !== undefined) return { time, written: textOfTime(value) };
  }
  return undefined;
}

const textOfTime = (value: unknown): string => (typeof value === 'string' ? value : String(Number(value)));
