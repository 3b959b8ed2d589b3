import { v5 } from 'uuid';
import { incidentPath, workspacePath, type IncidentAddress, type WorkspaceAddress } from './incident-address.ts';

/** Names of Crosstrail's things in Sentinel are made in this namespace; never to be changed, or all would be written twice. */
const NAMESPACE = '5f0c7b0e-6b7c-5b0a-9c3e-2f6f1f2c7a11';

/** The name of the living comment of an incident: the same whoever writes it, so that there is one. */
export const commentId = (address: IncidentAddress): string => v5(`${nameOf(address)}|comment`, NAMESPACE);

/** The name of a task of an incident. @param key the same for the same step */
export const taskId = (address: IncidentAddress, key: string): string =>
  v5(`${nameOf(address)}|task|${key}`, NAMESPACE);

/** The name that an incident of Crosstrail has in a workspace of Sentinel. */
export const outwardIncidentId = (workspace: WorkspaceAddress, incident: string): string =>
  v5(`${workspacePath(workspace).toLowerCase()}|incident|${incident}`, NAMESPACE);

/** Azure compares ids without case. */
const nameOf = (address: IncidentAddress): string => incidentPath(address).toLowerCase();
