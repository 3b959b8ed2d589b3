/**
 * The timeline: every event, to be found by each of its entities and by time. `store/layout.ts` says where its rows stand,
 * `store/insert.ts` in which order they are written and why no crash leaves an event that cannot be found.
 *
 * Inserting is idempotent: the rows of an event have keys made of its own fields, so any part of a stream may be delivered again,
 * in batches of any size, by several processes at once. An event is visible under all its entities or not at all.
 */
import type { Tables } from '../../platform/storage/ports.ts';
import type { StoredEvent } from './codec.ts';
import type { Event } from './event.ts';
import { readBody, type ReadEvent } from './store/body.ts';
import { decodeCursor, encodeCursor, TimelineQueryError, type Order, type Position } from './store/cursor.ts';
import { TimelineWriter, type Inserted } from './store/insert.ts';
import {
  bucketOf,
  bucketOfTable,
  dayOf,
  dayOfKey,
  dayPartition,
  daySpan,
  hashOf,
  placeOfKey,
  rowKey,
  rowPartition,
  rowSpan,
  rowTable,
  type Bucket,
} from './store/layout.ts';
import { pagesOf } from './store/pages.ts';
import { inParallel } from './store/parallel.ts';

export { TimelineQueryError, type Order } from './store/cursor.ts';
export { type Inserted } from './store/insert.ts';
export { type StoredEvent } from './codec.ts';

export interface TimelineQuery {
  /** Events at this time or later; milliseconds since 1970-01-01T00:00:00Z. */
  readonly from?: number | undefined;
  /** Events before this time; milliseconds since 1970-01-01T00:00:00Z. */
  readonly to?: number | undefined;
  readonly order: Order;
  /** At most so many events, 1 to 1,000. */
  readonly limit: number;
  /** Where the last page ended, as that page gave it; the other fields must be the same as then. */
  readonly cursor?: string | undefined;
}

export interface TimelinePage {
  /** In the order asked for; events of one millisecond in an order that is always the same, one way or the other. */
  readonly events: StoredEvent[];
  /** For the next page; absent where there is none. A page of large events may end before its limit. */
  readonly cursor?: string;
}

export interface TimelineStore {
  /**
   * Stores events; those that are there stay as they are. Where it fails some may have been stored: insert all again.
   * @throws EventCodecError where one cannot be stored at all, before anything is written
   */
  insert(events: readonly StoredEvent[]): Promise<Inserted>;
  /**
   * Events that name an entity.
   * @param entityKey as the functions of `entity-keys.ts` make it
   * @throws TimelineQueryError
   */
  byEntity(entityKey: string, query: TimelineQuery): Promise<TimelinePage>;
  /** The event of that id, time and principal. */
  get(event: Pick<Event, 'id' | 'time' | 'principal'>): Promise<StoredEvent | undefined>;
  /**
   * Drops whole months that ended at `time` or before: by the events' own time, not by that of their arrival. Gives the names of
   * their directories' tables. What is dated from 2040 on is never dropped.
   */
  dropBefore(time: number): Promise<readonly string[]>;
}

export interface TimelineOptions {
  /** What the names of its tables begin with; lower-case letters and digits, a letter first. `timeline` unless told. */
  readonly prefix?: string | undefined;
}

/** The timeline that stands in these tables. Keeps little in memory, and nothing that another process could make untrue. */
export function timelineStore(tables: Tables, { prefix = 'timeline' }: TimelineOptions = {}): TimelineStore {
  const writer = new TimelineWriter(tables, prefix);
  return {
    insert: (events) => writer.insert(events),
    byEntity: (entityKey, query) => byEntity(tables, prefix, entityKey, query),
    get: async ({ id, time, principal }) => {
      if (!isTime(time)) return undefined;
      const found = await read(tables, bucketOf(prefix, time), hashOf(principal), time, hashOf(id));
      return found?.event;
    },
    dropBefore: async (time) => {
      const ended = (await bucketsOf(tables, prefix)).filter(({ end }) => end <= time);
      for (const bucket of ended) await writer.drop(bucket);
      return ended.map(({ table }) => table);
    },
  };
}

const MAX_LIMIT = 1000;
/** A page ends where its events have more JSON than this, so that large events do not fill the memory. */
const MAX_PAGE_BYTES = 32 * 1024 * 1024;
const PARALLEL_READS = 16;

/** A query with its cursor read, and the entity by its hash. */
interface Search {
  readonly entity: string;
  readonly from: number;
  readonly to: number;
  readonly order: Order;
  readonly after: Position | undefined;
}

interface Found extends ReadEvent {
  readonly position: Position;
}

