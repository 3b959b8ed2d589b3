/** The days and moments that an exception names. */

export const DAY = 86_400_000;

const DAY_TEXT = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT_TEXT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads a day (`2027-03-01`: its first moment in UTC) or a moment in ISO 8601 with its zone (`2027-03-01T08:00:00+01:00`).
 * @returns milliseconds since 1970-01-01T00:00:00Z; undefined where the text is neither, or names a day that no calendar has
 */
export function parseDate(text: string): number | undefined {
  const day = DAY_TEXT.test(text) ? text : MOMENT_TEXT.exec(text)?.[1];
  if (day === undefined || !isCalendarDay(day)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** `Date.parse` takes 30 February for 2 March. */
function isCalendarDay(day: string): boolean {
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

/** A moment for people, in UTC: a day where it is the first moment of one. */
export function shownDate(time: number): string {
  const text = new Date(time).toISOString();
  return time % DAY === 0 ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
}
