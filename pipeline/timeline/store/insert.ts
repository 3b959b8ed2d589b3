import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { MAX_COMMIT_BYTES, MAX_WRITES, writeBytes } from '../../../platform/storage/limits.ts';
import { RowExistsError, type Tables, type Write } from '../../../platform/storage/ports.ts';
import type { StoredEvent } from '../codec.ts';
import { bodyOf } from './body.ts';
import {
  bucketOf,
  dayKey,
  dayOf,
  dayPartition,
  hashOf,
  rowKey,
  rowPartition,
  rowTable,
  rowTables,
  type Bucket,
} from './layout.ts';
import { inParallel } from './parallel.ts';

/** How many commits are under way at once. */
const PARALLEL_COMMITS = 2;
const EVENTS_A_TURN = 8;
const PARALLEL_READS = 16;
/** How many directory rows are remembered as written, of all tables together; about 100 bytes each. */
const MAX_REMEMBERED = 100_000;
/** A table dropped under an insert is written again; so often in a row means that something is wrong. */
const MAX_ATTEMPTS = 5;

/** What became of the events of an insert, by their ids. */
export interface Inserted {
  readonly inserted: string[];
  /** Those that the timeline had, by an earlier insert or by one whose answer was lost: not a sign that anyone handled them. */
  readonly known: string[];
}

interface Placed {
  readonly table: string;
  readonly partition: string;
  readonly write: Write;
}

/** All the rows of one event, planned before anything is written. */
interface Plan extends Placed {
  readonly id: string;
  readonly bucket: Bucket;
  readonly beside: readonly Placed[];
  /** Rows of the directory that say on which days an entity has rows. */
  readonly days: readonly Placed[];
  readonly pointers: readonly Placed[];
}

/** What this process knows to stand in a directory, in one life of it. */
interface Known {
  readonly generation: string;
  readonly days: Set<string>;
}

const GENERATION = { partition: 'table', row: 'generation' } as const;

/**
 * Writes events so that each becomes visible in one step: first the directory of days, then the pointers of its entities and
 * what does not fit its row, and last its row. Until that last write a pointer leads nowhere and readers pass over it; a crash
 * before leaves nothing to be seen, and the next delivery writes the same rows again, to the same keys.
 */
export class TimelineWriter {
  readonly #tables: Tables;
  readonly #prefix: string;
  readonly #known = new Map<string, Known>();

  constructor(tables: Tables, prefix: string) {
    this.#tables = tables;
    this.#prefix = prefix;
  }

