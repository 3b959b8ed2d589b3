import type { AssetLookup } from '../timeline/asset.ts';
import type { EventKnowledge } from './enrich-event.ts';

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
