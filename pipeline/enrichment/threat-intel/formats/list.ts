import { FeedError } from '../../feed-error.ts';
import type { IndicatorDetail } from '../indicator-table.ts';
import type { TableBuilder } from '../table-builder.ts';

/** So many lines are read in one piece. */
const PIECE = 5000;
/** Lines are no longer than this. */
const LONGEST = 4096;
const LINE_FEED = 10;
/** What lists of hosts to be blocked begin their lines with. */
const NOWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '127.0.0.1', '::', '::1']);

/**
 * Reads a list: an address, network, domain or address of a page a line, first on its line. What follows after a space, comma or semicolon is
 * passed over, as are empty lines and those that begin with `#`, `;` or `//`. In lists as hosts files have them, the name counts.
 * It is read in pieces.
 * @throws FeedError where most of its lines begin with nothing of the kind
 */
export function* readList(body: Uint8Array, detail: IndicatorDetail, builder: TableBuilder): Generator<void, void> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let lines = 0;
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    // Each line is a text of its own: a piece of a large one would keep all of it in memory.
    const line = bytes
      .toString('utf8', start, Math.min(end, start + LONGEST))
      .replace(/^\uFEFF/, '')
      .trim();
    start = end + 1;
    if (line === '' || /^(?:[#;]|\/\/)/.test(line)) continue;
    lines += 1;
    if (lines % PIECE === 0) yield;
    builder.addText(firstOf(line), detail);
  }
  if ((builder.refused('not understood') + builder.refused('shared by many')) * 2 > lines) {
    throw new FeedError('not a list of indicators: most of its lines begin with no address, network or domain');
  }
}

function firstOf(line: string): string {
  const [first = '', second] = line.split(/\s+/, 2);
  if (second !== undefined && NOWHERE.has(first) && !second.startsWith('#')) return second;
  return first.includes('://') ? first : (first.split(/[,;|]/, 1)[0] ?? first).replace(/^"|"$/g, '');
}
