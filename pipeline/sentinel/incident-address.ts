/** Where a Log Analytics workspace with Microsoft Sentinel is. */
export interface WorkspaceAddress {
  /** A GUID, lower case. */
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly workspace: string;
}

/** Where an incident of Microsoft Sentinel is. */
export interface IncidentAddress extends WorkspaceAddress {
  /** Its name: a GUID, or what else the service calls it. */
  readonly incident: string;
}

/** Text that becomes part of a path: what Azure allows in names, and nothing that leads elsewhere. https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
const SUBSCRIPTION = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const WORKSPACE = `/subscriptions/(${SUBSCRIPTION})/resourceGroups/([\\p{L}\\p{N}_().-]{1,90})/providers/Microsoft\\.OperationalInsights/workspaces/([A-Za-z0-9-]{4,63})`;
const INCIDENT = `${WORKSPACE}/providers/Microsoft\\.SecurityInsights/incidents/([A-Za-z0-9-]{1,63})`;
const WORKSPACE_ID = new RegExp(`^${WORKSPACE}/?$`, 'iu');
const INCIDENT_ID = new RegExp(`^${INCIDENT}/?$`, 'iu');

const MAX_ID = 600;

/** Reads the ARM id of a workspace, in any case; undefined where it is none. */
export function parseWorkspaceId(text: string): WorkspaceAddress | undefined {
  const parts = text.length > MAX_ID ? null : WORKSPACE_ID.exec(text.trim());
  if (parts === null) return undefined;
  const [, subscription = '', resourceGroup = '', workspace = ''] = parts;
  return isPathName(resourceGroup) ? { subscription: subscription.toLowerCase(), resourceGroup, workspace } : undefined;
}

/** Reads the ARM id of an incident, in any case; undefined where it is none. */
export function parseIncidentId(text: string): IncidentAddress | undefined {
  const parts = text.length > MAX_ID ? null : INCIDENT_ID.exec(text.trim());
  if (parts === null) return undefined;
  const [, subscription = '', resourceGroup = '', workspace = '', incident = ''] = parts;
  return isPathName(resourceGroup)
    ? { subscription: subscription.toLowerCase(), resourceGroup, workspace, incident }
    : undefined;
}

/** `.` and `..` are made of allowed characters, and yet mean another place. */
const isPathName = (name: string): boolean => !name.endsWith('.');

/** The path of a workspace in Azure Resource Manager. */
export const workspacePath = ({ subscription, resourceGroup, workspace }: WorkspaceAddress): string =>
  `/subscriptions/${subscription}/resourceGroups/${encodeURIComponent(resourceGroup)}/providers/Microsoft.OperationalInsights/workspaces/${workspace}`;

/** The path of an incident in Azure Resource Manager. */
export const incidentPath = (address: IncidentAddress): string =>
  `${workspacePath(address)}/providers/Microsoft.SecurityInsights/incidents/${address.incident}`;

/** Whether two workspaces are one: Azure compares names without case. */
export const isSameWorkspace = (one: WorkspaceAddress, other: WorkspaceAddress): boolean =>
  workspacePath(one).toLowerCase() === workspacePath(other).toLowerCase();
