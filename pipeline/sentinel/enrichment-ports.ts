/** What the enrichment of an incident asks: each a port, so that it knows no other stage. */
import type { ArmClient } from '../../platform/azure/arm.ts';
import type { Event } from '../timeline/event.ts';
import type { IncidentContext } from '../timeline/context.ts';
import type { VulnerabilityContext } from '../timeline/finding.ts';
import type { StoredEvent } from '../timeline/codec.ts';
import type { KnownAddress, RelatedIncident } from './enrichment.ts';
import type { IdKind } from './entity-ids.ts';
import type { IdentityReader } from './identities.ts';
import type { TimeWindow } from './logs/log-query.ts';
import type { LogReader } from './logs/log-reader.ts';
import type { IncidentWriter } from './writer.ts';

/** Crosstrail's own timeline, identities and incidents. All may throw whatever storage throws. */
export interface CrosstrailReader {
  identities(): Promise<IdentityReader>;
  /** Events that name any of these keys; bounded, `more` where there are others. */
  events(keys: readonly string[], window: TimeWindow): Promise<{ events: readonly StoredEvent[]; more: boolean }>;
  /** Incidents that are about any of these keys and fall into the time, the gravest first; a few. */
  incidents(keys: readonly string[], window: TimeWindow): Promise<readonly RelatedIncident[]>;
}

/** CloudTrail's event history. Never throws. */
export interface AwsEventReader {
  lookUp(
    ids: Pick<Readonly<Record<IdKind, readonly string[]>>, 'accessKeys' | 'arns' | 'awsUserNames'>,
    window: TimeWindow,
    signal: AbortSignal,
  ): Promise<{ events: readonly Event[]; problems: readonly string[] }>;
}

/** What is asked of what is known beside the logs. */
export interface FactsWanted {
  /** Keys of principals and credentials, of addresses and domains, and of resources. */
  readonly keys: readonly string[];
  /** Upper case. */
  readonly cves: readonly string[];
  /** When the incident was, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
}

/** What is known beside the logs. */
export interface KnownFacts {
  readonly context: IncidentContext;
  /** Of each CVE that was asked for. */
  readonly vulnerabilities: readonly VulnerabilityContext[];
  /** Of each address among the keys of which something is known. */
  readonly addresses: readonly KnownAddress[];
}

/** KEV, EPSS, assets, findings, threat intelligence, networks. May throw whatever storage throws; what it does not know is in `context.missing`. */
export interface FactReader {
  facts(wanted: FactsWanted): Promise<KnownFacts>;
}

export interface EnrichmentPorts {
  readonly arm: ArmClient;
  /** Without it nothing is written. */
  readonly writer: IncidentWriter | undefined;
  /** Without it no logs of the workspace are asked. */
  readonly logs: LogReader | undefined;
  readonly crosstrail: CrosstrailReader;
  /** Without it CloudTrail is not asked. */
  readonly aws: AwsEventReader | undefined;
  readonly facts: FactReader;
}
