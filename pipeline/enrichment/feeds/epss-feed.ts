import { inTurns } from '../../../platform/turns.ts';
import { epssPieces, parseEpss, type Epss, type EpssScore } from '../epss.ts';
import type { Feed, FeedChanges } from '../feed/feed.ts';
import { changesBetween, lessThanHalf, type Entries, type Told } from './compare.ts';

const DAY = 86_400_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** FIRST's Exploit Prediction Scoring System, of which there are new scores every day. */
export const epssFeed = (url: string): Feed<Epss> => ({
  id: 'epss',
  title: 'EPSS scores',
  maxAge: 2 * DAY,
  maxPublishedAge: 7 * DAY,
  fetch: (previous, http) =>
    http.get({ url, previous: previous?.manifest, maxBytes: MOST_BYTES, maxUnpackedBytes: MOST_BYTES }),
  parse: parseEpss,
  pieces: epssPieces,
  describe: ({ model, scoreDate, size }) => ({
    version: scoreDate,
    rows: size,
    model,
    published: Date.parse(scoreDate),
  }),
  changes: epssChanges,
  objection: (before, after) => lessThanHalf(before.size, after.size),
});

/** Of one model, whose probability moved, the farthest first. Percentiles move whenever others do, and are not told. */
async function epssChanges(before: Epss, after: Epss): Promise<FeedChanges> {
  const sameModel = before.model === after.model;
  const changes = await inTurns(
    changesBetween(entriesOf(before), entriesOf(after), scored, (cve, was, is) =>
      sameModel && was.probability !== is.probability ? moved(cve, was, is) : undefined,
    ),
  );
  return sameModel ? changes : { ...changes, note: `other model (${after.model}): scores not compared` };
}

const entriesOf = (epss: Epss): Entries<EpssScore> => ({ get: (cve) => epss.get(cve), all: () => epss.scores() });

const scored = (cve: string, { probability }: EpssScore): Told => ({
  weight: probability,
  text: () => `${cve}: ${probability}`,
});

const moved = (cve: string, was: EpssScore, is: EpssScore): Told => ({
  weight: Math.abs(is.probability - was.probability),
  text: () => `${cve}: ${is.probability}, was ${was.probability}`,
});
