/** What is known beside the logs, and what it means for incidents: plain data that travels between enrichment, incidents and Sentinel. */
import type { Asset } from './asset.ts';
import type { WeighedFinding } from './finding.ts';

/** Something that somebody holds to be an attacker's: an address, a network or a domain. */
export interface Indicator {
  /** `<source>/<id in its source>`. */
  readonly id: string;
  readonly kind: 'address' | 'network' | 'domain';
  /** In canonical text: an address, `203.0.113.0/24`, a domain in lower case. */
  readonly value: string;
  /** The name of its feed. */
  readonly source: string;
  readonly description?: string | undefined;
  /** 0 to 100, as STIX has it. */
  readonly confidence?: number | undefined;
  readonly labels: readonly string[];
  /** It counts for events from a week before then on, for sources tell late; and before `validUntil`. Milliseconds since 1970-01-01T00:00:00Z. */
  readonly validFrom?: number | undefined;
  readonly validUntil?: number | undefined;
}

/** An indicator that an entity is or lies within, at the time of an event. */
export interface IndicatorHit {
  readonly indicator: Indicator;
  /** The entity: `ip:…` or `domain:…`. */
  readonly key: string;
}

/** Where an address is and whose. */
export interface AddressContext {
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly city?: string | undefined;
  /** Degrees. */
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  readonly asn?: number | undefined;
  readonly organization?: string | undefined;
  /** A range that a cloud provider publishes: `AWS EC2 eu-central-1`. */
  readonly provider?: string | undefined;
  /** Whether it is one by which one's own people and workloads go out. */
  readonly own?: true | undefined;
}

/** A place on an attack path. */
export interface PathStep {
  readonly key: string;
  readonly label: string;
  readonly is: 'exposure' | 'workload' | 'identity' | 'data';
  /** How one gets there from the step before: `is reachable from the internet by public address 203.0.113.4`. */
  readonly how: string;
}

/** A way from the internet over a workload and its identity to data. */
export interface AttackPath {
  readonly steps: readonly PathStep[];
  /** How much lies at its end, 0 to 100: what is reached, how important it is, what it holds. */
  readonly blastRadius: number;
  /** How many assets its identity reaches. */
  readonly reaches: number;
  /** The findings that open it; ids. */
  readonly findings: readonly string[];
  /** Whether this incident was seen on it: one of its steps is what the incident's events name. */
  readonly seen: boolean;
}

/** What is asked about an incident and is not in memory, as it is named where it does not answer. */
export const ASKED = { findings: 'findings', uses: 'what its identities use' } as const;

/** What is known of what an incident touches. All lists the weightiest first, and bounded. */
export interface IncidentFacts {
  readonly assets: readonly Asset[];
  readonly findings: readonly WeighedFinding[];
  readonly hits: readonly IndicatorHit[];
  readonly paths: readonly AttackPath[];
  /** What could not be asked, and is added when it can: `findings`, `EPSS scores`. */
  readonly missing: readonly string[];
}

/** What is known of what an incident touches, and what is to be said of it before all else. */
export interface IncidentContext extends IncidentFacts {
  /** In one sentence. */
  readonly headline?: string | undefined;
  /** Why more is to be done than the alerts ask for. */
  readonly decidedBy?: string | undefined;
}
