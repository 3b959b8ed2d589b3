/**
 * Azure's built-in roles that neither read data nor give out the keys to it. Any other role, unknown ones too, is held to reach the data in its
 * scope. Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles (actions without listKeys, and no dataActions).
 */
const WITHOUT_DATA: ReadonlySet<string> = new Set(
  [
    'Reader',
    'Monitoring Reader',
    'Monitoring Contributor',
    'Monitoring Metrics Publisher',
    'Security Reader',
    'Billing Reader',
    'Cost Management Reader',
    'Management Group Reader',
    'Tag Contributor',
    'Resource Policy Contributor',
    'Network Contributor',
    'DNS Zone Contributor',
    'Private DNS Zone Contributor',
    'Traffic Manager Contributor',
    'Virtual Machine Contributor',
    'Managed Identity Operator',
    'Managed Identity Contributor',
    'Key Vault Reader',
    'Key Vault Contributor',
    'AcrPull',
    'AcrPush',
    'Azure Kubernetes Service Cluster User Role',
  ].map((name) => name.toLowerCase()),
);

/** Whether somebody who has a role reaches the data of what it is for. */
export const reachesData = (role: string): boolean => !WITHOUT_DATA.has(role.toLowerCase());
