/** The enrichment of Sentinel's incidents put together: what it asks, within which time and calls, and what is noted of it. */
import { armClient, type ArmClient } from '../platform/azure/arm.ts';
import type { AzureConnection } from '../platform/azure/connection.ts';
import type { RequestRates } from '../platform/azure/request-rates.ts';
import type { Clock } from '../platform/clock.ts';
import type { Configuration } from '../platform/configuration.ts';
import type { Tables } from '../platform/storage/ports.ts';
import type { CrosstrailReader, FactReader } from './sentinel/enrichment-ports.ts';
import { afterTry, EnrichedIncidents } from './sentinel/enriched-incidents.ts';
import { enrichIncident, isIncomplete, type EnrichmentReport } from './sentinel/enrich.ts';
import {
  isSameWorkspace,
  parseWorkspaceId,
  type IncidentAddress,
  type WorkspaceAddress,
} from './sentinel/incident-address.ts';
import { logAnalytics } from './sentinel/logs/log-analytics.ts';
import { pollIncidents, type PollResult } from './sentinel/poll.ts';
import { incidentWriter } from './sentinel/writer.ts';
import { lookUp } from './sources/cloudtrail/look-up.ts';

export interface EnricherPorts {
  readonly configuration: Pick<Configuration, 'sentinel' | 'cloudtrail'>;
  readonly clock: Clock;
  /** Where it is noted what was enriched; without them nothing is noted. */
  readonly tables?: Tables | undefined;
  readonly azure: () => Promise<AzureConnection>;
  readonly rates: RequestRates;
  readonly crosstrail: CrosstrailReader;
  readonly facts: FactReader;
}

export interface EnricherOptions {
  /** Worked out, and not written. */
  readonly dryRun?: boolean | undefined;
  /** Also incidents that are closed. */
  readonly closed?: boolean | undefined;
  /** Not where it was enriched a moment ago: what enrichment itself writes starts automation rules, too. */
  readonly unlessRecent?: boolean | undefined;
}

/** Thrown where an incident is of a workspace that the configuration does not name. */
export class UnknownWorkspaceError extends Error {
  override readonly name = 'UnknownWorkspaceError';
}

/** For all that is asked about an incident, and for all with what is written: milliseconds. */
const READING = 25_000;
const WHOLE = 60_000;
/** Reading, writing and, where somebody else writes at the same time, reading again. */
const MOST_CALLS = 12;
/** What was enriched less than this ago was enriched a moment ago: milliseconds. Other alerts meanwhile are seen by the poll. */
const RECENT = 60_000;
/** A list of incidents, some pages. */
const MOST_LIST_CALLS = 6;

/** Enriches incidents of the workspaces that the configuration names; one incident once at a time. */
export class SentinelEnricher {
  readonly #ports: EnricherPorts;
  readonly #enriched: EnrichedIncidents | undefined;
  readonly #running = new Map<string, Promise<EnrichmentReport | undefined>>();

  constructor(ports: EnricherPorts) {
    this.#ports = ports;
    this.#enriched = ports.tables && new EnrichedIncidents(ports.tables);
  }

