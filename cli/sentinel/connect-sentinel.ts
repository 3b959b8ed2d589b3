import { readFile } from 'node:fs/promises';
import { armClient, type ArmClient } from '../../platform/azure/arm.ts';
import { azureConnection } from '../../platform/azure/connection.ts';
import { azureEndpoints } from '../../platform/azure/endpoints.ts';
import { RequestRates } from '../../platform/azure/request-rates.ts';
import { systemClock } from '../../platform/clock.ts';
import { loadConfiguration } from '../../platform/configuration.ts';
import type { SentinelEnricher } from '../../pipeline/enrich-sentinel.ts';
import { parseWorkspaceId, type WorkspaceAddress } from '../../pipeline/sentinel/incident-address.ts';
import { sentinelEnricher } from '../../pipeline/sentinel-enricher.ts';
import { parseDirectory } from '../../pipeline/timeline/identity/directory.ts';
import { connectStorage } from '../connection.ts';
import { deployedKnowledge } from '../deployed-knowledge.ts';
import { UnusableInputError } from '../scan/files.ts';

export interface SentinelOptions {
  readonly data: string;
  readonly config?: string;
}

export interface ConnectedSentinel {
  readonly enricher: SentinelEnricher;
  /** Those that the configuration names. */
  readonly workspaces: readonly WorkspaceAddress[];
  /** For finding an incident. */
  readonly arm: ArmClient;
}

/** For finding an incident by its number: milliseconds, and requests for each workspace. */
const LONGEST_SEARCH = 30_000;
const MOST_CALLS = 5;

/**
 * Sentinel as the configuration names it, and the deployment that enriches its incidents, with whoever is signed in at this machine.
 * @throws UnusableInputError where the configuration names no workspace, or there is no deployment
 */
export async function connectSentinel({ data, config }: SentinelOptions): Promise<ConnectedSentinel> {
  const configuration = await loadConfiguration(config);
  const workspaces = configuration.sentinel.workspaces
    .map(({ id }) => parseWorkspaceId(id))
    .filter((workspace) => workspace !== undefined);
  if (workspaces.length === 0) {
    throw new UnusableInputError('the configuration names no workspace of Sentinel: add it under sentinel.workspaces');
  }
  const storage = await connectStorage(data);
  const { directory } = configuration.identity;
  const knowledge = await deployedKnowledge(configuration, storage);
  const connection = await azureConnection(azureEndpoints(configuration.azure));
  const rates = new RequestRates(systemClock);
  return {
    enricher: sentinelEnricher({
      ...{ configuration, storage, rates, clock: systemClock },
      azure: () => Promise.resolve(connection),
      directory: directory === undefined ? undefined : parseDirectory(await readFile(directory, 'utf8')),
      knowledge: () => knowledge,
    }),
    workspaces,
    arm: armClient({
      ...{ connection, rates, clock: systemClock },
      deadline: systemClock.now() + LONGEST_SEARCH,
      maxCalls: MOST_CALLS * workspaces.length,
    }),
  };
}
