import type { Configuration } from '../../../platform/configuration.ts';
import type { Epss } from '../epss.ts';
import type { Feed } from '../feed/feed.ts';
import type { Kev } from '../kev.ts';
import { epssFeed } from './epss-feed.ts';
import { kevFeed } from './kev-feed.ts';

/** The feeds that are configured. */
export interface ConfiguredFeeds {
  readonly kev: Feed<Kev> | undefined;
  readonly epss: Feed<Epss> | undefined;
  /** Every feed, in the order in which they are told of. */
  readonly all: readonly Feed<unknown>[];
}

/** What the configuration says to have of what others publish. A new feed is one line here. */
export function configuredFeeds({ feeds }: Pick<Configuration, 'feeds'>): ConfiguredFeeds {
  const kev = feeds.kev.enabled ? kevFeed(feeds.kev.url) : undefined;
  const epss = feeds.epss.enabled ? epssFeed(feeds.epss.url) : undefined;
  return { kev, epss, all: [kev, epss].filter((feed) => feed !== undefined) };
}
