/** What was found out about an incident of Sentinel: what its comment, labels, severity and tasks are made of. Texts are outside data. */
import type { AddressContext, IncidentContext } from '../timeline/context.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { Incident } from '../timeline/incident.ts';
import type { Activity, ShownActivities } from './activity.ts';
import type { NamedPrincipal } from './identities.ts';
import type { TimeWindow } from './logs/log-query.ts';
import type { NextStep } from './writer.ts';

/** An incident of Crosstrail that is about the same, and where it stands. */
export interface RelatedIncident {
  readonly incident: Incident;
  /** `open`, `closed`, … */
  readonly state: string;
  /** What both are about: the same person or workload, thing, or only address. */
  readonly shares: 'principal' | 'resource' | 'address';
}

/** An address, and what is known of it. */
export interface KnownAddress {
  /** In canonical text. */
  readonly address: string;
  readonly known: AddressContext;
}

export interface Enrichment {
  /** What was looked at. */
  readonly window: TimeWindow;
  readonly principals: readonly NamedPrincipal[];
  /** Accounts that may be several people, or nobody. */
  readonly unresolved: readonly string[];
  readonly activities: ShownActivities;
  readonly otherAlerts: readonly Activity[];
  /** The gravest first. */
  readonly incidents: readonly RelatedIncident[];
  /** Of every CVE that its alerts name, the most urgent first. */
  readonly vulnerabilities: readonly VulnerabilityContext[];
  readonly context: IncidentContext;
  /** Where the addresses that it names are, and whose; those of which something is known. */
  readonly addresses: readonly KnownAddress[];
  readonly steps: readonly NextStep[];
  /** What could not be asked, or only in part; for people. */
  readonly missing: readonly string[];
}
