import { inTurns } from '../../../platform/turns.ts';
import type { Feed } from './feed.ts';

/** What a feed's bytes say, read so that whatever else waits for the process gets its turn. @throws FeedError as `parse` does */
export const parseInTurns = async <T>(feed: Feed<T>, body: Uint8Array): Promise<T> =>
  feed.pieces === undefined ? feed.parse(body) : inTurns(feed.pieces(body));
