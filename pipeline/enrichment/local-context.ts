import type { Configuration } from '../../platform/configuration.ts';
import { readAtOnce } from './feed/read-at-once.ts';
import { openAddressDatabase } from './network/address-database.ts';
import { NetworkContext } from './network/network-context.ts';
import { networkFeeds } from './network/network-feeds.ts';
import { ignoredValues, intelFeeds } from './threat-intel/intel-feed.ts';
import { ThreatIntel } from './threat-intel/threat-intel.ts';

/** What is known of addresses and domains. */
export interface LocalContext {
  readonly intel: ThreatIntel;
  readonly network: NetworkContext;
}

/**
 * What files of this machine that the configuration names say of addresses and domains. Sources that are had over the network say nothing here.
 * @throws FeedError naming a file and what is wrong with it
 */
export async function localContext({
  threatIntel,
  network: { databases, providers },
  correlation: { networks },
}: Pick<Configuration, 'threatIntel' | 'network' | 'correlation'>): Promise<LocalContext> {
  const sources = threatIntel.sources.filter(({ file }) => file !== undefined);
  const ignored = ignoredValues(threatIntel, networks);
  const feeds = intelFeeds({ ...threatIntel, sources }, ignored);
  const tables = await Promise.all(feeds.map(readAtOnce));
  const { aws, gcp, azure } = providers;
  const published = azure.file === undefined ? {} : { file: azure.file };
  const off = { aws: { ...aws, enabled: false }, gcp: { ...gcp, enabled: false }, azure: published };
  const ranges = networkFeeds({ databases, providers: off });
  const places = [
    ...(await Promise.all(databases.map(openAddressDatabase))),
    ...(await Promise.all(ranges.map(readAtOnce))),
  ];
  return {
    intel: new ThreatIntel(
      tables.map((table) => ({ table })),
      ignored,
    ),
    network: new NetworkContext(
      networks.map(({ cidr }) => cidr),
      places,
    ),
  };
}
