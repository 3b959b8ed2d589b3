import { objectOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { unreadable } from '../shared/rejection.ts';
import { parseTime } from '../shared/time.ts';
import type { AuditLine, GuardLine } from './forms.ts';

/** What no event can do without. */
export interface AuditRequired {
  /** The audit event, opened. */
  readonly audit: JsonObject;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The time as written. */
  readonly written: string;
}

/**
 * Checks by hand what `schema.ts` states; a test holds the two together.
 * @throws RejectedRecord naming the field
 */
export function checkAudit(line: AuditLine): AuditRequired {
  const audit = line.event;
  if (audit === undefined) throw unreadable('properties.log', 'an audit event or the beginning of one', line.found);
  if (!isText(audit.verb) && !isText(objectOf(audit.user)?.username) && !isText(audit.requestURI)) {
    throw unreadable('verb', 'a verb, or a user or request URI to go by', audit.verb);
  }
  const { stageTimestamp, requestReceivedTimestamp, timestamp } = audit;
  // The first versions of audit.k8s.io had `timestamp` alone. A truncated event has lost its own times, which come late in it.
  const time =
    timeOf(audit, stageTimestamp) ??
    timeOf(audit, requestReceivedTimestamp) ??
    timeOf(audit, timestamp) ??
    timeOf(audit, line.time);
  if (time !== undefined) return time;
  throw unreadable('stageTimestamp', 'a time', stageTimestamp ?? requestReceivedTimestamp ?? timestamp ?? line.time);
}

function timeOf(audit: JsonObject, value: Json | undefined): AuditRequired | undefined {
  const time = parseTime(value);
  return time === undefined ? undefined : { audit, time, written: textOfTime(value) };
}

export interface GuardRequired {
  readonly log: string;
  readonly time: number;
  readonly written: string;
}

/** @throws RejectedRecord naming the field */
export function checkGuard(line: GuardLine): GuardRequired {
  if (!isText(line.log)) throw unreadable('properties.log', 'a line of text', line.log);
  const time = parseTime(line.time);
  if (time === undefined) throw unreadable('time', 'a time', line.time);
  return { log: line.log, time, written: textOfTime(line.time) };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What `parseTime` reads is text or a number. */
const textOfTime = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));
