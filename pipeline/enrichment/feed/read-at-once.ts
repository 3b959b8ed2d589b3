import { FeedError } from '../feed-error.ts';
import type { FeedHttp } from './feed-http.ts';
import type { Feed } from './feed.ts';

/** Nothing is had over the network. */
const OFFLINE: FeedHttp = {
  get: () => Promise.reject(new FeedError('it is not had from a file')),
};

/**
 * What a feed that stands in a file of this machine says, without keeping a copy.
 * @throws FeedError naming the feed and what is wrong with it
 */
export async function readAtOnce<T>(feed: Feed<T>): Promise<T> {
  try {
    const fetched = await feed.fetch(undefined, OFFLINE);
    if (fetched === 'unchanged') throw new FeedError('there is no copy that it could be unchanged from');
    return feed.parse(fetched.body);
  } catch (error) {
    throw error instanceof FeedError ? new FeedError(`${feed.title}: ${error.message}`) : error;
  }
}
