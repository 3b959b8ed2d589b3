import type { Row, RowRange, Tables } from './ports.ts';

/** The service gives at most this many rows in one answer. */
const PAGE = 1000;

/**
 * All rows of a partition, or of a range in it, in order of row key, read page by page as they are asked for.
 * @throws whatever storage throws
 */
export async function* rowsOf(
  tables: Tables,
  table: string,
  partition: string,
  range: Omit<RowRange, 'limit'> = {},
): AsyncGenerator<Row> {
  let { after } = range;
  for (;;) {
    const { rows, more } = await tables.query(table, partition, { ...range, after, limit: PAGE });
    yield* rows;
    after = rows.at(-1)?.row;
    if (!more || after === undefined) return;
  }
}
