import { parse, CsvError as LibraryError } from 'csv-parse/sync';
import { atOnce } from './turns.ts';

/** A row of a CSV file by the names in its first line, and the line of the file where it begins, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/** Thrown where text is no CSV; its message names the line. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/**
 * Reads CSV after RFC 4180: cells between commas, in quotes where they hold commas, quotes or line breaks; the first line names the columns.
 * Empty lines are left out, and so is space around cells. Takes linear time.
 * @throws CsvError where a quote is not closed, a column has no name or one twice, a row has other cells than the first line, or there are too many rows
 */
export function parseCsv(text: string, maxRows: number): CsvRow[] {
  const rows: CsvRow[] = [];
  const take = (row: CsvRow): void => {
    if (rows.length === maxRows) throw new CsvError(`line ${row.line}: more than ${maxRows} rows`);
    rows.push(row);
  };
  atOnce(csvPieces(text, take));
  return rows;
}

/**
 * Hands over the rows of CSV one by one, read as {@link parseCsv} does, in pieces.
 * @throws CsvError likewise, and whatever `take` throws
 */
export function* csvPieces(text: string, take: (row: CsvRow) => void): Generator<void, void> {
  let columns: readonly string[] | undefined;
  let [end, before] = [0, 0];
  const takeCells = (cells: readonly string[], line: number): void => {
    if (cells.length === 1 && cells[0] === '') return;
    if (columns === undefined) columns = columnsOf(cells, line);
    else take(rowOf(columns, cells, line));
  };
  try {
    for (const piece of piecesOf(text)) {
      before = end;
      parse(piece, {
        bom: before === 0,
        relax_column_count: true,
        record_delimiter: ['\r\n', '\n', '\r'],
        on_record: (cells: string[], { lines }) => {
          const line = end + 1;
          end = before + lines;
          takeCells(cells, line);
          return null;
        },
      });
      yield;
    }
  } catch (error) {
    throw error instanceof LibraryError ? new CsvError(`line ${end + 1}: ${faultOf(error)}`) : error;
  }
}

/** So many characters are read in one piece, and to the end of their row. */
const PIECE = 256 * 1024;

/** Pieces of whole rows: each ends with a line before which every quote is closed, or with the text. */
function* piecesOf(text: string): Generator<string, void> {
  let quote = text.indexOf('"');
  for (let start = 0; start < text.length;) {
    let end = start + PIECE;
    let isOpen = false;
    do {
      const feed = text.indexOf('\n', end);
      end = feed === -1 ? text.length : feed + 1;
      for (; quote !== -1 && quote < end; quote = text.indexOf('"', quote + 1)) isOpen = !isOpen;
    } while (isOpen && end < text.length);
    yield text.slice(start, end);
    start = end;
  }
}

function columnsOf(cells: readonly string[], line: number): readonly string[] {
  const columns = cells.map((name) => name.trim());
  if (columns.includes('') || new Set(columns).size < columns.length)
    throw new CsvError(`line ${line}: every column needs a name of its own`);
  return columns;
}

function rowOf(columns: readonly string[], cells: readonly string[], line: number): CsvRow {
  if (cells.length !== columns.length)
    throw new CsvError(`line ${line}: expected ${columns.length} cells as the first line has, found ${cells.length}`);
  return { line, cells: new Map(columns.map((name, at) => [name, cells[at]?.trim() ?? ''])) };
}

const faultOf = ({ code }: LibraryError): string =>
  code === 'CSV_QUOTE_NOT_CLOSED'
    ? 'a quote that is not closed'
    : 'text beside a quote; quotes go around the whole cell, and those within it are doubled';
