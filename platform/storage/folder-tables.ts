import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { arrayOf, parseJson } from '../json.ts';
import { checkCommit, checkKey, checkRange, checkTable } from './limits.ts';
import {
  RowChangedError,
  RowExistsError,
  type Cell,
  type Cells,
  type Row,
  type RowPage,
  type RowRange,
  type Tables,
  type Write,
} from './ports.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS tables (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS rows (
    tbl TEXT NOT NULL, part TEXT NOT NULL, row TEXT NOT NULL, etag TEXT NOT NULL, cells TEXT NOT NULL,
    PRIMARY KEY (tbl, part, row)
  ) WITHOUT ROWID;`;

type Found = ReturnType<ReturnType<DatabaseSync['prepare']>['get']>;

/** Tables in a database of SQLite. A commit is on the disk when it resolves, whole or not at all. */
export class FolderTables implements Tables {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(SCHEMA);
  }

  async get(table: string, partition: string, row: string): Promise<Row | undefined> {
    checkTable(table);
    checkKey('partition', partition);
    checkKey('row', row);
    return rowOf(this.#find(table, partition, row));
  }

  async commit(table: string, partition: string, writes: readonly Write[]): Promise<void> {
    checkCommit(table, partition, writes);
    if (writes.length === 0) return;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#run('INSERT OR IGNORE INTO tables (name) VALUES (?)', table);
      for (const write of writes) this.#check(table, partition, write);
      for (const write of writes) this.#apply(table, partition, write);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  async query(table: string, partition: string, range: RowRange): Promise<RowPage> {
    checkRange(table, partition, range);
    const { from = '', after = '', to, limit } = range;
    const before = to === undefined ? '' : 'AND row < ?';
    const found = this.#database
      .prepare(
        `SELECT row, etag, cells FROM rows WHERE tbl = ? AND part = ? AND row >= ? AND row > ? ${before} ORDER BY row LIMIT ?`,
      )
      .all(table, partition, from, after, ...(to === undefined ? [] : [to]), limit + 1);
    const rows = found.slice(0, limit).map(rowOf);
    return { rows: rows.filter((row) => row !== undefined), more: found.length > limit };
  }

  async list(prefix: string): Promise<readonly string[]> {
    const found = this.#database
      .prepare('SELECT name FROM tables WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name')
      .all(prefix);
    return found.map(({ name }) => String(name));
  }

  async drop(table: string): Promise<void> {
    checkTable(table);
    this.#database.exec('BEGIN IMMEDIATE');
    this.#run('DELETE FROM rows WHERE tbl = ?', table);
    this.#run('DELETE FROM tables WHERE name = ?', table);
    this.#database.exec('COMMIT');
  }

  #find(table: string, partition: string, row: string): Found {
    return this.#database
      .prepare('SELECT row, etag, cells FROM rows WHERE tbl = ? AND part = ? AND row = ?')
      .get(table, partition, row);
  }

  #check(table: string, partition: string, write: Write): void {
    const where = `in partition ${JSON.stringify(partition)} of table ${table}`;
    const existing = this.#find(table, partition, write.row);
    if (write.kind === 'insert' && existing !== undefined) {
      throw new RowExistsError(`A row to insert exists ${where}.`);
    }
    const etag = write.kind === 'replace' || write.kind === 'delete' ? write.etag : undefined;
    if (etag !== undefined && existing?.['etag'] !== etag) {
      throw new RowChangedError(`A row was changed or deleted by another writer ${where}.`);
    }
  }

  #apply(table: string, partition: string, write: Write): void {
    if (write.kind === 'delete') {
      this.#run('DELETE FROM rows WHERE tbl = ? AND part = ? AND row = ?', table, partition, write.row);
      return;
    }
    this.#run(
      'INSERT OR REPLACE INTO rows (tbl, part, row, etag, cells) VALUES (?, ?, ?, ?, ?)',
      ...[table, partition, write.row, `W/"${randomUUID()}"`, textOfCells(write.cells)],
    );
  }

  #run(statement: string, ...values: readonly string[]): void {
    this.#database.prepare(statement).run(...values);
  }
}

function rowOf(found: Found): Row | undefined {
  if (found === undefined) return undefined;
  return { row: String(found['row']), etag: String(found['etag']), cells: cellsOf(String(found['cells'])) };
}

/** A list of names and values, with bytes as a list of one text in base64. */
const textOfCells = (cells: Cells): string =>
  JSON.stringify(
    Object.entries(cells).map(([name, cell]) => [
      name,
      cell instanceof Uint8Array
        ? [Buffer.from(cell).toString('base64')]
        : typeof cell === 'string'
          ? cell.toWellFormed()
          : cell,
    ]),
  );

function cellsOf(text: string): Cells {
  const cells: Record<string, Cell> = {};
  for (const pair of arrayOf(parseJson(text)) ?? []) {
    const [name, value] = arrayOf(pair) ?? [];
    const bytes = arrayOf(value)?.[0];
    if (typeof name !== 'string') continue;
    if (typeof bytes === 'string') cells[name] = Uint8Array.from(Buffer.from(bytes, 'base64'));
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') cells[name] = value;
  }
  return cells;
}
