import type { ArmClient } from '../../platform/azure/arm.ts';
import {
  parseIncidentId,
  type IncidentAddress,
  type WorkspaceAddress,
} from '../../pipeline/sentinel/incident-address.ts';
import { listIncidents, readIncident } from '../../pipeline/sentinel/incident-requests.ts';
import { UnusableInputError } from '../scan/files.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NUMBER = /^\d{1,12}$/;

/**
 * The incident that a person means by its number, its name or its whole id.
 * @throws UnusableInputError where there is none, or several workspaces have one of that number
 * @throws ArmError, SentinelError
 */
export async function findIncident(
  text: string,
  { workspaces, arm }: { readonly workspaces: readonly WorkspaceAddress[]; readonly arm: ArmClient },
): Promise<IncidentAddress> {
  const whole = parseIncidentId(text);
  if (whole !== undefined) return whole;
  if (!GUID.test(text) && !NUMBER.test(text)) {
    throw new UnusableInputError(
      `${text} is no incident: expected its number, its name (a GUID) or its id in Azure Resource Manager`,
    );
  }
  const found: IncidentAddress[] = [];
  for (const workspace of workspaces) {
    const address = GUID.test(text) ? await byName(text, workspace, arm) : await byNumber(Number(text), workspace, arm);
    if (address !== undefined) found.push(address);
  }
  const [one, other] = found;
  const names = workspaces.map(({ workspace }) => workspace).join(', ');
  if (one === undefined) throw new UnusableInputError(`there is no incident ${text} in ${names}`);
  if (other !== undefined) {
    throw new UnusableInputError(
      `${text} is an incident in several workspaces: name it by its id in Azure Resource Manager`,
    );
  }
  return one;
}

async function byName(
  incident: string,
  workspace: WorkspaceAddress,
  arm: ArmClient,
): Promise<IncidentAddress | undefined> {
  return (await readIncident(arm, { ...workspace, incident }))?.address;
}

async function byNumber(
  number: number,
  workspace: WorkspaceAddress,
  arm: ArmClient,
): Promise<IncidentAddress | undefined> {
  for await (const incident of listIncidents(arm, workspace, { modifiedSince: 0, number, closed: true })) {
    if (incident.number === number) return incident.address;
  }
  return undefined;
}
