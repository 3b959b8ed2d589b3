/**
 * What the pipeline asks of storage: tables, blobs and queues in the shape that Azure Storage gives them.
 * Each port has an Azure implementation (which Azurite serves on a laptop) and an in-memory twin; one contract test
 * runs against both. Errors of the service other than those named here pass through as the SDK throws them.
 */

/** What a table column holds. Numbers are doubles; a text or byte value holds at most 64 KiB (32 Ki UTF-16 units). */
export type Cell = string | number | boolean | Uint8Array;

export type Cells = Readonly<Record<string, Cell>>;

export interface Row {
  readonly row: string;
  readonly etag: string;
  readonly cells: Cells;
}

/**
 * One change of a row. `insert` fails where the row exists; `replace` and `delete` with an etag fail where it changed.
 * `delete` without an etag is content where there is no row.
 */
export type Write =
  | { readonly kind: 'insert'; readonly row: string; readonly cells: Cells }
  | { readonly kind: 'upsert'; readonly row: string; readonly cells: Cells }
  | { readonly kind: 'replace'; readonly row: string; readonly cells: Cells; readonly etag: string }
  | { readonly kind: 'delete'; readonly row: string; readonly etag?: string };

export interface RowRange {
  /** First row key wanted (inclusive). */
  readonly from?: string | undefined;
  /** Row keys after this one (exclusive); for the next page, the last row key of this one. */
  readonly after?: string | undefined;
  /** Row keys before this one (exclusive). */
  readonly to?: string | undefined;
  /** At most 1,000. */
  readonly limit: number;
}

export interface RowPage {
  /** In ascending order of row key (by UTF-16 code unit; keys are kept to ASCII). */
  readonly rows: readonly Row[];
  /** Whether more rows follow in the range. */
  readonly more: boolean;
}

/** Thrown when an `insert` met a row that exists. Nothing of the commit was written. */
export class RowExistsError extends Error {
  override readonly name = 'RowExistsError';
}

/** Thrown when an etag did not match, or the row to replace is gone. Nothing of the commit was written. */
export class RowChangedError extends Error {
  override readonly name = 'RowChangedError';
}

export interface Tables {
  get(table: string, partition: string, row: string): Promise<Row | undefined>;
  /**
   * Writes up to 100 changes of one partition, all or nothing; the table is created on its first write.
   * @throws RowExistsError, RowChangedError
   */
  commit(table: string, partition: string, writes: readonly Write[]): Promise<void>;
  /** Reads rows of one partition; a table that does not exist has none. */
  query(table: string, partition: string, range: RowRange): Promise<RowPage>;
  /** Names of the tables that begin with `prefix`. */
  list(prefix: string): Promise<readonly string[]>;
  /** Deletes a table and all its rows; no error where there is none. */
  drop(table: string): Promise<void>;
}

export interface BlobContent {
  readonly body: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface BlobItem {
  readonly name: string;
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Blobs {
  /** Writes a whole blob, over what was there; the container is created on its first write. Metadata keys are lower-case ASCII letters, values any text. */
  put(container: string, name: string, body: Uint8Array, metadata?: Readonly<Record<string, string>>): Promise<void>;
  get(container: string, name: string): Promise<BlobContent | undefined>;
  /** In ascending order of name; a container that does not exist has none. */
  list(container: string, prefix: string): AsyncIterable<BlobItem>;
  /** No error where there is none. */
  delete(container: string, name: string): Promise<void>;
}

export interface Queues {
  /** Puts a message (text, at most 48 KiB) on a queue; the queue is created on its first message. */
  send(queue: string, message: string): Promise<void>;
}

/** The three together, as one storage account gives them. */
export interface Storage {
  readonly tables: Tables;
  readonly blobs: Blobs;
  readonly queues: Queues;
}
