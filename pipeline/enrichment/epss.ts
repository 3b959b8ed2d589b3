import { FeedError } from './feed-error.ts';

/** The chance that a vulnerability is exploited in the next 30 days, and the share of all that score lower; both 0 to 1. */
export interface EpssScore {
  readonly probability: number;
  readonly percentile: number;
}

export interface Epss {
  /** Scores of different models must not be compared. */
  readonly model: string;
  readonly scoreDate: string;
  readonly size: number;
  get(cve: string): EpssScore | undefined;
}

const HEADER = /^#model_version:([^,\n]{1,40}),score_date:([^\n\r]{1,40})\r?\ncve,epss,percentile\r?\n/;
const ROW = /^CVE-(\d{4})-(\d{4,9}),([\d.]{1,12}(?:e-\d{1,2})?),([\d.]{1,12}(?:e-\d{1,2})?)\r?$/i;

/**
 * Reads the scores as FIRST publishes them (epss_scores-*.csv, unpacked): a comment line that names the model, then `cve,epss,percentile`.
 * Scores are held in one array of numbers, two for each of 300,000 rows, found through a map by number.
 * @throws FeedError where it is anything else, or one row is
 */
export function parseEpss(text: string): Epss {
  const header = HEADER.exec(text);
  if (header === null) throw new FeedError('not EPSS scores: the first lines name no model version and columns');
  const rows = text.slice(header[0].length).split('\n');
  if (rows.at(-1) === '') rows.pop();
  const places = new Map<number, number>();
  const scores = new Float64Array(rows.length * 2);
  rows.forEach((row, at) => {
    const cells = ROW.exec(row);
    const [probability, percentile] = [Number(cells?.[3]), Number(cells?.[4])];
    if (cells === null || !(probability <= 1) || !(percentile <= 1)) {
      throw new FeedError(`not EPSS scores: line ${at + 3} is not a vulnerability with two numbers from 0 to 1`);
    }
    places.set(keyOf(Number(cells[1]), Number(cells[2])), at * 2);
    scores[at * 2] = probability;
    scores[at * 2 + 1] = percentile;
  });
  if (places.size === 0) throw new FeedError('not EPSS scores: there is no row');
  return {
    model: header[1] ?? '',
    scoreDate: header[2] ?? '',
    size: places.size,
    get: (cve) => {
      const parts = /^CVE-(\d{4})-(\d{4,9})$/i.exec(cve);
      const place = parts === null ? undefined : places.get(keyOf(Number(parts[1]), Number(parts[2])));
      if (place === undefined) return undefined;
      return { probability: scores[place] ?? 0, percentile: scores[place + 1] ?? 0 };
    },
  };
}

/** Year and number in one whole number. */
const keyOf = (year: number, number: number): number => year * 1e9 + number;
