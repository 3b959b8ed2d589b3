/**
 * Where the rows of the timeline stand.
 *
 * Each month of event time has tables of its own, so that retention drops whole tables: `timeline202611` with the directory, and
 * `timeline202611s0` to `s7` with the rows, sharded by entity. All that is dated before 2010 is in `timelineearlier`, all from
 * 2040 on in `timelinelater`, so that wrong clocks cannot make tables without end. Within them, by entity (a hash of its key,
 * whose first digit gives the shard):
 * - in the directory, partition `days-<shard>`, row `<entity>-<day>`: the days on which the entity has rows;
 * - in its shard, partition `<day>`, row `<entity>-<time of day>-<event>`: the rows of one day. Under the key of the event's
 *   principal the row is the event, under its other entities it points there.
 * Days and times are counted down from their end, because the newest come first where people look, and the service reads in
 * ascending order of key only.
 *
 * Eight shards: one partition takes 2,000 rows a second and one account 20,000, so more would gain little there, while fewer
 * rows of a batch would share a transaction. They are tables and not partitions of one, because the service spreads a table over
 * servers by ranges of partition keys, and one range would take all that is new; and Azurite slows with the size of a table.
 */
import { hash } from 'node:crypto';

const DAY = 86_400_000;
/** A JavaScript Date ends 100,000,000 days after 1970, and begins as many before. */
const MAX_DAY = 100_000_000;
const SHARDS = 8;
/** A place within a day is a millisecond, and within that so many parts by the hash of the event. */
const PARTS = 2 ** 24;
const FIRST_YEAR = 2010;
const LAST_YEAR = 2039;

/** One part of the timeline by time: a month, or all before the first or after the last. */
export interface Bucket {
  /** The table of its directory; its other tables are named after it. */
  readonly table: string;
  /** Milliseconds since 1970; the bucket holds events from `start` on and before `end`. */
  readonly start: number;
  readonly end: number;
}

/** The bucket of an event at `time`. */
export function bucketOf(prefix: string, time: number): Bucket {
  const date = new Date(time);
  const year = date.getUTCFullYear();
  if (year < FIRST_YEAR) return earlier(prefix);
  return year > LAST_YEAR ? later(prefix) : month(prefix, year, date.getUTCMonth());
}

/** The bucket whose directory a table is; undefined for any other table. */
export function bucketOfTable(prefix: string, table: string): Bucket | undefined {
  const bucket = [earlier(prefix), later(prefix)].find((other) => other.table === table);
  if (bucket !== undefined) return bucket;
  const [, years, months] = /^(20[1-3]\d)(0[1-9]|1[0-2])$/.exec(table.slice(prefix.length)) ?? [];
  return years === undefined || months === undefined ? undefined : month(prefix, Number(years), Number(months) - 1);
}

const earlier = (prefix: string): Bucket => ({
  table: `${prefix}earlier`,
  start: -Infinity,
  end: Date.UTC(FIRST_YEAR),
});

const later = (prefix: string): Bucket => ({
  table: `${prefix}later`,
  start: Date.UTC(LAST_YEAR + 1),
  end: Infinity,
});

const month = (prefix: string, year: number, index: number): Bucket => ({
  table: `${prefix}${year}${pad(index + 1, 2)}`,
  start: Date.UTC(year, index),
  end: Date.UTC(year, index + 1),
});

/** Stands for an entity key or an event id in row keys: 32 hexadecimal digits, different for any two texts. */
export function hashOf(text: string): string {
  // UTF-16 keeps apart what UTF-8 does not: half surrogate pairs.
  return hash('sha256', Buffer.from(text, 'utf16le'), 'hex').slice(0, 32);
}

/** The day of a time, counted from 1970-01-01 UTC. */
export const dayOf = (time: number): number => Math.floor(time / DAY);

/** Table of an entity's rows. */
export const rowTable = (bucket: Bucket, entity: string): string => `${bucket.table}s${shardOf(entity)}`;

/** All tables of rows. */
export const rowTables = (bucket: Bucket): string[] => Array.from({ length: SHARDS }, (_, n) => `${bucket.table}s${n}`);

/** Partition of the rows of one day. */
export const rowPartition = (day: number): string => String(day);

/** Key of the row of an event under an entity. */
export const rowKey = (entity: string, time: number, event: string): string =>
  `${entity}-${pad(countdown(time), 8)}-${event}`;

/** Partition of the directory of an entity's days. */
export const dayPartition = (entity: string): string => `days-${shardOf(entity)}`;

/** Key of the row that says that an entity has rows on a day. */
export const dayKey = (entity: string, day: number): string => `${entity}-${pad(MAX_DAY - day, 9)}`;

/** The day that {@link dayKey} wrote. */
export const dayOfKey = (key: string): number => MAX_DAY - Number(key.slice(-9));

/** What {@link rowKey} wrote, with the day of its partition. */
export function placeOfKey(key: string, day: number): { time: number; event: string } {
  return { time: day * DAY + DAY - 1 - Number(key.slice(33, 41)), event: key.slice(42) };
}

/** A range of row keys as numbers, so that it can be cut in parts. */
export interface Span {
  /** First position within. */
  readonly low: number;
  /** First position after. */
  readonly high: number;
  /** The least key at or after a position. */
  readonly keyAt: (position: number) => string;
  readonly positionOf: (key: string) => number;
}

/** An entity's days that touch the time from `from` on and before `to`. */
export function daySpan(entity: string, from: number, to: number): Span {
  return {
    low: MAX_DAY - clamp(dayOf(to - 1), -MAX_DAY, MAX_DAY),
    high: MAX_DAY - clamp(dayOf(from), -MAX_DAY, MAX_DAY) + 1,
    keyAt: (position) => `${entity}-${pad(position, 9)}`,
    positionOf: (key) => Number(key.slice(-9)),
  };
}

/** An entity's rows of one day, from `from` on and before `to`. */
export function rowSpan(entity: string, day: number, from: number, to: number): Span {
  const start = day * DAY;
  return {
    low: (DAY - clamp(to - start, 0, DAY)) * PARTS,
    high: (DAY - clamp(from - start, 0, DAY)) * PARTS,
    keyAt: (position) => {
      const part = (position % PARTS).toString(16).padStart(6, '0');
      return `${entity}-${pad(Math.floor(position / PARTS), 8)}-${part}`;
    },
    positionOf: (key) => Number(key.slice(33, 41)) * PARTS + Number.parseInt(key.slice(42, 48), 16),
  };
}

function shardOf(entity: string): number {
  return Number.parseInt(entity.slice(0, 1), 16) % SHARDS;
}

/** How many milliseconds of its day follow a time. */
function countdown(time: number): number {
  return DAY - 1 - (time - dayOf(time) * DAY);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
