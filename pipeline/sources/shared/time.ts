import type { Json } from '../../../platform/json.ts';

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(?:([Zz]|UTC)|([+-])(\d{2}):?(\d{2}))?$/;
const AMERICAN =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ([AaPp])[Mm])?(?: ?(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})))?$/;
const LONGEST = 48;
/** 1973: a smaller number is a count or a mistake, not a time of a cloud. */
const EARLIEST_SECONDS = 1e8;
const YEAR_2200 = Date.UTC(2200, 0, 1);

/**
 * Reads a time as the clouds write it: ISO 8601 with up to nine digits of fraction (cut to milliseconds), with `Z`, an
 * offset, or neither (then UTC); American `1/9/2026 9:41:00 AM`, with or without an offset; a number of seconds or milliseconds since 1970.
 * @returns milliseconds since 1970-01-01T00:00:00Z, or undefined where the value is no time between 1970 and 2200
 */
export function parseTime(value: Json | undefined): number | undefined {
  if (typeof value === 'string') return value.length > LONGEST ? undefined : (readUtc(value) ?? readText(value));
  if (typeof value === 'number')
    return value < EARLIEST_SECONDS ? undefined : inRange(Math.trunc(value >= 1e11 ? value : value * 1000));
  return undefined;
}

const [T, Z, POINT] = [84, 90, 46];

const digit = (text: string, at: number): number => text.charCodeAt(at) - 48;
const pair = (text: string, at: number): number => digit(text, at) * 10 + digit(text, at + 1);

/** `2026-11-20T10:00:00Z` and `…+00:00`, with or without a fraction, which nearly every record carries, without a pattern. */
function readUtc(text: string): number | undefined {
  const length = text.length;
  if (length < 20 || text.charCodeAt(10) !== T) return undefined;
  const end = text.charCodeAt(length - 1) === Z ? length - 1 : text.endsWith('+00:00') ? length - 6 : 0;
  if (end < 19) return undefined;
  let fraction = 0;
  if (end > 19) {
    if (end < 21 || end > 29 || text.charCodeAt(19) !== POINT) return undefined;
    for (let i = 20, weight = 100; i < end; i++, weight /= 10) {
      const d = digit(text, i);
      if (!(d >= 0 && d <= 9)) return undefined;
      if (weight >= 1) fraction += d * weight;
    }
  }
  for (let i = 0; i < 19; i++) {
    const d = digit(text, i);
    if (d >= 0 && d <= 9) continue;
    if (i === 4 || i === 7 ? d === -3 : i === 13 || i === 16 ? d === 10 : i === 10) continue;
    return undefined;
  }
  return utc(
    pair(text, 0) * 100 + pair(text, 2),
    pair(text, 5),
    pair(text, 8),
    pair(text, 11),
    pair(text, 14),
    pair(text, 17),
    fraction,
  );
}

function readText(text: string): number | undefined {
  const iso = ISO.exec(text);
  if (iso) {
    const [, year, month, day, hour, minute, second = '0', fraction = '', , sign, offsetHour, offsetMinute] = iso;
    const time = utc(
      Number(year),
      Number(month),
      Number(day),
      Number(hour),
      Number(minute),
      +second,
      milliseconds(fraction),
    );
    return shifted(time, sign, offsetHour, offsetMinute);
  }
  const american = AMERICAN.exec(text);
  if (!american) return undefined;
  const [, month, day, year, hour, minute, second = '0', fraction = '', half, , sign, offsetHour, offsetMinute] =
    american;
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return undefined;
    hours = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  }
  const time = utc(Number(year), Number(month), Number(day), hours, Number(minute), +second, milliseconds(fraction));
  return shifted(time, sign, offsetHour, offsetMinute);
}

const milliseconds = (fraction: string): number => +fraction.slice(0, 3).padEnd(3, '0');

function shifted(
  time: number | undefined,
  sign: string | undefined,
  hour: string | undefined,
  minute: string | undefined,
): number | undefined {
  if (time === undefined || sign === undefined) return time;
  const offset = (Number(hour) * 60 + Number(minute)) * 60_000;
  return inRange(sign === '-' ? time + offset : time - offset);
}

function utc(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  milli: number,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  return inRange(Date.UTC(year, month - 1, day, hour, minute, second, milli));
}

const inRange = (time: number): number | undefined => (time >= 0 && time < YEAR_2200 ? time : undefined);
