import type { AssetLookup } from '../timeline/asset.ts';
import { AssetInventory } from './assets/asset-inventory.ts';
import type { EventKnowledge } from './enrich-event.ts';
import { NetworkContext } from './network/network-context.ts';
import { ThreatIntel } from './threat-intel/threat-intel.ts';
import { vulnerabilityContext, type VulnerabilityFeeds } from './vulnerabilities.ts';

/** All that is known beside the logs at one moment, in memory. Immutable: what is known anew is another. */
export interface Knowledge extends EventKnowledge {
  /** Another whenever look-ups may give something else. */
  readonly version: string;
  readonly assets: AssetLookup;
  /** What is configured and was never loaded, for people. */
  readonly missing: {
    /** What is asked of vulnerabilities: `KEV catalogue`, `EPSS scores`. */
    readonly vulnerabilities: readonly string[];
    /** All else: `inventory of Azure`, `indicators of contoso-intel`. */
    readonly others: readonly string[];
  };
}

/** What knowledge is made of; what is left out, nothing is known of. */
export interface KnowledgeParts extends VulnerabilityFeeds {
  readonly assets?: AssetLookup | undefined;
  readonly intel?: ThreatIntel | undefined;
  readonly network?: NetworkContext | undefined;
  readonly missing?: Knowledge['missing'] | undefined;
  readonly version?: string | undefined;
}

/** The knowledge that some parts make together. */
export const knowledgeOf = ({ assets, intel, network, missing, version, ...feeds }: KnowledgeParts): Knowledge => ({
  version: version ?? '',
  assets: assets ?? new AssetInventory([]),
  intel: intel ?? new ThreatIntel([]),
  network: network ?? new NetworkContext([], []),
  vulnerability: (cve) => vulnerabilityContext(cve, feeds),
  missing: missing ?? { vulnerabilities: [], others: [] },
});
