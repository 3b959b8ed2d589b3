/**
 * What Azure Storage takes as names, keys and sizes, checked before anything is sent, so that both implementations refuse
 * the same things in the same words.
 * Source: learn.microsoft.com/rest/api/storageservices, "Understanding the Table service data model", "Naming queues and
 * metadata", "Naming and referencing containers, blobs, and metadata". Where Azurite is stricter than the service, its
 * limit is taken: what works on a laptop works in the cloud, and the other way round.
 */
import type { Cell, Cells, RowRange, Write } from './ports.ts';

/** Thrown for a name, key or size that Azure Storage does not take, before anything was sent. */
export class StorageLimitError extends Error {
  override readonly name = 'StorageLimitError';
}

/** At most so many writes in one commit. */
export const MAX_WRITES = 100;
/** At most so many bytes of a row as the JSON that is sent, which has bytes in base64. */
export const MAX_ROW_BYTES = 1024 * 1024;
/** At most so many bytes of one commit, the sum of {@link writeBytes}. */
export const MAX_COMMIT_BYTES = 4 * 1024 * 1024;
/** At most so many bytes in one cell of bytes. */
export const MAX_CELL_BYTES = 64 * 1024;
/** At most so many UTF-16 units in one cell of text. */
export const MAX_CELL_TEXT = 32 * 1024;

const MAX_CELLS = 252;
const MAX_KEY = 512;
const MAX_PAGE = 1000;
const MAX_MESSAGE_BYTES = 48 * 1024;
/** What a write adds to a commit besides its cells: part headers and the URL, with the keys counted apart. */
const WRITE_OVERHEAD = 600;

function refuse(what: string, found: string, rule: string): never {
  throw new StorageLimitError(`${what} ${JSON.stringify(found.slice(0, 200))} cannot be used: ${rule}.`);
}

/** Refuses names of tables other than lower-case ones (the service ignores case, so two cases would be one table). */
export function checkTable(name: string): void {
  if (!/^[a-z][a-z0-9]{2,62}$/.test(name)) {
    refuse('The table name', name, 'it must have 3 to 63 lower-case letters and digits, a letter first');
  }
}

/** Refuses names of containers and of queues, which follow one rule. */
export function checkContainer(what: 'container' | 'queue', name: string): void {
  if (!/^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
    refuse(`The ${what} name`, name, 'it must have 3 to 63 lower-case letters, digits and single hyphens');
  }
}

/** Refuses partition and row keys; a comma at the start is refused because Azurite loses such rows of a transaction. */
export function checkKey(what: 'partition' | 'row', key: string): void {
  if (key.length > MAX_KEY)
    refuse(`The ${what} key`, key, `it has ${key.length} characters, and ${MAX_KEY} are allowed`);
  if (!/^(?!,)[ !"$-.0->@-[\]-~]+$/.test(key)) {
    refuse(
      `The ${what} key`,
      key,
      'it must be printable ASCII without / \\ # ?, not empty, not beginning with a comma',
    );
  }
}

/** Refuses names of blobs, above all those that a URL would turn into another name. */
export function checkBlob(name: string): void {
  if (name.length > 1024) refuse('The blob name', name, `it has ${name.length} characters, and 1024 are allowed`);
  if (!/^[ -[\]-~]+$/.test(name) || name.split('/').some((part) => /^\.*$/.test(part) || part.endsWith('.'))) {
    refuse(
      'The blob name',
      name,
      'it must be printable ASCII without \\, in parts that neither are empty nor end in a dot',
    );
  }
}

/** Refuses messages of more than 48 KiB, which are 64 KiB in base64. */
export function checkMessage(queue: string, message: string): void {
  checkContainer('queue', queue);
  const bytes = Buffer.byteLength(message);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new StorageLimitError(`A message of ${bytes} bytes does not fit the queue ${queue}, which takes 48 KiB.`);
  }
}

