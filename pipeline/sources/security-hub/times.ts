import type { Json } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';

/** `Wed Sep 04 17:00:36.951 UTC 2024`. */
const JAVA_DATE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) (?:UTC|GMT) (\d{4})$/;
/** `Mar 20, 2023, 6:08:05 PM`; newer machines of Java write a narrow space before the half of the day. */
const JAVA_MEDIUM = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}:\d{2}:\d{2})[ \u202f]([AP]M)$/;
const LONGEST = 48;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Reads a time as the finding formats of AWS write it: ISO 8601, milliseconds, and in the events of Inspector as Java prints a date, in UTC
 * (https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html).
 * @returns milliseconds since 1970-01-01T00:00:00Z, or undefined where the value is no time between 1970 and 2200
 */
export const findingTime = (value: Json | undefined): number | undefined => parseTime(value) ?? javaTime(value);

function javaTime(value: Json | undefined): number | undefined {
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const date = JAVA_DATE.exec(value);
  if (date) {
    const [, month = '', day = '', time = '', year = ''] = date;
    return parseTime(`${year}-${monthOf(month)}-${day}T${time}Z`);
  }
  const medium = JAVA_MEDIUM.exec(value);
  if (!medium) return undefined;
  const [, month = '', day = '', year = '', time = '', half = ''] = medium;
  return parseTime(`${monthOf(month)}/${day}/${year} ${time} ${half}`);
}

/** Two digits; `00`, which is no month, for what is none. */
const monthOf = (name: string): string => String(MONTHS.indexOf(name) + 1).padStart(2, '0');

/** The first of several values that is a time, with how it was written. */
export function firstTime(
  values: readonly (Json | undefined)[],
): { readonly time: number; readonly originalTime: string } | undefined {
  for (const value of values) {
    const time = findingTime(value);
    if (time !== undefined) return { time, originalTime: typeof value === 'string' ? value : JSON.stringify(value) };
  }
  return undefined;
}
