/**
 * JSON as the cells of a row: gzip'd and cut into cells of 64 KiB, of which eleven fit into a row (the service takes 1 MiB as JSON, in
 * base64).
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseJson, type Json } from '../json.ts';
import { MAX_CELL_BYTES } from './limits.ts';
import type { Cells } from './ports.ts';

const MAX_CELLS = 11;
/** So that no row, whoever wrote it, unfolds without end. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

/** The cells that hold a value; undefined where it is too large for a row. */
export function jsonCells(value: object): Cells | undefined {
  const bytes = gzipSync(JSON.stringify(value));
  if (bytes.length > MAX_CELLS * MAX_CELL_BYTES) return undefined;
  const cells: Record<string, Uint8Array> = {};
  for (let start = 0, index = 0; start < bytes.length; start += MAX_CELL_BYTES, index++) {
    cells[`b${index}`] = bytes.subarray(start, start + MAX_CELL_BYTES);
  }
  return cells;
}

/**
 * The value that {@link jsonCells} wrote; undefined where the cells hold none.
 * @throws where they hold something else
 */
export function valueOfCells(cells: Cells): Json | undefined {
  const parts: Uint8Array[] = [];
  for (let index = 0; index < MAX_CELLS; index++) {
    const cell = cells[`b${index}`];
    if (!(cell instanceof Uint8Array)) break;
    parts.push(cell);
  }
  if (parts.length === 0) return undefined;
  return parseJson(gunzipSync(Buffer.concat(parts), { maxOutputLength: MAX_JSON_BYTES }).toString());
}
