import type { Row, RowPage, RowRange } from '../../../platform/storage/ports.ts';
import type { Span } from './layout.ts';

/** Rows are read in pages of at most so many, which bounds what one page of large events holds in memory. */
const MAX_PAGE = 250;
/** A range of fewer rows than this part of a page is followed by one so many times as wide. */
const GROWTH = 4;

export interface Reading {
  /** In the order of their keys, or from the last key to the first. */
  readonly direction: 'forward' | 'backward';
  /** A key where an earlier reading ended: only rows beyond it are given. */
  readonly edge?: string | undefined;
  /** How many rows are still of use to the caller. */
  readonly wanted: () => number;
}

type Read = (range: RowRange) => Promise<RowPage>;

/** The rows of a range, page by page, in either direction. Stop iterating when there is enough: no page is read in advance. */
export function pagesOf(read: Read, span: Span, reading: Reading): AsyncGenerator<readonly Row[]> {
  return reading.direction === 'forward' ? forward(read, span, reading) : backward(read, span, reading);
}

async function* forward(read: Read, span: Span, { edge, wanted }: Reading): AsyncGenerator<readonly Row[]> {
  if (span.low >= span.high) return;
  const [from, to] = [span.keyAt(span.low), span.keyAt(span.high)];
  let after = edge;
  let more = true;
  while (more) {
    const page = await read({ from, to, after, limit: Math.min(wanted(), MAX_PAGE) });
    yield page.rows;
    after = page.rows.at(-1)?.row;
    more = page.more;
  }
}

/**
 * The service reads forward only, so the rows before a point are found by reading ranges that end there, each so short that one
 * page takes it whole. The first guess is the whole range, the second goes by how dense its first rows are, and from there on
 * widths are doubled and halved, so that even the worst of distributions costs a logarithm of reads.
 */
async function* backward(read: Read, span: Span, { edge, wanted }: Reading): AsyncGenerator<readonly Row[]> {
  let high = edge === undefined ? span.high : Math.min(span.high, span.positionOf(edge) + 1);
  let width = high - span.low;
  /** From here to `high` there were more rows than a page takes. */
  let crowded: number | undefined;
  while (high > span.low) {
    const low = Math.max(span.low, high - width);
    const from = span.keyAt(low);
    const end = span.keyAt(high);
    const to = edge !== undefined && edge < end ? edge : end;
    const limit = Math.min(2 * wanted(), MAX_PAGE);
    const page = await read({ from, to, limit });
    if (page.more && high - low > 1) {
      const seen = span.positionOf(page.rows.at(-1)?.row ?? from) - low;
      width = Math.floor((high - low) / 2);
      if (crowded === undefined) width = Math.max(1, Math.min(width, seen));
      crowded = low;
      continue;
    }
    const rows = page.more ? await rest(read, { from, to, limit: MAX_PAGE }) : page.rows;
    yield rows.toReversed();
    high = low;
    if (crowded !== undefined && crowded >= high) crowded = undefined;
    if (rows.length === 0 && crowded !== undefined) width = Math.ceil((high - crowded) / 2);
    else if (rows.length < limit / GROWTH) width *= GROWTH;
  }
}

/** All rows of a range that cannot be cut further: one millisecond, one of its 2^24 parts. */
async function rest(read: Read, range: RowRange): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let page: RowPage;
  do {
    page = await read({ ...range, after: rows.at(-1)?.row });
    rows.push(...page.rows);
  } while (page.more);
  return rows;
}
