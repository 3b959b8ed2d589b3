import type { Configuration } from '../../../platform/configuration.ts';
import type { Inventory } from '../assets/inventory.ts';
import { configuredInventories } from '../assets/inventory-feeds.ts';
import type { Epss } from '../epss.ts';
import type { Feed } from '../feed/feed.ts';
import type { Kev } from '../kev.ts';
import { networkFeeds } from '../network/network-feeds.ts';
import type { ProviderRanges } from '../network/provider-ranges.ts';
import type { IgnoredValues } from '../threat-intel/ignored-values.ts';
import type { IndicatorTable } from '../threat-intel/indicator-table.ts';
import { ignoredValues, intelFeeds, type IntelFeedPorts } from '../threat-intel/intel-feed.ts';
import { epssFeed } from './epss-feed.ts';
import { kevFeed } from './kev-feed.ts';

/** The feeds that are configured. */
export interface ConfiguredFeeds {
  readonly kev: Feed<Kev> | undefined;
  readonly epss: Feed<Epss> | undefined;
  readonly intel: readonly Feed<IndicatorTable>[];
  /** What is never an attacker's, whatever `intel` says. */
  readonly ignored: IgnoredValues;
  readonly ranges: readonly Feed<ProviderRanges>[];
  /** Of the user's own clouds. */
  readonly inventories: readonly Feed<Inventory>[];
  /** All that others publish: all but inventories. */
  readonly published: readonly Feed<unknown>[];
  /** Every feed, in the order in which they are told of. */
  readonly all: readonly Feed<unknown>[];
}

/** What says which feeds there are. */
export type FeedSettings = Pick<
  Configuration,
  'feeds' | 'assets' | 'azure' | 'threatIntel' | 'network' | 'correlation'
>;

/** What the configuration says to have of what others publish. A new feed is one line here. */
export function configuredFeeds(configuration: FeedSettings, ports: IntelFeedPorts = {}): ConfiguredFeeds {
  const { feeds, threatIntel, network, correlation } = configuration;
  const kev = feeds.kev.enabled ? kevFeed(feeds.kev.url) : undefined;
  const epss = feeds.epss.enabled ? epssFeed(feeds.epss.url) : undefined;
  const ignored = ignoredValues(threatIntel, correlation.networks);
  const intel = intelFeeds(threatIntel, ignored, ports);
  const ranges = networkFeeds(network);
  const inventories = configuredInventories(configuration);
  const published = [kev, epss, ...intel, ...ranges].filter((feed) => feed !== undefined);
  return { kev, epss, intel, ignored, ranges, inventories, published, all: [...published, ...inventories] };
}