async function byEntity(
  tables: Tables,
  prefix: string,
  entityKey: string,
  query: TimelineQuery,
): Promise<TimelinePage> {
  const { order, limit } = query;
  const search = searchOf(entityKey, query);
  const found: Found[] = [];
  let bytes = 0;
  // One more than asked for tells whether there is a next page.
  const wanted = () => limit + 1 - found.length;
  const page = (): TimelinePage => {
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const events = shown.map(({ event }) => event);
    return last === undefined || shown.length === found.length
      ? { events }
      : { events, cursor: encodeCursor(order, last.position) };
  };
  for await (const { bucket, day } of daysOf(tables, prefix, search)) {
    for await (const events of eventsOf(tables, bucket, day, search, wanted)) {
      for (const event of events) {
        found.push(event);
        bytes += event.bytes;
        if (found.length > limit) return page();
        if (bytes > MAX_PAGE_BYTES)
          return { events: found.map((one) => one.event), cursor: encodeCursor(order, event.position) };
      }
    }
  }
  return page();
}

function searchOf(entityKey: string, { from, to, order, limit, cursor }: TimelineQuery): Search {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new TimelineQueryError(`A page of ${limit} events cannot be given: 1 to ${MAX_LIMIT} can.`);
  }
  for (const [name, time] of Object.entries({ from, to })) {
    if (time !== undefined && !isTime(time)) {
      throw new TimelineQueryError(`\`${name}\` is ${time}, which is no time in milliseconds since 1970.`);
    }
  }
  const after = cursor === undefined ? undefined : decodeCursor(order, cursor);
  const search = { entity: hashOf(entityKey), from: from ?? -Infinity, to: to ?? Infinity, order, after };
  if (after === undefined) return search;
  // The cursor's own millisecond belongs to the range: more events of it may follow.
  return order === 'newest'
    ? { ...search, to: Math.min(search.to, after.time + 1) }
    : { ...search, from: Math.max(search.from, after.time) };
}

function isTime(time: number): boolean {
  return Number.isInteger(time) && Math.abs(time) <= 8.64e15;
}

async function bucketsOf(tables: Tables, prefix: string): Promise<Bucket[]> {
  const names = await tables.list(prefix);
  const buckets = names.map((table) => bucketOfTable(prefix, table)).filter((bucket) => bucket !== undefined);
  return buckets.sort((a, b) => a.end - b.end);
}

/** The days on which an entity has rows within the range, in the order of the search, each with its bucket. */
async function* daysOf(
  tables: Tables,
  prefix: string,
  search: Search,
): AsyncGenerator<{ bucket: Bucket; day: number }> {
  const { entity, from, to, order } = search;
  const buckets = (await bucketsOf(tables, prefix)).filter(({ start, end }) => start < to && end > from);
  if (order === 'newest') buckets.reverse();
  for (const bucket of buckets) {
    const pages = pagesOf(
      (range) => tables.query(bucket.table, dayPartition(entity), range),
      daySpan(entity, from, to),
      {
        direction: directionOf(order),
        wanted: () => MAX_LIMIT,
      },
    );
    for await (const rows of pages) {
      for (const { row } of rows) yield { bucket, day: dayOfKey(row) };
    }
  }
}

/** The events of one day within the range, in the order of the search, in batches of at most so many as are wanted. */
async function* eventsOf(
  tables: Tables,
  bucket: Bucket,
  day: number,
  { entity, from, to, order, after }: Search,
  wanted: () => number,
): AsyncGenerator<Found[]> {
  const [table, partition] = [rowTable(bucket, entity), rowPartition(day)];
  const edge = after !== undefined && dayOf(after.time) === day ? rowKey(entity, after.time, after.event) : undefined;
  const pages = pagesOf((range) => tables.query(table, partition, range), rowSpan(entity, day, from, to), {
    direction: directionOf(order),
    edge,
    wanted,
  });
  for await (const rows of pages) {
    for (let start = 0; start < rows.length; start += PARALLEL_READS) {
      const batch = rows.slice(start, start + PARALLEL_READS);
      const found = await inParallel(batch, PARALLEL_READS, async (row): Promise<Found | undefined> => {
        const position = placeOfKey(row.row, day);
        const { principal } = row.cells;
        const event =
          typeof principal === 'string'
            ? await read(tables, bucket, principal, position.time, position.event)
            : await readBody(tables, table, partition, row);
        return event && { ...event, position };
      });
      yield found.filter((event) => event !== undefined);
    }
  }
}

async function read(
  tables: Tables,
  bucket: Bucket,
  principal: string,
  time: number,
  event: string,
): Promise<ReadEvent | undefined> {
  const [table, partition] = [rowTable(bucket, principal), rowPartition(dayOf(time))];
  const row = await tables.get(table, partition, rowKey(principal, time, event));
  return row && readBody(tables, table, partition, row);
}

/** Rows are kept newest first. */
function directionOf(order: Order): 'forward' | 'backward' {
  return order === 'newest' ? 'forward' : 'backward';
}
