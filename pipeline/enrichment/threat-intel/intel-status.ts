import type { ThreatIntelSettings } from '../../../platform/configuration/threat-intel.ts';
import type { CopyStore } from '../copies/copy-store.ts';
import { FeedError } from '../feed-error.ts';
import { feedStatus, type FeedStatus } from '../feed/feed-status.ts';
import type { Feed } from '../feed/feed.ts';
import { readAtOnce } from '../feed/read-at-once.ts';
import type { IgnoredValues } from './ignored-values.ts';
import type { IndicatorTable } from './indicator-table.ts';
import { intelFeeds } from './intel-feed.ts';
import type { IntelSource } from './threat-intel.ts';

/** How a source of indicators stands, and what it says. */
export interface IntelStatus extends Omit<FeedStatus, 'state'> {
  /** `file`: it has no copy, and is read from its file. */
  readonly state: FeedStatus['state'] | 'file';
  /** Undefined where it cannot be read. */
  readonly source?: IntelSource | undefined;
}

/** How the sources that are configured stand. What is wrong with one is told with it. @param now milliseconds since 1970-01-01T00:00:00Z */
export function intelStatus(
  settings: ThreatIntelSettings,
  ignored: IgnoredValues,
  store: CopyStore,
  now: number,
): Promise<IntelStatus[]> {
  const feeds = intelFeeds(settings, ignored);
  return Promise.all(feeds.map((feed, at) => statusOf(feed, settings.sources[at]?.file !== undefined, store, now)));
}

async function statusOf(
  feed: Feed<IndicatorTable>,
  isFile: boolean,
  store: CopyStore,
  now: number,
): Promise<IntelStatus> {
  const status = await feedStatus(feed, store, now);
  const { manifest, check } = status;
  try {
    if (manifest === undefined && isFile)
      return { ...status, state: 'file', source: { table: await readAtOnce(feed) } };
    const copy = manifest && (await store.read(feed.id));
    if (copy === undefined) return status;
    const confirmed = Math.max(copy.manifest.fetched, check?.confirmed ?? 0);
    return { ...status, source: { table: feed.parse(copy.body), confirmed } };
  } catch (error) {
    if (!(error instanceof FeedError)) throw error;
    return { ...status, state: 'damaged', problem: error.message };
  }
}
