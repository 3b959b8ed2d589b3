import type { Clock } from '../../../platform/clock.ts';
import type { Check, CopyStore } from '../copies/copy-store.ts';
import type { FeedHttp } from './feed-http.ts';
import type { Feed } from './feed.ts';
import { updateFeed, type FeedReport } from './update-feed.ts';

/** Milliseconds after which a publisher that failed is asked again. */
const RETRY = 30 * 60_000;

/**
 * Updates the feeds whose last look is long enough ago, one after the other. What keeps one of them from being written does not keep the others.
 * @param every milliseconds from one look to the next
 * @throws AggregateError at the end, where the store failed
 */
export async function updateDueFeeds(
  feeds: readonly Feed<unknown>[],
  store: CopyStore,
  http: FeedHttp,
  clock: Clock,
  every: number,
): Promise<FeedReport[]> {
  const reports: FeedReport[] = [];
  const failures: unknown[] = [];
  for (const feed of feeds) {
    try {
      if (isDue(await store.check(feed.id), clock.now(), every)) {
        reports.push(await updateFeed(feed, store, http, clock));
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} feeds could not be kept`);
  return reports;
}

function isDue(check: Check | undefined, now: number, every: number): boolean {
  if (check === undefined) return true;
  const since = now - check.at;
  // A clock that was put back must not put the next look off.
  return since < 0 || since >= (check.problem === undefined ? every : Math.min(every, RETRY));
}
