import { isObject, objectOf, parseJson, type Json, type JsonObject } from '../json.ts';
import { jsonCells, valueOfCells } from './json-cells.ts';
import { StorageLimitError } from './limits.ts';
import { RowChangedError, RowExistsError, type Row, type Tables, type Write } from './ports.ts';

const ATTEMPTS = 30;

/** The rows of one partition, each a JSON object, within one attempt to change some of them all at once. */
export class Transaction {
  readonly #tables: Tables;
  readonly #table: string;
  readonly #partition: string;
  readonly #read = new Map<string, { readonly row: Row | undefined; readonly value: JsonObject | undefined }>();
  readonly #written = new Map<string, JsonObject | undefined>();

  constructor(tables: Tables, table: string, partition: string) {
    this.#tables = tables;
    this.#table = table;
    this.#partition = partition;
  }

  /** What stands in a row, with what this transaction has written; undefined where there is none. */
  async get(name: string): Promise<JsonObject | undefined> {
    if (this.#written.has(name)) return this.#written.get(name);
    const known = this.#read.get(name);
    if (known !== undefined) return known.value;
    const row = await this.#tables.get(this.#table, this.#partition, name);
    const value = row === undefined ? undefined : objectOfRow(row);
    this.#read.set(name, { row, value });
    return value;
  }

  /** Writes a row that was read before in this transaction: it fails, and is tried anew, where somebody else changed the row since. */
  put(name: string, value: object | undefined): void {
    if (!this.#read.has(name)) throw new Error(`row ${name} is written without having been read`);
    // Through text: what is kept is what is read.
    this.#written.set(name, value === undefined ? undefined : objectOf(parseJson(JSON.stringify(value))));
  }

  async commit(): Promise<void> {
    const writes: Write[] = [];
    for (const [name, value] of this.#written) {
      const row = this.#read.get(name)?.row;
      if (value === undefined) {
        if (row !== undefined) writes.push({ kind: 'delete', row: name, etag: row.etag });
        continue;
      }
      const cells = jsonCells(value);
      if (cells === undefined) throw new StorageLimitError(`What row ${name} is to hold is too large for a row.`);
      writes.push(
        row === undefined
          ? { kind: 'insert', row: name, cells }
          : { kind: 'replace', row: name, cells, etag: row.etag },
      );
    }
    if (writes.length > 0) await this.#tables.commit(this.#table, this.#partition, writes);
  }
}

/** The JSON object that a row holds. @throws where it holds something else */
export function objectOfRow(row: Row): JsonObject {
  const value: Json | undefined = valueOfCells(row.cells);
  if (!isObject(value)) throw new Error(`row ${row.row} holds no JSON object`);
  return value;
}

/**
 * Changes rows of one partition all at once: reads, decides and writes, anew where somebody else came between. Where the answer to a write is lost, `change` may be
 * asked again after it took effect: it must see that and write nothing more.
 * @returns what the `change` that was committed gave
 */
export async function transact<T>(
  { tables, table, partition }: { readonly tables: Tables; readonly table: string; readonly partition: string },
  change: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const transaction = new Transaction(tables, table, partition);
    const result = await change(transaction);
    try {
      await transaction.commit();
      return result;
    } catch (error) {
      const met = error instanceof RowChangedError || error instanceof RowExistsError;
      if (!met || attempt === ATTEMPTS) throw error;
    }
  }
}
