import type { LogSource } from '../../timeline/read-record.ts';
import type { Detection, RuleMetadata } from '../rule.ts';
import { shownDate } from './exception-dates.ts';

/** A suppression that somebody answers for: signals of its rules on records that its detection matches raise no alert until it expires. */
export interface Exception {
  readonly id: string;
  readonly title: string;
  /** Ids or names of the rules that it excepts from, or all. */
  readonly rules: readonly string[] | 'any';
  /** The records that it is for; where absent, those of each of its rules. */
  readonly logsource?: LogSource | undefined;
  readonly owner: string;
  readonly reason: string;
  /** From this moment on it suppresses nothing: milliseconds since 1970-01-01T00:00:00Z, as `review`. */
  readonly expires: number;
  /** When its owner is to look at it again; not after `expires`. */
  readonly review: number;
  readonly ticket?: string | undefined;
  /** The file that it was read from, as it was named to the loader, and the line at which its document begins, from 1. */
  readonly file: string;
  readonly line: number;
  /** What it matches, with its fields as records of a log source spell them. */
  readonly detectionFor: (logsource: LogSource) => Detection;
}

export type ExceptionState = 'active' | 'review due' | 'expired';

/** How an exception stands at a moment, milliseconds since 1970-01-01T00:00:00Z. */
export function stateOf({ expires, review }: Exception, now: number): ExceptionState {
  if (now >= expires) return 'expired';
  return now >= review ? 'review due' : 'active';
}

/** Whether an exception names a rule. */
export function names(exception: Exception, { id, name }: Pick<RuleMetadata, 'id' | 'name'>): boolean {
  const { rules } = exception;
  return rules === 'any' || rules.includes(id) || (name !== undefined && rules.includes(name));
}

/** What owners are to be told at a moment: a sentence for each exception that has expired or is due for review. */
export function exceptionNotices(exceptions: readonly Exception[], now: number): string[] {
  return exceptions.flatMap((exception) => {
    const { id, title, file, line } = exception;
    const overdue = overdueOf(exception, now);
    return overdue === undefined ? [] : [`the exception ${id} (${title}; ${file}:${line}) ${overdue}`];
  });
}

/** What is to be said of an exception that has expired or is due for review, without naming it; undefined of any other. */
export function overdueOf(exception: Exception, now: number): string | undefined {
  const { owner, expires, review } = exception;
  switch (stateOf(exception, now)) {
    case 'active':
      return undefined;
    case 'review due':
      return `was due for review on ${shownDate(review)}: ${owner} must renew or remove it`;
    case 'expired':
      return `expired on ${shownDate(expires)} and suppresses nothing any more: ${owner} must renew or remove it`;
  }
}
