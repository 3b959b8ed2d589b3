/**
 * What is asked of Azure Resource Graph. Fixed texts: nothing is ever put into them. All are ordered by id, for pages are only the same from one
 * call to the next where the order is.
 * https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources
 */

/** Subscriptions and resource groups, with the management groups that they are in. */
export const CONTAINERS = `resourcecontainers
| where type in~ ('microsoft.resources/subscriptions', 'microsoft.resources/subscriptions/resourcegroups')
| project id, name, type = tolower(type), tags, tenantId, ancestors = properties.managementGroupAncestorsChain
| order by id asc`;

const TYPES = [
  'microsoft.app/containerapps',
  'microsoft.compute/virtualmachines',
  'microsoft.compute/virtualmachinescalesets',
  'microsoft.containerinstance/containergroups',
  'microsoft.containerservice/managedclusters',
  'microsoft.dbformysql/flexibleservers',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.documentdb/databaseaccounts',
  'microsoft.keyvault/vaults',
  'microsoft.managedidentity/userassignedidentities',
  'microsoft.network/applicationgateways',
  'microsoft.network/loadbalancers',
  'microsoft.network/networkinterfaces',
  'microsoft.network/networksecuritygroups',
  'microsoft.network/publicipaddresses',
  'microsoft.sql/managedinstances',
  'microsoft.sql/servers',
  'microsoft.sql/servers/databases',
  'microsoft.storage/storageaccounts',
  'microsoft.web/sites',
];

/** Resources that are attacked, hold data, or say what can be reached. Only the properties that are read: whole ones soon fill a page. */
export const RESOURCES = `resources
| where type in~ (${TYPES.map((type) => `'${type}'`).join(', ')})
| project id, name, type = tolower(type), tags, tenantId, identity, sku = sku.name,
    networkInterfaces = properties.networkProfile.networkInterfaces,
    instanceInterfaces = properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations,
    ipConfigurations = properties.ipConfigurations,
    frontends = properties.frontendIPConfigurations,
    securityGroup = properties.networkSecurityGroup.id,
    securityRules = properties.securityRules,
    subnets = properties.subnets,
    ipAddress = properties.ipAddress,
    publicNetworkAccess = coalesce(tostring(properties.publicNetworkAccess), tostring(properties.network.publicNetworkAccess)),
    publicDataEndpoint = properties.publicDataEndpointEnabled,
    allowBlobPublicAccess = properties.allowBlobPublicAccess,
    defaultAction = properties.networkAcls.defaultAction,
    ipRules = properties.ipRules,
    networkFilter = properties.isVirtualNetworkFilterEnabled,
    privateCluster = properties.apiServerAccessProfile.enablePrivateCluster,
    authorizedRanges = properties.apiServerAccessProfile.authorizedIPRanges,
    kubelet = properties.identityProfile.kubeletidentity.objectId,
    externalIngress = properties.configuration.ingress.external,
    containers = coalesce(properties.template.containers, properties.containers),
    linuxFxVersion = properties.siteConfig.linuxFxVersion
| order by id asc`;

/** Who has which role where. */
export const ROLE_ASSIGNMENTS = `authorizationresources
| where type =~ 'microsoft.authorization/roleassignments'
| project id, tenantId, principalId = properties.principalId, principalType = properties.principalType,
    role = properties.roleDefinitionId, scope = properties.scope
| order by id asc`;

/** What roles are called. */
export const ROLE_DEFINITIONS = `authorizationresources
| where type =~ 'microsoft.authorization/roledefinitions'
| project id, roleName = properties.roleName
| order by id asc`;
