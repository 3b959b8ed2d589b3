import { isAbsent } from '../../platform/azure/arm-error.ts';
import type { ArmClient, ArmRequest } from '../../platform/azure/arm.ts';
import {
  incidentPath,
  isSameWorkspace,
  workspacePath,
  type IncidentAddress,
  type WorkspaceAddress,
} from './incident-address.ts';
import {
  parseAlerts,
  parseEntities,
  parseIncident,
  SENTINEL_API,
  SentinelError,
  type SentinelAlert,
  type SentinelEntity,
  type SentinelIncident,
} from './incident.ts';

/** The service gives no more of a list at once. */
const PAGE = 50;

/**
 * Reads one incident.
 * @returns undefined where it was deleted
 * @throws ArmError, SentinelError
 */
export async function readIncident(arm: ArmClient, address: IncidentAddress): Promise<SentinelIncident | undefined> {
  try {
    // Where it was asked for, whatever its answer says: what is written must stay in the workspaces that the configuration names.
    return { ...parseIncident((await arm.send(request('GET', incidentPath(address)))).body), address };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The alerts of an incident; none where it was deleted. At most 150, as the service keeps them. @throws ArmError */
export async function readAlerts(arm: ArmClient, address: IncidentAddress): Promise<readonly SentinelAlert[]> {
  return (await ofIncident(arm, address, 'alerts', parseAlerts)) ?? [];
}

/** The entities of all alerts of an incident, each once; none where it was deleted. @throws ArmError */
export async function readEntities(arm: ArmClient, address: IncidentAddress): Promise<readonly SentinelEntity[]> {
  return (await ofIncident(arm, address, 'entities', parseEntities)) ?? [];
}

/** What is to be listed. */
export interface IncidentListing {
  /** Modified at that time or after it; milliseconds since 1970-01-01T00:00:00Z. */
  readonly modifiedSince: number;
  /** The incidents' number that people see, to find one by. */
  readonly number?: number | undefined;
  /** Also those that are closed. */
  readonly closed?: boolean | undefined;
}

/**
 * Incidents of a workspace, those modified last first. What the service gives that is no incident, or none of the workspace, is passed over.
 * @throws ArmError
 */
export async function* listIncidents(
  arm: ArmClient,
  workspace: WorkspaceAddress,
  { modifiedSince, number, closed = false }: IncidentListing,
): AsyncGenerator<SentinelIncident> {
  const filters = [
    `properties/lastModifiedTimeUtc ge ${new Date(modifiedSince).toISOString()}`,
    ...(closed ? [] : [`properties/status ne 'Closed'`]),
    ...(number === undefined ? [] : [`properties/incidentNumber eq ${Math.trunc(number)}`]),
  ];
  const path = `${workspacePath(workspace)}/providers/Microsoft.SecurityInsights/incidents`;
  const query = {
    $filter: filters.join(' and '),
    $orderby: 'properties/lastModifiedTimeUtc desc',
    $top: String(PAGE),
  };
  for await (const page of arm.pages({ ...request('GET', path), query })) {
    for (const member of page) {
      try {
        const incident = parseIncident(member);
        if (isSameWorkspace(incident.address, workspace)) yield incident;
      } catch (error) {
        if (!(error instanceof SentinelError)) throw error;
      }
    }
  }
}

/** A request to Sentinel. */
export const request = (method: ArmRequest['method'], path: string): ArmRequest => ({
  method,
  path,
  apiVersion: SENTINEL_API,
});

async function ofIncident<T>(
  arm: ArmClient,
  address: IncidentAddress,
  what: string,
  parse: (body: Awaited<ReturnType<ArmClient['send']>>['body']) => T,
): Promise<T | undefined> {
  try {
    return parse((await arm.send(request('POST', `${incidentPath(address)}/${what}`))).body);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
