import { randomUUID } from 'node:crypto';
import { MAX_COMMIT_BYTES, MAX_WRITES, writeBytes } from '../../../platform/storage/limits.ts';
import { RowExistsError, type Tables, type Write } from '../../../platform/storage/ports.ts';
import { type StoredEvent } from '../codec.ts';
import { bodyOf } from './body.ts';
import { bucketOf, dayKey, dayOf, dayPartition, hashOf, rowKey, rowPartition } from './layout.ts';
import { inParallel } from './parallel.ts';

/** How many commits are under way at once. */
const PARALLEL_COMMITS = 8;
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

/** All that one event is in one table, planned before anything is written. */
interface Plan {
  readonly id: string;
  readonly table: string;
  readonly partition: string;
  readonly row: Write;
  readonly beside: readonly Write[];
  /** By partition and key: rows that say on which days an entity has rows. */
  readonly days: readonly Placed[];
  readonly pointers: readonly Placed[];
}

interface Placed {
  readonly partition: string;
  readonly write: Write;
}

/** Where this process knows the directory to be complete, in one life of one table. */
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
    const byTable = new Map<string, Map<string, Plan>>();
    for (const event of events) {
      const plan = planOf(this.#prefix, event);
      const plans = byTable.get(plan.table) ?? new Map<string, Plan>();
      byTable.set(plan.table, plans);
      // A batch may hold an event twice.
      if (!plans.has(plan.row.row)) plans.set(plan.row.row, plan);
    }
    const inserted: string[] = [];
    const known: string[] = [];
    for (const [table, plans] of byTable) {
      const fresh = await this.#insertInto(table, [...plans.values()]);
      for (const plan of plans.values()) (fresh.has(plan) ? inserted : known).push(plan.id);
    }
    return { inserted, known };
  }

  /** Forgets what it knows of a table that was dropped. */
  forget(table: string): void {
    this.#known.delete(table);
  }

  /**
   * Between the first write and the last another process may drop the table (retention), and with it a directory that this
   * process remembers as complete. Each life of a table has a random generation: where it is the same before and after,
   * nothing was dropped between, and otherwise all is written again.
   */
  async #insertInto(table: string, plans: readonly Plan[]): Promise<Set<Plan>> {
    const fresh = new Set<Plan>();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const known = await this.#knownOf(table);
      await this.#writeDays(table, known, plans);
      await this.#commitAll(table, [
        ...plans.flatMap(({ pointers }) => pointers),
        ...plans.flatMap(({ partition, beside }) => beside.map((write) => ({ partition, write }))),
      ]);
      for (const plan of await this.#insertRows(table, plans)) fresh.add(plan);
      if ((await this.#generationOf(table)) === known.generation) return fresh;
      this.forget(table);
    }
    throw new Error(
      `The table ${table} was dropped ${MAX_ATTEMPTS} times while events were written to it. Is retention set right?`,
    );
  }

  async #knownOf(table: string): Promise<Known> {
    const known = this.#known.get(table);
    if (known !== undefined) return known;
    let generation = await this.#generationOf(table);
    if (generation === undefined) {
      generation = randomUUID();
      const write: Write = { kind: 'insert', row: GENERATION.row, cells: { generation } };
      try {
        await this.#tables.commit(table, GENERATION.partition, [write]);
      } catch (error) {
        if (!(error instanceof RowExistsError)) throw error;
        // Another process was first. Where the table is dropped meanwhile, the check at the end finds out.
        generation = (await this.#generationOf(table)) ?? generation;
      }
    }
    const made = { generation, days: new Set<string>() };
    this.#known.set(table, made);
    return made;
  }

  async #generationOf(table: string): Promise<string | undefined> {
    const row = await this.#tables.get(table, GENERATION.partition, GENERATION.row);
    return row === undefined ? undefined : String(row.cells['generation']);
  }

  async #writeDays(table: string, known: Known, plans: readonly Plan[]): Promise<void> {
    const missing = new Map<string, Placed>();
    for (const { days } of plans) {
      for (const day of days) if (!known.days.has(day.write.row)) missing.set(day.write.row, day);
    }
    await this.#commitAll(table, [...missing.values()]);
    let remembered = 0;
    for (const { days } of this.#known.values()) remembered += days.size;
    if (remembered + missing.size > MAX_REMEMBERED) for (const { days } of this.#known.values()) days.clear();
    for (const row of missing.keys()) known.days.add(row);
  }

  async #commitAll(table: string, writes: readonly Placed[]): Promise<void> {
    await inParallel(commitsOf(writes), PARALLEL_COMMITS, (commit) =>
      this.#tables.commit(
        table,
        commit.partition,
        commit.items.map(({ write }) => write),
      ),
    );
  }

  /** Inserts the events' own rows and gives the plans of those that were not there. */
  async #insertRows(table: string, plans: readonly Plan[]): Promise<Plan[]> {
    const placed = plans.map((plan) => ({ partition: plan.partition, write: plan.row, plan }));
    const fresh = await inParallel(commitsOf(placed), PARALLEL_COMMITS, async ({ partition, items }) => {
      let rest = items;
      while (rest.length > 0) {
        try {
          await this.#tables.commit(
            table,
            partition,
            rest.map(({ write }) => write),
          );
          break;
        } catch (error) {
          if (!(error instanceof RowExistsError)) throw error;
          const absent = await this.#absent(table, partition, rest);
          // Each round finds at least one row that exists; where none is, the table was dropped, and the caller finds out.
          if (absent.length === rest.length) return [];
          rest = absent;
        }
      }
      return rest.map(({ plan }) => plan);
    });
    return fresh.flat();
  }

  async #absent<T extends Placed>(table: string, partition: string, items: readonly T[]): Promise<T[]> {
    const rows = await inParallel(items, PARALLEL_READS, ({ write }) => this.#tables.get(table, partition, write.row));
    return items.filter((_, index) => rows[index] === undefined);
  }
}

function planOf(prefix: string, event: StoredEvent): Plan {
  const day = dayOf(event.time);
  const id = hashOf(event.id);
  const principal = hashOf(event.principal);
  const key = rowKey(principal, event.time, id);
  const { row, beside } = bodyOf(key, event);
  const others = new Set(event.entities.map((entity) => hashOf(entity.key)));
  others.delete(principal);
  return {
    id: event.id,
    table: bucketOf(prefix, event.time).table,
    partition: rowPartition(principal, day),
    row,
    beside,
    days: [principal, ...others].map((entity) => ({
      partition: dayPartition(entity),
      write: { kind: 'upsert', row: dayKey(entity, day), cells: {} },
    })),
    pointers: [...others].map((entity) => ({
      partition: rowPartition(entity, day),
      write: { kind: 'upsert', row: rowKey(entity, event.time, id), cells: { principal } },
    })),
  };
}

/** Divides writes into commits: one partition each, within the service's limits of number and size. */
function commitsOf<T extends Placed>(writes: readonly T[]): { partition: string; items: T[] }[] {
  const commits: { partition: string; items: T[] }[] = [];
  for (const [partition, items] of Map.groupBy(writes, (placed) => placed.partition)) {
    let current: T[] = [];
    let bytes = 0;
    for (const item of items) {
      const size = writeBytes(partition, item.write);
      if (current.length === MAX_WRITES || bytes + size > MAX_COMMIT_BYTES || current.length === 0) {
        current = [];
        bytes = 0;
        commits.push({ partition, items: current });
      }
      current.push(item);
      bytes += size;
    }
  }
  return commits;
}
