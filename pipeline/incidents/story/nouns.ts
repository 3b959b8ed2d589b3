/** What things are called in a sentence: types of resources as their clouds name them, and the words for them. */

/** Types of ARM resources, in lower case. Of those that are not here the last part of the type is the word. */
const ARM_NOUNS: ReadonlyMap<string, string> = new Map([
  ['microsoft.authorization/locks', 'lock'],
  ['microsoft.authorization/policyassignments', 'policy assignment'],
  ['microsoft.authorization/roleassignments', 'role assignment'],
  ['microsoft.authorization/roledefinitions', 'role definition'],
  ['microsoft.automation/automationaccounts', 'Automation account'],
  ['microsoft.automation/automationaccounts/runbooks', 'runbook'],
  ['microsoft.automation/automationaccounts/webhooks', 'webhook'],
  ['microsoft.compute/disks', 'disk'],
  ['microsoft.compute/restorepointcollections', 'restore point collection'],
  ['microsoft.compute/snapshots', 'snapshot'],
  ['microsoft.compute/virtualmachines', 'virtual machine'],
  ['microsoft.compute/virtualmachines/extensions', 'VM extension'],
  ['microsoft.compute/virtualmachines/runcommands', 'run command'],
  ['microsoft.compute/virtualmachinescalesets', 'scale set'],
  ['microsoft.compute/virtualmachinescalesets/extensions', 'VM extension'],
  ['microsoft.containerservice/managedclusters', 'AKS cluster'],
  ['microsoft.dataprotection/backupvaults', 'backup vault'],
  ['microsoft.dataprotection/backupvaults/backupinstances', 'backup instance'],
  ['microsoft.eventhub/namespaces', 'Event Hubs namespace'],
  ['microsoft.eventhub/namespaces/eventhubs', 'event hub'],
  ['microsoft.hybridcompute/machines/extensions', 'VM extension'],
  ['microsoft.insights/diagnosticsettings', 'diagnostic setting'],
  ['microsoft.keyvault/vaults', 'key vault'],
  ['microsoft.keyvault/vaults/accesspolicies', 'access policy'],
  ['microsoft.keyvault/vaults/secrets', 'secret'],
  ['microsoft.managedidentity/userassignedidentities', 'managed identity'],
  ['microsoft.managedidentity/userassignedidentities/federatedidentitycredentials', 'federated credential'],
  ['microsoft.network/networksecuritygroups', 'network security group'],
  ['microsoft.network/networksecuritygroups/securityrules', 'security rule'],
  ['microsoft.network/publicipaddresses', 'public IP address'],
  ['microsoft.network/virtualnetworks', 'virtual network'],
  ['microsoft.operationalinsights/workspaces', 'Log Analytics workspace'],
  ['microsoft.recoveryservices/vaults', 'recovery services vault'],
  ['microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems', 'protected item'],
  ['microsoft.resources/deployments', 'deployment'],
  ['microsoft.resources/resourcegroups', 'resource group'],
  ['microsoft.resources/subscriptions', 'subscription'],
  ['microsoft.security/pricings', 'Defender plan'],
  ['microsoft.serialconsole/serialports', 'serial port'],
  ['microsoft.sql/servers', 'SQL server'],
  ['microsoft.sql/servers/databases', 'SQL database'],
  ['microsoft.sql/servers/firewallrules', 'firewall rule'],
  ['microsoft.storage/storageaccounts', 'storage account'],
  ['microsoft.web/sites', 'web app'],
]);

/** Kinds of AWS resources: the service and the first part of the resource in the ARN. */
const ARN_NOUNS: ReadonlyMap<string, string> = new Map([
  ['cloudtrail:trail', 'trail'],
  ['ec2:image', 'machine image'],
  ['ec2:key-pair', 'key pair'],
  ['ec2:network-acl', 'network ACL'],
  ['ec2:vpc', 'VPC'],
  ['eks:cluster', 'EKS cluster'],
  ['guardduty:detector', 'GuardDuty detector'],
  ['iam:oidc-provider', 'OIDC provider'],
  ['iam:root', 'root user'],
  ['iam:mfa', 'MFA device'],
  ['iam:saml-provider', 'SAML provider'],
  ['kms:key', 'KMS key'],
  ['rds:cluster', 'database cluster'],
  ['rds:cluster-snapshot', 'database snapshot'],
  ['rds:db', 'database'],
  ['rds:snapshot', 'database snapshot'],
  ['sts:assumed-role', 'role session'],
  ['sts:federated-user', 'federated session'],
]);

/** Resources of Kubernetes whose name in lower case runs words together. */
const KUBERNETES_NOUNS: ReadonlyMap<string, string> = new Map([
  ['certificatesigningrequests', 'certificate signing request'],
  ['clusterrolebindings', 'cluster role binding'],
  ['clusterroles', 'cluster role'],
  ['configmaps', 'config map'],
  ['cronjobs', 'cron job'],
  ['daemonsets', 'daemon set'],
  ['mutatingwebhookconfigurations', 'mutating webhook'],
  ['networkpolicies', 'network policy'],
  ['replicasets', 'replica set'],
  ['rolebindings', 'role binding'],
  ['serviceaccounts', 'service account'],
  ['statefulsets', 'stateful set'],
  ['validatingwebhookconfigurations', 'validating webhook'],
]);

/** @param type of an ARM resource, in lower case: `microsoft.compute/disks` */
export function armNoun(type: string): string {
  const known = ARM_NOUNS.get(type);
  return known ?? (singular(type.slice(type.lastIndexOf('/') + 1)) || 'resource');
}

/** @param type the first part of the resource in its ARN, such as `security-group`; empty where it has none */
export function arnNoun(service: string, type: string): string {
  return ARN_NOUNS.get(`${service}:${type}`) ?? (type === '' ? `${service} resource` : type.replaceAll('-', ' '));
}

/** @param resource as Kubernetes names it, in the plural: `clusterrolebindings` */
export const kubernetesNoun = (resource: string): string => KUBERNETES_NOUNS.get(resource) ?? singular(resource);

function singular(word: string): string {
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|sse)s$/.test(word)) return word.replace(/e?s$/, '');
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

/** More than one of a thing. */
export function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** `a` or `an`, as the noun is spoken. */
export const article = (noun: string): string => (/^(?:[aeio]|SQL|MFA|S3)/i.test(noun) ? 'an' : 'a');
