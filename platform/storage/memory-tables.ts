import { checkCommit, checkKey, checkRange, checkTable } from './limits.ts';
import {
  RowChangedError,
  RowExistsError,
  type Cell,
  type Row,
  type RowPage,
  type RowRange,
  type Tables,
  type Write,
} from './ports.ts';

interface Partition {
  /** Row keys in ascending order. */
  readonly keys: string[];
  readonly rows: Map<string, Row>;
}

/** Tables in memory: rows kept sorted, etags that change with every write, and the service's limits. */
export class MemoryTables implements Tables {
  readonly #tables = new Map<string, Map<string, Partition>>();
  #writes = 0;

  async get(table: string, partition: string, row: string): Promise<Row | undefined> {
    checkTable(table);
    checkKey('partition', partition);
    checkKey('row', row);
    const found = this.#tables.get(table)?.get(partition)?.rows.get(row);
    return found === undefined ? undefined : copyOf(found);
  }

  async commit(table: string, partition: string, writes: readonly Write[]): Promise<void> {
    checkCommit(table, partition, writes);
    if (writes.length === 0) return;
    const target = this.#partition(table, partition);
    for (const write of writes) checkCondition(target, write, table, partition);
    for (const write of writes) this.#apply(target, write);
  }

  async query(table: string, partition: string, range: RowRange): Promise<RowPage> {
    checkRange(table, partition, range);
    const target = this.#tables.get(table)?.get(partition);
    if (target === undefined) return { rows: [], more: false };
    const { keys } = target;
    const start = Math.max(
      range.from === undefined ? 0 : position(keys, range.from, false),
      range.after === undefined ? 0 : position(keys, range.after, true),
    );
    const end = range.to === undefined ? keys.length : position(keys, range.to, false);
    const rows = keys.slice(start, Math.min(end, start + range.limit)).flatMap((key) => {
      const row = target.rows.get(key);
      return row === undefined ? [] : [copyOf(row)];
    });
    return { rows, more: start + range.limit < end };
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.#tables.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async drop(table: string): Promise<void> {
    checkTable(table);
    this.#tables.delete(table);
  }

  #partition(table: string, partition: string): Partition {
    let partitions = this.#tables.get(table);
    if (partitions === undefined) this.#tables.set(table, (partitions = new Map<string, Partition>()));
    let found = partitions.get(partition);
    if (found === undefined) partitions.set(partition, (found = { keys: [], rows: new Map() }));
    return found;
  }

  #apply(target: Partition, write: Write): void {
    const exists = target.rows.has(write.row);
    if (write.kind === 'delete') {
      if (exists) target.keys.splice(position(target.keys, write.row, false), 1);
      target.rows.delete(write.row);
      return;
    }
    if (!exists) target.keys.splice(position(target.keys, write.row, false), 0, write.row);
    this.#writes++;
    target.rows.set(write.row, copyOf({ row: write.row, etag: `W/"${this.#writes}"`, cells: write.cells }));
  }
}

/** How many of the sorted keys come before `key`, or before and at it. */
function position(keys: readonly string[], key: string, including: boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = keys[middle] ?? '';
    if (other < key || (including && other === key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkCondition(target: Partition, write: Write, table: string, partition: string): void {
  const where = `in partition ${JSON.stringify(partition)} of table ${table}`;
  const existing = target.rows.get(write.row);
  if (write.kind === 'insert' && existing !== undefined) throw new RowExistsError(`A row to insert exists ${where}.`);
  const etag = write.kind === 'replace' || write.kind === 'delete' ? write.etag : undefined;
  if (etag !== undefined && existing?.etag !== etag) {
    throw new RowChangedError(`A row was changed or deleted by another writer ${where}.`);
  }
}

/** A copy that shares no bytes with its origin, with the values that the service would give back. */
function copyOf({ row, etag, cells }: Row): Row {
  const copy: Record<string, Cell> = {};
  for (const [name, cell] of Object.entries(cells)) copy[name] = stored(cell);
  return { row, etag, cells: copy };
}

function stored(cell: Cell): Cell {
  if (typeof cell === 'string') return cell.toWellFormed();
  // JSON has no -0.
  if (typeof cell === 'number') return cell + 0;
  return typeof cell === 'boolean' ? cell : Uint8Array.from(cell);
}
