import { recentWork } from '../../pipeline/response/recent-work.ts';
import { PARTITION, TABLE } from '../../pipeline/response/response-rows.ts';
import type { RecentWork } from '../../pipeline/response/guards/guard.ts';
import { IncidentStore } from '../../pipeline/incidents/incident-store.ts';
import { systemClock } from '../../platform/clock.ts';
import { transact } from '../../platform/storage/transaction.ts';
import { findIncident } from '../incidents/find-incident.ts';
import { connectStorage } from '../connection.ts';
import { localConnections } from './connections.ts';
import { ownEgressOf } from '../../pipeline/response-ports.ts';
import type { PlanRequest } from './plan-action.ts';
import { responseConfiguration } from './response-configuration.ts';
import { hasDeployment, hasFolder, responseStorage } from './response-storage.ts';

interface Options {
  readonly data: string;
  readonly config?: string;
  readonly incident?: string;
}

const NOTHING: RecentWork = { made: [], failed: [] };

/**
 * What a plan is made with: the configuration, whoever is signed in at this machine, and, where a deployment is or was, the incident and what was done lately.
 * @param warn is told what could not be found out
 * @throws UnusableInputError where an incident is named and there is no deployment that has it
 */
export async function planContext(
  action: string,
  { data, config, incident }: Options,
  warn: (message: string) => void,
): Promise<Pick<PlanRequest, 'connections' | 'ownEgress' | 'incident' | 'recent' | 'clock'>> {
  const configuration = await responseConfiguration(data, config);
  const found =
    incident === undefined
      ? undefined
      : await findIncident(new IncidentStore((await connectStorage(data)).tables), incident);
  return {
    connections: localConnections(configuration, systemClock),
    ownEgress: ownEgressOf(configuration),
    incident: found?.incident,
    recent: await recentOf(action, data).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'unknown';
      warn(`what was done lately is not known, so the guards of rate and failures cannot count it: ${why}`);
      return NOTHING;
    }),
    clock: systemClock,
  };
}

async function recentOf(action: string, data: string): Promise<RecentWork> {
  if (!hasDeployment(data) && !hasFolder(data)) return NOTHING;
  const { storage, close } = await responseStorage(data);
  try {
    const at = { tables: storage.tables, table: TABLE, partition: PARTITION };
    return await transact(at, (transaction) => recentWork(transaction, action));
  } finally {
    close();
  }
}