  /**
   * Enriches one incident, and notes that; who asks for the same one meanwhile is given the same.
   * @returns undefined where it was enriched a moment ago, and `unlessRecent` was said
   * @throws UnknownWorkspaceError, ArmError, SentinelError
   */
  enrich(address: IncidentAddress, options: EnricherOptions = {}): Promise<EnrichmentReport | undefined> {
    const key = JSON.stringify([address, options]).toLowerCase();
    const running =
      this.#running.get(key) ?? this.#enrichAndNote(address, options).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  /** Enriches what no automation rule told of, workspace by workspace. Never throws. @param deadline milliseconds since 1970-01-01T00:00:00Z */
  async poll(deadline: number): Promise<PollResult> {
    const { configuration, clock } = this.#ports;
    const { poll, workspaces } = configuration.sentinel;
    const enriched = this.#enriched;
    if (!poll.enabled || enriched === undefined) return { enriched: 0, problems: [] };
    const results: PollResult[] = [];
    for (const { id } of workspaces) {
      const workspace = parseWorkspaceId(id);
      if (workspace === undefined) continue;
      const limit = poll.limit - results.reduce((sum, result) => sum + result.enriched, 0);
      const arm = await this.#arm(deadline, MOST_LIST_CALLS);
      const enrich = (address: IncidentAddress): Promise<EnrichmentReport> => this.#enrich(address, {});
      const { lookback } = poll;
      results.push(await pollIncidents({ arm, enriched, clock, enrich }, { workspace, lookback, limit, deadline }));
    }
    return {
      enriched: results.reduce((sum, result) => sum + result.enriched, 0),
      problems: results.flatMap(({ problems }) => problems),
    };
  }

  /** Forgets what it noted of incidents before then, milliseconds since 1970-01-01T00:00:00Z. @throws whatever storage throws */
  async forgetBefore(limit: number): Promise<void> {
    for (const { id } of this.#ports.configuration.sentinel.workspaces) {
      const workspace = parseWorkspaceId(id);
      if (workspace !== undefined) await this.#enriched?.dropBefore(workspace, limit);
    }
  }

  async #enrichAndNote(address: IncidentAddress, options: EnricherOptions): Promise<EnrichmentReport | undefined> {
    if (options.unlessRecent === true) {
      this.#workspaceOf(address);
      const last = await this.#enriched?.get(address);
      if (last !== undefined && this.#ports.clock.now() - last.at < RECENT) return undefined;
    }
    const report = await this.#enrich(address, options);
    const { incident, outcome } = report;
    if (this.#enriched !== undefined && outcome === 'written' && incident !== undefined) {
      const before = await this.#enriched.get(address);
      await this.#enriched.note(address, afterTry(incident, before, this.#ports.clock.now(), isIncomplete(report)));
    }
    return report;
  }

  async #enrich(address: IncidentAddress, { dryRun, closed }: EnricherOptions): Promise<EnrichmentReport> {
    const { configuration, clock, azure, crosstrail, facts } = this.#ports;
    const { sentinel, cloudtrail } = configuration;
    const { workspaceId } = this.#workspaceOf(address);
    const [over, finished] = [new AbortController(), new AbortController()];
    void clock.wait(READING, finished.signal).then(() => over.abort());
    const { signal } = over;
    try {
      const arm = await this.#arm(clock.now() + WHOLE, MOST_CALLS);
      const { targets } = cloudtrail.poll;
      return await enrichIncident(
        address,
        {
          arm,
          writer:
            dryRun === true ? undefined : incidentWriter({ arm, severity: sentinel.severity, tasks: sentinel.tasks }),
          logs: workspaceId === undefined ? undefined : logAnalytics(await azure(), { workspaceId, signal }),
          crosstrail,
          aws:
            targets.length === 0
              ? undefined
              : { lookUp: (ids, window, given) => lookUp(ids, window, { targets, clock, signal: given }) },
          facts,
        },
        { signal, closed },
      );
    } finally {
      finished.abort();
    }
  }

  /** @throws UnknownWorkspaceError */
  #workspaceOf(address: WorkspaceAddress): Configuration['sentinel']['workspaces'][number] {
    const found = this.#ports.configuration.sentinel.workspaces.find(({ id }) => {
      const workspace = parseWorkspaceId(id);
      return workspace !== undefined && isSameWorkspace(workspace, address);
    });
    if (found !== undefined) return found;
    throw new UnknownWorkspaceError(
      `the workspace ${address.workspace} in ${address.resourceGroup} is not one of those that sentinel.workspaces in the configuration names`,
    );
  }

  async #arm(deadline: number, maxCalls: number): Promise<ArmClient> {
    const { azure, clock, rates } = this.#ports;
    return armClient({ connection: await azure(), clock, rates, deadline, maxCalls });
  }
}
