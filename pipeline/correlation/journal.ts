import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  RowChangedError,
  RowExistsError,
  type Cells,
  type Row,
  type Tables,
  type Write,
} from '../../platform/storage/ports.ts';
import { rowsOf } from '../../platform/storage/rows.ts';
import { jsonCells, valueOfCells } from '../../platform/storage/json-cells.ts';
import { StorageLimitError } from '../../platform/storage/limits.ts';

const TABLE = 'correlation';
const OWNER = 'owner';
/** One transaction takes 100 writes, one of which is the owner's row. */
export const MAX_ENTRIES = 99;
/** And 4 MiB; entries of more bytes than this go into several. */
const MAX_COMMIT_BYTES = 2_500_000;

/** What is kept, each kind under ids of its own. */
export type EntryKind = 'observations' | 'links' | 'summaries' | 'finding' | 'posture';

export interface Entry {
  readonly kind: EntryKind;
  readonly id: string;
  /** JSON; undefined: the entry is to be deleted. */
  readonly value: object | undefined;
}

/** What the owner knows beside the entries. */
export interface Head {
  /** Event time up to which all was decided. */
  readonly decided: number;
  /** Event time up to which all was forgotten. */
  readonly forgotten: number;
  /** What was committed and may not be told yet; `all` where that is too much to name. */
  readonly pending: readonly string[] | 'all';
  /** When the hub took in the last message of all that was committed: milliseconds since 1970-01-01T00:00:00Z. */
  readonly heard: number;
}

export interface Loaded {
  readonly head: Head;
  /** The values of all entries of a kind, in no order. */
  readonly entries: ReadonlyMap<EntryKind, readonly unknown[]>;
}

/** Thrown where another instance has taken over: what is in memory is no longer true. */
export class TakenOverError extends Error {
  override readonly name = 'TakenOverError';
  constructor() {
    super('another instance has taken over the correlation state; this one reads it anew with the next batch');
  }
}

const START: Head = { decided: -Infinity, forgotten: -Infinity, pending: [], heard: -Infinity };
const PREFIXES = {
  observations: 'o|',
  links: 'l|',
  summaries: 's|',
  finding: 'f|',
  posture: 'p|',
} as const satisfies Record<EntryKind, string>;
const MAX_PENDING_CHARACTERS = 500_000;

/**
 * The state of correlation as rows of one partition of a table, with one writer at a time. Every commit replaces the owner's row by its etag, in the
 * same transaction as the entries: an instance that was taken over can commit nothing more, whatever it still holds in memory.
 */
export class Journal {
  readonly #tables: Tables;
  readonly #partition: string;
  #etag: string | undefined;
  #revision = 0;

  /** @param partition of the hub: one owner each */
  constructor(tables: Tables, partition: string) {
    this.#tables = tables;
    this.#partition = `partition-${partition}`;
  }

  /** The number of the last commit; rises with each, over all owners. */
  get revision(): number {
    return this.#revision;
  }

  /** Takes over, and reads all. @throws whatever storage throws */
  async claim(): Promise<Loaded> {
    const head = await this.#takeOver();
    return { head, entries: await this.entries() };
  }

