import type { Storage } from '../platform/storage/ports.ts';
import { SentinelEnricher, type EnricherPorts } from './enrich-sentinel.ts';
import { FindingStore } from './enrichment/findings/finding-store.ts';
import type { Knowledge } from './enrichment/knowledge.ts';
import { timelineUses } from './enrichment/uses.ts';
import { IncidentStore } from './incidents/incident-store.ts';
import { KnownIdentities } from './known-identities.ts';
import { crosstrailReader, factReader } from './known-of-sentinel.ts';
import { PostureStore } from './posture/posture-store.ts';
import type { Directory } from './timeline/identity/directory.ts';
import { timelineStore } from './timeline/store.ts';

export interface EnricherSources extends Pick<EnricherPorts, 'configuration' | 'clock' | 'azure' | 'rates'> {
  readonly storage: Pick<Storage, 'tables'>;
  readonly directory: Directory | undefined;
  readonly knowledge: () => Knowledge;
}

/** What a deployment enriches incidents of Sentinel with: all that it keeps, and what is known beside the logs. */
export function sentinelEnricher({ storage, directory, knowledge, ...ports }: EnricherSources): SentinelEnricher {
  const { tables } = storage;
  const { clock } = ports;
  const timeline = timelineStore(tables);
  const identities = new KnownIdentities(tables, directory, clock);
  return new SentinelEnricher({
    ...ports,
    tables,
    crosstrail: crosstrailReader({ identities, timeline, incidents: new IncidentStore(tables) }),
    facts: factReader(
      { knowledge, findings: new FindingStore(tables), uses: timelineUses(timeline), clock },
      new PostureStore(tables),
    ),
  });
}
