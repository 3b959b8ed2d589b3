/**
 * An event as the cells of its row. Bytes are cut into cells of 64 KiB, eleven to a row (the service takes 1 MiB as JSON, in
 * base64); what does not fit stands in rows beside it, so that an event of any size is kept whole.
 */
import { MAX_CELL_BYTES } from '../../../platform/storage/limits.ts';
import type { Cells, Row, Tables, Write } from '../../../platform/storage/ports.ts';
import { decodeEvent, encodeEvent, EventCodecError, type StoredEvent } from '../codec.ts';

const MAX_CELLS = 11;
const ROW_BYTES = MAX_CELLS * MAX_CELL_BYTES;
/** JSON of fewer bytes gains too little from gzip. */
const COMPRESS_OVER_BYTES = 1024;

/** An event as the row of that key, and the rows beside it that must be written first. */
export interface Body {
  readonly row: Write;
  readonly beside: readonly Write[];
}

/**
 * @param key of the event's row
 * @throws EventCodecError as `encodeEvent` does
 */
export function bodyOf(key: string, event: StoredEvent): Body {
  const bytes = encodeEvent(event, COMPRESS_OVER_BYTES);
  const beside: Write[] = [];
  for (let start = ROW_BYTES; start < bytes.length; start += ROW_BYTES) {
    const part = bytes.subarray(start, start + ROW_BYTES);
    beside.push({ kind: 'upsert', row: besideKey(key, beside.length), cells: cellsOf(part) });
  }
  const cells = cellsOf(bytes.subarray(0, ROW_BYTES));
  return { row: { kind: 'insert', row: key, cells: { ...cells, beside: beside.length } }, beside };
}

/**
 * The event of a row, read together with the rows beside it, and how many bytes of JSON it is, about. Undefined where the table
 * was dropped in between.
 * @throws EventCodecError where the row does not hold an event
 */
export async function readBody(
  tables: Tables,
  table: string,
  partition: string,
  row: Row,
): Promise<ReadEvent | undefined> {
  const parts = [bytesOf(row.cells)];
  const beside = Number(row.cells['beside']);
  for (let index = 0; index < beside; index++) {
    const part = await tables.get(table, partition, besideKey(row.row, index));
    if (part === undefined) {
      if ((await tables.get(table, partition, row.row)) === undefined) return undefined;
      throw new EventCodecError(`The event in row ${row.row} of table ${table} lacks part ${index + 1} of ${beside}.`);
    }
    parts.push(bytesOf(part.cells));
  }
  const bytes = Buffer.concat(parts);
  return { event: decodeEvent(bytes), bytes: jsonBytes(bytes) };
}

export interface ReadEvent {
  readonly event: StoredEvent;
  readonly bytes: number;
}

/** No key of an event's row begins so: those begin with 32 hexadecimal digits. */
function besideKey(key: string, index: number): string {
  return `beside-${key}-${String(index).padStart(2, '0')}`;
}

function cellsOf(bytes: Uint8Array): Cells {
  const cells: Record<string, Uint8Array> = {};
  for (let start = 0, index = 0; start < bytes.length; start += MAX_CELL_BYTES, index++) {
    cells[`b${index}`] = bytes.subarray(start, start + MAX_CELL_BYTES);
  }
  return cells;
}

function bytesOf(cells: Cells): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let index = 0; index < MAX_CELLS; index++) {
    const cell = cells[`b${index}`];
    if (cell instanceof Uint8Array) parts.push(cell);
  }
  return Buffer.concat(parts);
}

/** gzip ends with the length of what it holds (RFC 1952, ISIZE). */
function jsonBytes(bytes: Buffer): number {
  return bytes[0] === 0x1f && bytes.length > 4 ? bytes.readUInt32LE(bytes.length - 4) : bytes.length;
}
