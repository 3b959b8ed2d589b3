/** A row of a CSV file by the names in its first line, and the line of the file where it begins, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/** Thrown where text is no CSV. */
export class CsvError extends Error {
  override readonly name = 'CsvError';
}

/**
 * Reads CSV after RFC 4180: cells between commas, in quotes where they hold commas, quotes or line breaks; the first line names the columns.
 * Empty lines are left out. Takes linear time.
 * @throws CsvError where a quote is not closed, a column has no name or one twice, a row has other cells than the first line, or there are too many rows
 */
export function parseCsv(text: string, maxRows: number): CsvRow[] {
  const rows: CsvRow[] = [];
  let columns: readonly string[] | undefined;
  for (const { line, cells } of cellsOf(text)) {
    if (cells.length === 1 && cells[0] === '') continue;
    if (columns === undefined) {
      columns = cells.map((name) => name.trim());
      if (columns.includes('') || new Set(columns).size < columns.length)
        throw new CsvError(`line ${line}: every column needs a name of its own`);
      continue;
    }
    if (cells.length !== columns.length)
      throw new CsvError(`line ${line}: expected ${columns.length} cells as the first line has, found ${cells.length}`);
    if (rows.length === maxRows) throw new CsvError(`line ${line}: more than ${maxRows} rows`);
    rows.push({ line, cells: new Map(columns.map((name, at) => [name, cells[at]?.trim() ?? ''])) });
  }
  return rows;
}

function* cellsOf(text: string): Generator<{ line: number; cells: string[] }> {
  const plain = /[^",\r\n]*/y;
  const end = /,|\r\n|\n|\r|$/y;
  let line = 1;
  let begin = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  let cells: string[] = [];
  while (at < text.length || cells.length > 0) {
    const quoted = text[at] === '"';
    plain.lastIndex = at;
    const written = quoted ? text.slice(at, endOfQuoted(text, at, line)) : (plain.exec(text)?.[0] ?? '');
    end.lastIndex = at + written.length;
    const separator = end.exec(text)?.[0];
    if (separator === undefined)
      throw new CsvError(`line ${line}: text beside a quote; quotes go around the whole cell`);
    cells.push(quoted ? written.slice(1, -1).replaceAll('""', '"') : written);
    if (quoted) for (let next = written.indexOf('\n'); next >= 0; next = written.indexOf('\n', next + 1)) line++;
    at = end.lastIndex;
    if (separator === ',') continue;
    yield { line: begin, cells };
    cells = [];
    line++;
    begin = line;
  }
}

/** Where a cell that begins with a quote ends: behind the first quote that is not doubled. */
function endOfQuoted(text: string, start: number, line: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  if (quote < 0) throw new CsvError(`line ${line}: a quote that is not closed`);
  return quote + 1;
}
