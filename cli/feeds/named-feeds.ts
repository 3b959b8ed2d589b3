import type { Feed } from '../../pipeline/enrichment/feed/feed.ts';
import { UnusableInputError } from '../scan/files.ts';

/**
 * The feeds that ids name; all where none is named.
 * @throws UnusableInputError where an id names none
 */
export function namedFeeds(
  feeds: readonly Feed<unknown>[],
  ids: readonly string[] | undefined,
): readonly Feed<unknown>[] {
  if (ids === undefined || ids.length === 0) return feeds;
  return [...new Set(ids)].map((id) => {
    const feed = feeds.find((one) => one.id === id);
    if (feed !== undefined) return feed;
    const known = feeds.map((one) => one.id).join(', ');
    throw new UnusableInputError(`${id}: there is no such feed; there are ${known === '' ? 'none' : known}`);
  });
}
