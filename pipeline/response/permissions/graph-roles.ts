import type { NeededPermissions } from './needed-permissions.ts';

/** Microsoft Graph itself, in every tenant. */
const GRAPH_APP = '00000003-0000-0000-c000-000000000000';

/** Ids of application permissions. https://learn.microsoft.com/graph/permissions-reference */
const APP_ROLES: Readonly<Record<string, string>> = {
  'Application.Read.All': '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30',
  'Application.ReadWrite.All': '1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9',
  'Application.ReadWrite.OwnedBy': '18a4783c-866b-4cc7-a460-3d5e5662c884',
  'AppRoleAssignment.ReadWrite.All': '06b708a9-e830-4db3-a914-8e69da51d44f',
  'AuditLog.Read.All': 'b0afded3-3588-46d8-8b3d-9842eff778da',
  'DelegatedPermissionGrant.Read.All': '81b4724a-58aa-41c1-8a55-84ef97466587',
  'DelegatedPermissionGrant.ReadWrite.All': '8e8e4742-1d95-4f68-9d56-6ee75648c72a',
  'Directory.Read.All': '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
  'Group.Read.All': '5b567255-7703-4780-807c-7be8301ae99b',
  'GroupMember.Read.All': '98830695-27a2-44f7-8c18-0c3ebc9698f6',
  'IdentityRiskyServicePrincipal.Read.All': '607c7344-0eed-41e5-823a-9695ebe1b7b0',
  'IdentityRiskyServicePrincipal.ReadWrite.All': 'cb8d6980-6bcb-4507-afec-ed6de3a2d798',
  'IdentityRiskyUser.Read.All': 'dc5007c0-2d7d-4c42-879c-2dab87571379',
  'IdentityRiskyUser.ReadWrite.All': '656f6061-f9fe-4807-9708-6a2e0934df76',
  'Organization.Read.All': '498476ce-e0fe-48b0-b801-37ba7e2685c6',
  'PrivilegedEligibilitySchedule.Read.AzureADGroup': 'edb419d6-7edc-42a3-9345-509bfdf5d87c',
  'RoleAssignmentSchedule.Read.Directory': 'd5fe8ce8-684c-4c83-a52c-46e882ce4be1',
  'RoleEligibilitySchedule.Read.Directory': 'ff278e11-4a33-4d0c-83d2-d01dc58929a5',
  'RoleManagement.Read.All': 'c7fbd983-d9aa-4fa7-84b8-17382c103bc4',
  'RoleManagement.Read.Directory': '483bed4a-2ad3-4361-a73b-c83ccdbdc53c',
  'User.EnableDisableAccount.All': '3011c876-62b7-4ada-afa2-506cbbecc68c',
  'User.Read.All': 'df021288-bdef-4463-88db-98f22de89214',
  'User.RevokeSessions.All': '77f3a031-c388-4f99-b373-dc68676a979e',
};

/** Application permissions of Microsoft Graph, to be given to the identity that responds. */
export interface GraphRoles {
  readonly resource: { readonly name: string; readonly appId: string };
  /** `id` is what an assignment names (`POST /servicePrincipals/{id}/appRoleAssignments`); absent where it is to be looked up by the value. */
  readonly appRoles: readonly { readonly value: string; readonly id?: string }[];
  /** As the manifest of an app registration has it, of those whose id is known. */
  readonly requiredResourceAccess: readonly [
    {
      readonly resourceAppId: string;
      readonly resourceAccess: readonly { readonly id: string; readonly type: 'Role' }[];
    },
  ];
}

/** The application permissions for what is needed; undefined where none is. */
export function graphRoles({ graph }: NeededPermissions): GraphRoles | undefined {
  if (graph.length === 0) return undefined;
  const appRoles = graph.map((value) => ({ value, ...(Object.hasOwn(APP_ROLES, value) && { id: APP_ROLES[value] }) }));
  const resourceAccess = appRoles.flatMap(({ id }) => (id === undefined ? [] : [{ id, type: 'Role' as const }]));
  return {
    resource: { name: 'Microsoft Graph', appId: GRAPH_APP },
    appRoles,
    requiredResourceAccess: [{ resourceAppId: GRAPH_APP, resourceAccess }],
  };
}