  /** @throws EventCodecError before anything is written; what storage throws */
  async insert(events: readonly StoredEvent[]): Promise<Inserted> {
    const plans = new Map<string, Plan>();
    for (const [at, event] of events.entries()) {
      // Packing takes most of the time of an insert: what else this process does, alerts first of all, gets its turn between.
      if (at % EVENTS_A_TURN === EVENTS_A_TURN - 1) await setImmediate();
      const plan = planOf(this.#prefix, event);
      const key = `${plan.table} ${plan.partition} ${plan.write.row}`;
      // A batch may hold an event twice.
      if (!plans.has(key)) plans.set(key, plan);
    }
    const inserted: string[] = [];
    const known: string[] = [];
    for (const [directory, some] of Map.groupBy(plans.values(), ({ bucket }) => bucket.table)) {
      const fresh = await this.#insertInto(directory, some);
      for (const plan of some) (fresh.has(plan) ? inserted : known).push(plan.id);
    }
    return { inserted, known };
  }

  /**
   * Drops all tables of a bucket. The directory goes last: while it stands, the next call finds what this one left, and when it is
   * gone, every writer knows.
   */
  async drop(bucket: Bucket): Promise<void> {
    for (const table of rowTables(bucket)) await this.#tables.drop(table);
    await this.#tables.drop(bucket.table);
    this.#known.delete(bucket.table);
  }

  /**
   * Another process may drop the bucket (retention), and with it a directory that this process remembers as written. Each life of
   * a directory has a random generation: where it is the same after the last write as it was before the first, what was
   * remembered was true, and otherwise all is written again. What is inserted while its month is being dropped may be dropped in part.
   */
  async #insertInto(directory: string, plans: readonly Plan[]): Promise<Set<Plan>> {
    const fresh = new Set<Plan>();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const known = await this.#knownOf(directory);
      await this.#writeDays(known, plans);
      await this.#commitAll(plans.flatMap(({ pointers, beside }) => [...pointers, ...beside]));
      for (const plan of await this.#insertRows(plans)) fresh.add(plan);
      if ((await this.#generationOf(directory)) === known.generation) return fresh;
      this.#known.delete(directory);
    }
    throw new Error(
      `The table ${directory} was dropped ${MAX_ATTEMPTS} times while events were written to it. Is retention set right?`,
    );
  }

  async #knownOf(directory: string): Promise<Known> {
    const known = this.#known.get(directory);
    if (known !== undefined) return known;
    let generation = await this.#generationOf(directory);
    if (generation === undefined) {
      generation = randomUUID();
      const write: Write = { kind: 'insert', row: GENERATION.row, cells: { generation } };
      try {
        await this.#tables.commit(directory, GENERATION.partition, [write]);
      } catch (error) {
        if (!(error instanceof RowExistsError)) throw error;
        // Another process was first. Where the table is dropped meanwhile, the check at the end finds out.
        generation = (await this.#generationOf(directory)) ?? generation;
      }
    }
    const made = { generation, days: new Set<string>() };
    this.#known.set(directory, made);
    return made;
  }

  async #generationOf(directory: string): Promise<string | undefined> {
    const row = await this.#tables.get(directory, GENERATION.partition, GENERATION.row);
    return row === undefined ? undefined : String(row.cells['generation']);
  }

  async #writeDays(known: Known, plans: readonly Plan[]): Promise<void> {
    const missing = new Map<string, Placed>();
    for (const { days } of plans) {
      for (const day of days) if (!known.days.has(day.write.row)) missing.set(day.write.row, day);
    }
    await this.#commitAll([...missing.values()]);
    let remembered = missing.size;
    for (const { days } of this.#known.values()) remembered += days.size;
    if (remembered > MAX_REMEMBERED) for (const { days } of this.#known.values()) days.clear();
    for (const row of missing.keys()) known.days.add(row);
  }

  async #commitAll(placed: readonly Placed[]): Promise<void> {
    await inParallel(commitsOf(placed), PARALLEL_COMMITS, (items) => this.#commit(items));
  }

  /** Inserts the events' own rows and gives the plans of those that were not there. */
  async #insertRows(plans: readonly Plan[]): Promise<Plan[]> {
    const fresh = await inParallel(commitsOf(plans), PARALLEL_COMMITS, async (items) => {
      let rest = items;
      while (rest.length > 0) {
        try {
          await this.#commit(rest);
          break;
        } catch (error) {
          if (!(error instanceof RowExistsError)) throw error;
          const absent = await this.#absent(rest);
          // Each round finds at least one row that exists; where none is, the table was dropped, and the caller finds out.
          if (absent.length === rest.length) return [];
          rest = absent;
        }
      }
      return rest;
    });
    return fresh.flat();
  }

  /** Commits writes of one partition. */
  async #commit(items: readonly Placed[]): Promise<void> {
    const [first] = items;
    if (first === undefined) return;
    const writes = items.map(({ write }) => write);
    await this.#tables.commit(first.table, first.partition, writes);
  }

  async #absent<T extends Placed>(items: readonly T[]): Promise<T[]> {
    const rows = await inParallel(items, PARALLEL_READS, ({ table, partition, write }) =>
      this.#tables.get(table, partition, write.row),
    );
    return items.filter((_, index) => rows[index] === undefined);
  }
}

function planOf(prefix: string, event: StoredEvent): Plan {
  const bucket = bucketOf(prefix, event.time);
  const day = dayOf(event.time);
  const id = hashOf(event.id);
  const principal = hashOf(event.principal);
  const others = new Set(event.entities.map((entity) => hashOf(entity.key)));
  others.delete(principal);
  const placeOf = (entity: string) => ({ table: rowTable(bucket, entity), partition: rowPartition(day) });
  const { row, beside } = bodyOf(rowKey(principal, event.time, id), event);
  return {
    id: event.id,
    bucket,
    ...placeOf(principal),
    write: row,
    beside: beside.map((write) => ({ ...placeOf(principal), write })),
    days: [principal, ...others].map((entity) => ({
      table: bucket.table,
      partition: dayPartition(entity),
      write: { kind: 'upsert', row: dayKey(entity, day), cells: {} },
    })),
    pointers: [...others].map((entity) => ({
      ...placeOf(entity),
      write: { kind: 'upsert', row: rowKey(entity, event.time, id), cells: { principal } },
    })),
  };
}

/** Divides writes into commits: one partition each, within the service's limits of number and size. */
function commitsOf<T extends Placed>(placed: readonly T[]): T[][] {
  const commits: T[][] = [];
  for (const items of Map.groupBy(placed, ({ table, partition }) => `${table} ${partition}`).values()) {
    let current: T[] = [];
    let bytes = 0;
    for (const item of items) {
      const size = writeBytes(item.partition, item.write);
      if (current.length === 0 || current.length === MAX_WRITES || bytes + size > MAX_COMMIT_BYTES) {
        current = [];
        bytes = 0;
        commits.push(current);
      }
      current.push(item);
      bytes += size;
    }
  }
  return commits;
}
