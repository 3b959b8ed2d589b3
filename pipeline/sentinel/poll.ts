import { ArmError, isAway, NO_ANSWER } from '../../platform/azure/arm-error.ts';
import type { ArmClient } from '../../platform/azure/arm.ts';
import type { Clock } from '../../platform/clock.ts';
import { afterTry, isDue, type EnrichedIncidents } from './enriched-incidents.ts';
import { isIncomplete, type EnrichmentReport } from './enrich.ts';
import type { IncidentAddress, WorkspaceAddress } from './incident-address.ts';
import { listIncidents } from './incident-requests.ts';
import { isOwn, type SentinelIncident } from './incident.ts';

export interface PollPorts {
  /** For the list of incidents. */
  readonly arm: ArmClient;
  readonly enriched: EnrichedIncidents;
  readonly clock: Clock;
  /** Enriches one; see `enrichIncident`. */
  readonly enrich: (address: IncidentAddress) => Promise<EnrichmentReport>;
}

export interface PollOptions {
  readonly workspace: WorkspaceAddress;
  /** How far back incidents are looked for, milliseconds. */
  readonly lookback: number;
  /** So many are enriched at most. */
  readonly limit: number;
  /** None is begun after it; milliseconds since 1970-01-01T00:00:00Z. */
  readonly deadline: number;
}

export interface PollResult {
  readonly enriched: number;
  /** What went wrong, for people. */
  readonly problems: readonly string[];
}

/** So many are looked at, the latest changed first. */
const MOST_LOOKED_AT = 200;

/**
 * Enriches incidents that no automation rule told of, that have other alerts since, or of which more may be known by now; those that changed last come first. Never
 * throws: what one incident fails at does not keep the others waiting, and where the service is busy the next run goes on.
 */
export async function pollIncidents(
  { arm, enriched, clock, enrich }: PollPorts,
  { workspace, lookback, limit, deadline }: PollOptions,
): Promise<PollResult> {
  const problems: string[] = [];
  let done = 0;
  let looked = 0;
  try {
    for await (const incident of listIncidents(arm, workspace, { modifiedSince: clock.now() - lookback })) {
      if (done >= limit || ++looked > MOST_LOOKED_AT || clock.now() >= deadline) break;
      if (isOwn(incident)) continue;
      const before = await enriched.get(incident.address);
      if (!isDue(incident, before, clock.now())) continue;
      done++;
      const problem = await enrichOne(incident);
      const after = afterTry(incident, before, clock.now(), problem.missing);
      await enriched.note(incident.address, after);
      if (problem.text !== undefined) problems.push(problem.text);
    }
  } catch (error) {
    problems.push(textOf(error));
  }
  return { enriched: done, problems };

  /** @throws where the service is away or busy: nobody is to be asked more */
  async function enrichOne({ address }: SentinelIncident): Promise<{ missing: boolean; text?: string }> {
    try {
      const report = await enrich(address);
      const refusal = report.outcome === 'refused' ? (report.written?.notes ?? []).join('; ') : undefined;
      return {
        missing: isIncomplete(report),
        ...(refusal !== undefined && { text: `incident ${address.incident}: ${refusal}` }),
      };
    } catch (error) {
      if (error instanceof ArmError && isAway(error) && !isServersFault(error)) throw error;
      return { missing: true, text: `incident ${address.incident}: ${textOf(error)}` };
    }
  }
}

/** A fault of the service, or no answer in time, may concern the one incident alone, and must not keep the others waiting for ever. */
const isServersFault = ({ status, code }: ArmError): boolean =>
  status === undefined ? code === NO_ANSWER : status >= 500;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown error');
