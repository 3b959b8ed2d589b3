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
export const roleReachesData = (role: string): boolean => !WITHOUT_DATA.has(role.toLowerCase());

/** Operations of AWS that look at what there is and how it is set up, and not at what it holds. */
const LOOKS_AWS = /^(?:Describe|Head(?!Object)|List(?!Objects)|GetBucket)/;
/** The same of Azure: reading a resource of ARM, but not a blob, a secret or another thing within. */
const LOOKS_AZURE =
  /^microsoft\.[^/]+\/(?:storageaccounts|vaults|servers|databaseaccounts|flexibleservers)(?:\/databases)?\/read$/i;

/** Whether what was done to a thing that holds data is a sign that its data can be reached. */
export const operationReachesData = (operation: string | undefined): boolean =>
  operation === undefined || !(LOOKS_AWS.test(operation) || LOOKS_AZURE.test(operation));

/** Keys for encryption are no data, and of Systems Manager only parameters are. */
const WITHOUT_CONTENT = /^aws:arn:[^:]*:(?:kms:|ssm:[^:]*:[^:]*:(?!parameter\/))/;

/** Whether a thing holds data itself, of those that its kind says do. */
export const hasContent = (key: string): boolean => !WITHOUT_CONTENT.test(key);
