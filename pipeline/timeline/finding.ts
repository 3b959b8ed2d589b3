import type { Exposure } from './asset.ts';
import type { SourceId } from './event.ts';
import type { Level } from './signal.ts';

/** Whether there is something to do about a finding. `suppressed`: its source was told to ignore it. */
export type FindingStatus = 'open' | 'fixed' | 'suppressed';

/** Something weak that a scanner found in an asset, as it stands after its latest event. */
export interface Finding {
  /** `<source>/<the finding's own id>`; the same for all events of one finding. At most 512 characters. */
  readonly id: string;
  readonly source: SourceId;
  readonly title: string;
  /** Key of what it was found in. */
  readonly asset: string;
  readonly assetLabel?: string | undefined;
  /** CVE ids, upper case, in order; none where it is no known vulnerability but a weak setting or piece of code. At most 20. */
  readonly cves: readonly string[];
  readonly severity: Level;
  readonly status: FindingStatus;
  /** Event time of the event that says so, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly eventId: string;
  /** CVSS base score, 0 to 10, the highest that it names. */
  readonly cvss?: number | undefined;
  /** What is weak: `openssl 3.0.1`, `src/login.ts:42`. */
  readonly subject?: string | undefined;
  /** The version or setting that mends it. */
  readonly fix?: string | undefined;
  /** From where the scanner itself says that it can be reached. */
  readonly exposure?: Exposure | undefined;
}

/** What to do about a finding: at once; soon and in any case before its due date; with all others. */
export const PRIORITIES = ['act', 'attend', 'track'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What feeds say of one vulnerability; what is undefined they do not know. */
export interface VulnerabilityContext {
  /** Upper case. */
  readonly cve: string;
  /** Of CISA's catalogue of Known Exploited Vulnerabilities. Dates are `YYYY-MM-DD`, and empty where the catalogue has none. */
  readonly kev?:
    | { readonly name: string; readonly dateAdded: string; readonly dueDate: string; readonly ransomware: boolean }
    | undefined;
  /** Of FIRST: chance of exploitation somewhere in 30 days, and share of all that score lower, 0 to 1; scores of two models must not be compared. */
  readonly epss?: { readonly probability: number; readonly percentile: number; readonly model: string } | undefined;
}

/** A finding with what makes it more or less urgent. */
export interface WeighedFinding {
  readonly finding: Finding;
  readonly priority: Priority;
  /** Of two findings the one with the higher rank comes first, also across priorities. */
  readonly rank: number;
  /** For people, the weightiest first. */
  readonly reasons: readonly string[];
  readonly vulnerabilities: readonly VulnerabilityContext[];
  /** Of its asset, as it was held to be. */
  readonly exposure: Exposure;
  /** What was not known when it was weighed: `EPSS scores`. */
  readonly missing: readonly string[];
}