/** Refuses a query for anything but 1 to 1,000 rows, and keys that no row can have. */
export function checkRange(table: string, partition: string, range: RowRange): void {
  checkTable(table);
  checkKey('partition', partition);
  for (const key of [range.from, range.after, range.to]) if (key !== undefined) checkKey('row', key);
  if (!Number.isInteger(range.limit) || range.limit < 1 || range.limit > MAX_PAGE) {
    throw new StorageLimitError(`A query for ${range.limit} rows cannot be made: 1 to ${MAX_PAGE} are allowed.`);
  }
}

/** Refuses a commit that the service would refuse for its form: too many or too large writes, two of one row, bad keys or cells. */
export function checkCommit(table: string, partition: string, writes: readonly Write[]): void {
  checkTable(table);
  checkKey('partition', partition);
  if (writes.length > MAX_WRITES) {
    throw new StorageLimitError(`${writes.length} writes are too many for one commit: ${MAX_WRITES} are allowed.`);
  }
  const rows = new Set<string>();
  let bytes = 0;
  for (const write of writes) {
    checkKey('row', write.row);
    if (rows.has(write.row)) refuse('The row', write.row, 'one commit can write a row only once');
    rows.add(write.row);
    if (write.kind !== 'delete') checkCells(write.row, write.cells);
    if (write.kind === 'replace' || write.kind === 'delete') checkEtag(write.etag);
    bytes += writeBytes(partition, write);
  }
  if (bytes > MAX_COMMIT_BYTES) {
    throw new StorageLimitError(`A commit of ${bytes} bytes is too large: ${MAX_COMMIT_BYTES} are allowed.`);
  }
}

/** An etag is sent as a header. */
function checkEtag(etag: string | undefined): void {
  if (etag !== undefined && !/^[ -~]{1,200}$/.test(etag)) refuse('The etag', etag, 'no row has such a one');
}

function checkCells(row: string, cells: Cells): void {
  const names = Object.keys(cells);
  if (names.length > MAX_CELLS) refuse('The row', row, `it has ${names.length} cells, and ${MAX_CELLS} are allowed`);
  for (const name of names) {
    // The SDK returns the keys, the etag and the time of the last change among the cells.
    if (!/^[a-z]\w{0,254}$/i.test(name) || /^(partitionkey|rowkey|timestamp|etag)$/i.test(name)) {
      refuse(
        'The cell name',
        name,
        'it must have letters, digits and _, a letter first, and none of the service’s own names',
      );
    }
  }
  for (const [name, cell] of Object.entries(cells)) checkCell(name, cell);
  const bytes = cellsBytes(cells);
  if (bytes > MAX_ROW_BYTES) refuse('The row', row, `it has ${bytes} bytes, and ${MAX_ROW_BYTES} are allowed`);
}

function checkCell(name: string, cell: Cell): void {
  if (typeof cell === 'number' && !Number.isFinite(cell)) refuse('The cell', name, `it holds ${cell}`);
  if (typeof cell === 'string' && cell.length > MAX_CELL_TEXT) {
    refuse('The cell', name, `its text has ${cell.length} characters, and ${MAX_CELL_TEXT} are allowed`);
  }
  if (cell instanceof Uint8Array && cell.length > MAX_CELL_BYTES) {
    refuse('The cell', name, `it has ${cell.length} bytes, and ${MAX_CELL_BYTES} are allowed`);
  }
}

/** How many bytes a write adds to a commit; never less than it takes on the wire. */
export function writeBytes(partition: string, write: Write): number {
  // Keys stand in the URL, where a character may take three bytes, and in the body, where it may take two.
  const keys = 5 * (partition.length + write.row.length);
  return WRITE_OVERHEAD + keys + (write.kind === 'delete' ? 0 : cellsBytes(write.cells));
}

function cellsBytes(cells: Cells): number {
  let bytes = 0;
  for (const [name, cell] of Object.entries(cells)) bytes += 2 * name.length + 40 + cellBytes(cell);
  return bytes;
}

function cellBytes(cell: Cell): number {
  if (cell instanceof Uint8Array) return Math.ceil(cell.length / 3) * 4;
  return typeof cell === 'string' ? Buffer.byteLength(escapeLineSeparators(JSON.stringify(cell))) : 24;
}

/** JSON with its line separators written as escapes, which means the same; Azurite misreads a transaction that has them bare. */
export function escapeLineSeparators(json: string): string {
  return json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