  /** Reads all entries, without taking over. @throws whatever storage throws */
  async entries(): Promise<Loaded['entries']> {
    const entries = new Map<EntryKind, unknown[]>();
    for await (const row of rowsOf(this.#tables, TABLE, this.#partition)) {
      const kind = kindOf(row.row);
      if (kind === undefined) continue;
      const values = entries.get(kind);
      const value: unknown = valueOfCells(row.cells);
      if (values === undefined) entries.set(kind, [value]);
      else values.push(value);
    }
    return entries;
  }

  /**
   * Writes entries and head at once.
   * @param entries at most {@link MAX_ENTRIES}
   * @throws TakenOverError
   */
  async commit(entries: readonly Entry[], head: Head): Promise<void> {
    const own: Write = {
      kind: 'replace',
      row: OWNER,
      cells: headCells(head, this.#revision + 1),
      etag: this.#etag ?? '',
    };
    try {
      await this.#tables.commit(TABLE, this.#partition, [own, ...entries.map(entryWrite)]);
    } catch (error) {
      if (error instanceof RowChangedError) throw new TakenOverError();
      throw error;
    }
    // The etag that the service gave the row is not told by a transaction: it is read, and is ours only with our revision in it.
    const row = await this.#tables.get(TABLE, this.#partition, OWNER);
    if (row === undefined || row.cells['revision'] !== this.#revision + 1) throw new TakenOverError();
    this.#etag = row.etag;
    this.#revision += 1;
  }

  async #takeOver(): Promise<Head> {
    for (;;) {
      const row = await this.#tables.get(TABLE, this.#partition, OWNER);
      const { head, revision } = row === undefined ? { head: START, revision: 0 } : headOf(row);
      this.#revision = revision + 1;
      const cells = headCells(head, this.#revision);
      try {
        await this.#tables.commit(TABLE, this.#partition, [
          row === undefined
            ? { kind: 'insert', row: OWNER, cells }
            : { kind: 'replace', row: OWNER, cells, etag: row.etag },
        ]);
        const own = await this.#tables.get(TABLE, this.#partition, OWNER);
        if (own?.cells['revision'] === this.#revision) {
          this.#etag = own.etag;
          return head;
        }
      } catch (error) {
        if (!(error instanceof RowExistsError) && !(error instanceof RowChangedError)) throw error;
      }
    }
  }
}

/** Cuts a list of entries into commits: in their order, none too large for a transaction. */
export function* commitsOf(entries: readonly Entry[]): Generator<readonly Entry[]> {
  let some: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entry.value === undefined ? 0 : JSON.stringify(entry.value).length;
    if (some.length > 0 && (some.length >= MAX_ENTRIES || bytes + size > MAX_COMMIT_BYTES)) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(entry);
    bytes += size;
  }
  if (some.length > 0) yield some;
}

const rowKey = ({ kind, id }: Entry): string =>
  PREFIXES[kind] + createHash('sha256').update(id).digest('hex').slice(0, 40);

const KINDS: readonly EntryKind[] = ['observations', 'links', 'summaries', 'finding', 'posture'];

const kindOf = (row: string): EntryKind | undefined => {
  for (const kind of KINDS) {
    if (row.startsWith(PREFIXES[kind])) return kind;
  }
  return undefined;
};

function entryWrite(entry: Entry): Write {
  const row = rowKey(entry);
  return entry.value === undefined ? { kind: 'delete', row } : { kind: 'upsert', row, cells: cellsOf(entry.value) };
}

/** @throws StorageLimitError where it is too large for a row */
function cellsOf(value: object): Cells {
  const cells = jsonCells(value);
  if (cells === undefined)
    throw new StorageLimitError('What correlation keeps of one thing is too large for a row of a table.');
  return cells;
}

function headCells({ decided, forgotten, pending, heard }: Head, revision: number): Cells {
  const whole = JSON.stringify(pending).length > MAX_PENDING_CHARACTERS ? { pending: 'all' } : { pending };
  // JSON knows no infinity: a time before all others is left out.
  const times = {
    ...(Number.isFinite(decided) && { decided }),
    ...(Number.isFinite(forgotten) && { forgotten }),
    ...(Number.isFinite(heard) && { heard }),
  };
  return { revision, ...cellsOf({ ...times, ...whole }) };
}

const headSchema = z.object({
  decided: z.number().default(-Infinity),
  forgotten: z.number().default(-Infinity),
  heard: z.number().default(-Infinity),
  pending: z.union([z.literal('all'), z.array(z.string())]),
});

function headOf({ cells }: Row): { head: Head; revision: number } {
  const head = headSchema.parse(valueOfCells(cells));
  const { revision } = cells;
  if (typeof revision !== 'number') throw new Error('The row that names the owner of correlation has no revision.');
  return { head, revision };
}
