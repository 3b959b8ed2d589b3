const DAY = 86_400_000;

/** A date as audit logs write it, its time of day optional. */
const DATE = /^\s*(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2}))?/;

/** What a time modifier takes from a date. */
export type TimePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

export const TIME_PARTS: readonly TimePart[] = ['minute', 'hour', 'day', 'week', 'month', 'year'];

/**
 * Takes a part from a date in ISO 8601 (`2026-03-02T09:14:07Z`), as it is written: Sigma converts no time zone. `week` is the
 * week of ISO 8601, 1 to 53. Undefined where the text is not such a date or has no such part.
 */
export function timePart(text: string, part: TimePart): number | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN] = match.slice(1).map(Number);
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59) return undefined;
  const value = { year, month, day, hour, minute, week: part === 'week' ? isoWeek(date) : NaN }[part];
  return Number.isNaN(value) ? undefined : value;
}

/** The week to which the Thursday of the date's week belongs. */
function isoWeek(date: Date): number {
  const thursday = date.getTime() + (4 - (date.getUTCDay() || 7)) * DAY;
  const newYear = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - newYear) / (7 * DAY)) + 1;
}
