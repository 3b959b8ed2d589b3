import { atOnce } from '../../platform/turns.ts';
import { RowReader } from './epss/row-reader.ts';
import { ScoreTable } from './epss/score-table.ts';
import { FeedError } from './feed-error.ts';
import { unpacked } from './feed/unpacked.ts';

/** The chance that a vulnerability is exploited in the next 30 days, and the share of all that score lower; both 0 to 1. */
export interface EpssScore {
  readonly probability: number;
  readonly percentile: number;
}

export interface Epss {
  /** Scores of different models must not be compared. */
  readonly model: string;
  /** As published: `2026-01-30T12:55:00Z`. */
  readonly scoreDate: string;
  readonly size: number;
  /** In constant time; a CVE id in any case of letters. */
  get(cve: string): EpssScore | undefined;
  /** All scores, in no order. */
  scores(): Iterable<readonly [cve: string, score: EpssScore]>;
}

/** What is published has some 10 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What is published has 313,000 rows; so many take 24 MB in memory. */
const MAX_ROWS = 1_250_000;
/** So many rows are read in one piece. */
const PIECE = 10_000;
const LINE_FEED = 10;
const HEADER =
  /^#model_version:([\w.+-]{1,40}),score_date:(\d{4}-\d\d-\d\d(?:T[\d:.]{5,15}(?:Z|[+-]\d\d:?\d\d)?)?)\r?\ncve,epss,percentile\r?\n/;

/**
 * Reads the scores as FIRST publishes them (epss_scores-*.csv, plain or gzip): a comment line that names the model, then
 * `cve,epss,percentile`. Scores are kept to nine decimals; five are published.
 * https://www.first.org/epss/data_stats
 * @throws FeedError where it is anything else, or one row is
 */
export const parseEpss = (body: Uint8Array): Epss => atOnce(epssPieces(body));

/** As {@link parseEpss}, in pieces. */
export function* epssPieces(body: Uint8Array): Generator<void, Epss> {
  const bytes = unpacked(body, MAX_BYTES);
  const [head, model, scoreDate] = HEADER.exec(new TextDecoder().decode(bytes.subarray(0, 256))) ?? [];
  if (head === undefined || model === undefined || scoreDate === undefined || Number.isNaN(Date.parse(scoreDate))) {
    throw new FeedError('not EPSS scores: the first lines name no model version, score date and columns');
  }
  yield;
  const table = new ScoreTable(rowsIn(bytes, head.length));
  const row = new RowReader(bytes, head.length);
  for (let line = 3; row.next(); line++) {
    if (line % PIECE === 0) yield;
    if (!row.valid) {
      throw new FeedError(`not EPSS scores: line ${line} is not a vulnerability with two numbers from 0 to 1`);
    }
    if (!table.add(row)) throw new FeedError(`not EPSS scores: line ${line} names a vulnerability for a second time`);
  }
  if (table.size === 0) throw new FeedError('not EPSS scores: there is no row');
  return {
    model,
    scoreDate,
    size: table.size,
    get: (cve) => table.get(cve),
    scores: () => table.scores(),
  };
}

/** How many rows there can be from there on. */
function rowsIn(bytes: Uint8Array, from: number): number {
  let rows = 1;
  for (let at = bytes.indexOf(LINE_FEED, from); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) rows++;
  if (rows > MAX_ROWS) throw new FeedError(`not EPSS scores: they have more than ${MAX_ROWS} rows`);
  return rows;
}
