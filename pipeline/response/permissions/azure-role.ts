import type { NeededPermissions } from './needed-permissions.ts';

const NAME = 'Crosstrail Responder';
const DESCRIPTION = 'What the response actions enabled in Crosstrail need, and nothing more.';

/** A custom role of Azure, as `az role definition create --role-definition @file` takes it. */
export interface AzureRole {
  readonly Name: string;
  readonly IsCustom: true;
  readonly Description: string;
  readonly Actions: readonly string[];
  readonly NotActions: readonly string[];
  readonly DataActions: readonly string[];
  readonly NotDataActions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

/**
 * The custom role for what is needed; undefined where nothing of Azure is.
 * https://learn.microsoft.com/azure/role-based-access-control/custom-roles
 * @param scopes management groups, subscriptions or resource groups
 */
export function azureRole({ azure }: NeededPermissions, scopes: readonly string[]): AzureRole | undefined {
  if (azure.length === 0) return undefined;
  return {
    Name: NAME,
    IsCustom: true,
    Description: DESCRIPTION,
    Actions: azure,
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: scopes,
  };
}

/** The same in Bicep, to be deployed at a resource group or a subscription, which is then where it can be assigned. */
export function azureRoleBicep(needed: NeededPermissions, scope: 'resourceGroup' | 'subscription'): string {
  const lines = needed.azure.map((action) => `          '${action.replaceAll("'", "\\'")}'`);
  return [
    `targetScope = '${scope}'`,
    '',
    "@description('The name of the role, as people see it.')",
    `param roleName string = '${NAME}'`,
    '',
    "resource responder 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {",
    `  name: guid(${scope}().id, roleName)`,
    '  properties: {',
    '    roleName: roleName',
    `    description: '${DESCRIPTION}'`,
    "    type: 'CustomRole'",
    '    permissions: [',
    '      {',
    '        actions: [',
    ...lines,
    '        ]',
    '        notActions: []',
    '        dataActions: []',
    '        notDataActions: []',
    '      }',
    '    ]',
    `    assignableScopes: [`,
    `      ${scope}().id`,
    '    ]',
    '  }',
    '}',
    '',
    'output roleDefinitionId string = responder.id',
    '',
  ].join('\n');
}

const SCOPE =
  /^(\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\/resourcegroups\/[\w.()-]{1,90})?(?:\/providers\/.*)?$/i;
const MANAGEMENT_GROUP = /^\/providers\/Microsoft\.Management\/managementGroups\/[\w.()-]{1,90}$/i;

/** The scope that a custom role can be assigned at for the id of something in Azure: its resource group, its subscription, or itself; undefined for what is no such id. */
export function assignableScope(id: string): string | undefined {
  if (MANAGEMENT_GROUP.test(id)) return id;
  const [, subscription, group = ''] = SCOPE.exec(id) ?? [];
  return subscription === undefined ? undefined : `${subscription}${group}`;
}
