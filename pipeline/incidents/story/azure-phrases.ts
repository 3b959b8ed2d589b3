import { armNoun, article } from './nouns.ts';
import { filled, onThings, Phrases, type Phrase } from './phrase.ts';
import { bounded, quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

/** What operations of Azure do, by their name in lower case. Each: `does`, and the `title`. */
const PHRASES = new Phrases({
  // Rights
  'microsoft.authorization/roleassignments/write': ['make {role assignment}', 'a role assigned', 'vague'],
  'microsoft.authorization/roleassignments/delete': ['remove {role assignment}', 'roles removed'],
  'microsoft.authorization/roledefinitions/write': ['write {role definition}', 'a role defined', 'vague'],
  'microsoft.authorization/elevateaccess/action': [
    'take the right to give out roles over all subscriptions',
    'access elevated to all subscriptions',
  ],
  'microsoft.authorization/locks/delete': ['delete {lock}', 'a lock deleted'],
  'microsoft.authorization/policyassignments/delete': ['delete {policy assignment}', 'a policy removed'],
  'microsoft.managedidentity/userassignedidentities/federatedidentitycredentials/write': [
    'add {federated credential}',
    'a federated credential added',
  ],
  'microsoft.managedidentity/userassignedidentities/assign/action': [
    'give {managed identity} to a resource',
    'a managed identity given to a resource',
  ],
  'microsoft.adhybridhealthservice/services/servicemembers/action': [
    'register a federation server[ of {*}]',
    'a federation server registered',
  ],
  // Logs and watch
  'microsoft.insights/diagnosticsettings/delete': ['delete {diagnostic setting}', 'logging cut'],
  'microsoft.insights/diagnosticsettings/write': ['write {diagnostic setting}', 'logging changed', 'vague'],
  'microsoft.insights/activitylogalerts/delete': ['delete an alert of the activity log', 'alerts removed'],
  'microsoft.operationalinsights/workspaces/delete': ['delete {Log Analytics workspace}', 'logs deleted'],
  'microsoft.eventhub/namespaces/delete': ['delete {Event Hubs namespace}', 'logging cut'],
  'microsoft.eventhub/namespaces/eventhubs/delete': ['delete {event hub}', 'logging cut'],
  'microsoft.security/alertssuppressionrules/write': ['suppress alerts of Defender', 'alerts suppressed'],
  'microsoft.security/pricings/write': ['change {Defender plan}', 'Defender changed', 'vague'],
  // Credentials and secrets
  'microsoft.containerservice/managedclusters/listclusteradmincredential/action': [
    'fetch the administrator credential of {AKS cluster}',
    'the administrator credential of a cluster fetched',
  ],
  'microsoft.containerservice/managedclusters/listclusterusercredential/action': [
    'fetch the user credential of {AKS cluster}',
    'the credential of a cluster fetched',
  ],
  'microsoft.storage/storageaccounts/listkeys/action': ['list the keys of {storage account}', 'storage keys listed'],
  'microsoft.storage/storageaccounts/regeneratekey/action': [
    'regenerate a key of {storage account}',
    'storage keys changed',
  ],
  'microsoft.storage/storageaccounts/listaccountsas/action': [
    'make an access link to {storage account}',
    'an access link made',
  ],
  'microsoft.storage/storageaccounts/listservicesas/action': [
    'make an access link to {storage account}',
    'an access link made',
  ],
  'microsoft.eventhub/namespaces/authorizationrules/listkeys/action': [
    'list the keys of {Event Hubs namespace|*}',
    'keys listed',
  ],
  'microsoft.keyvault/vaults/accesspolicies/write': [
    'change who may read a key vault[: {*}]',
    'a key vault opened',
    'vague',
  ],
  'microsoft.keyvault/vaults/write': ['create or change {key vault}', 'a key vault changed', 'vague'],
  'microsoft.keyvault/vaults/delete': ['delete {key vault}', 'a key vault deleted'],
  'microsoft.keyvault/vaults/secrets/read': ['read {secret}', 'secrets read'],
  'microsoft.web/sites/publishxml/action': ['fetch the publishing credential of {web app}', 'credentials fetched'],
  'microsoft.web/sites/config/list/action': ['list the settings of {web app|*}', 'settings with secrets listed'],
  'microsoft.compute/disks/begingetaccess/action': ['make a download link for {disk}', 'a disk offered for download'],
  'microsoft.compute/snapshots/begingetaccess/action': [
    'make a download link for {snapshot}',
    'a snapshot offered for download',
  ],
  // Commands
  'microsoft.compute/virtualmachines/runcommand/action': [
    'run a command on {virtual machine}',
    'a command run on a virtual machine',
  ],
  'microsoft.compute/virtualmachines/runcommands/write': [
    'run a command on a virtual machine[: {run command}]',
    'a command run on a virtual machine',
  ],
  'microsoft.compute/virtualmachinescalesets/virtualmachines/runcommand/action': [
    'run a command on a virtual machine[ of {*}]',
    'a command run on a virtual machine',
  ],
  'microsoft.compute/virtualmachines/extensions/write': ['install {VM extension}', 'a VM extension installed'],
  'microsoft.compute/virtualmachinescalesets/extensions/write': ['install {VM extension}', 'a VM extension installed'],
  'microsoft.hybridcompute/machines/extensions/write': ['install {VM extension}', 'a VM extension installed'],
  'microsoft.serialconsole/serialports/connect/action': ['open {serial port}', 'a serial console opened'],
  'microsoft.containerservice/managedclusters/runcommand/action': [
    'run a command in {AKS cluster}',
    'a command run in a cluster',
  ],
  'microsoft.automation/automationaccounts/webhooks/write': ['make {webhook}', 'a webhook made'],
  'microsoft.automation/automationaccounts/runbooks/write': ['write {runbook}', 'a runbook written'],
  // Networks
  'microsoft.network/networksecuritygroups/securityrules/write': ['write {security rule}', 'a network opened', 'vague'],
  'microsoft.network/networksecuritygroups/write': [
    'create or change {network security group}',
    'a network opened',
    'vague',
  ],
  'microsoft.network/networksecuritygroups/delete': ['delete {network security group}', 'a network opened'],
  'microsoft.sql/servers/firewallrules/write': ['write {firewall rule}', 'a firewall opened', 'vague'],
  // Data
  'microsoft.storage/storageaccounts/write': [
    'create or change {storage account}',
    'a storage account changed',
    'vague',
  ],
  'microsoft.storage/storageaccounts/delete': ['delete {storage account}', 'storage deleted'],
  'microsoft.compute/snapshots/delete': ['delete {snapshot}', 'snapshots deleted'],
  'microsoft.compute/disks/delete': ['delete {disk}', 'disks deleted'],
  'microsoft.compute/virtualmachines/delete': ['delete {virtual machine}', 'virtual machines deleted'],
  'microsoft.compute/restorepointcollections/delete': ['delete {restore point collection}', 'backups deleted'],
  'microsoft.recoveryservices/vaults/delete': ['delete {recovery services vault}', 'backups deleted'],
  'microsoft.recoveryservices/vaults/backupconfig/write': [
    'change how backups are protected[ in {*}]',
    'the protection of backups changed',
  ],
  'microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems/delete': [
    'delete the backups[ of {*}]',
    'backups deleted',
  ],
  'microsoft.sql/servers/databases/delete': ['delete {SQL database}', 'databases deleted'],
  'microsoft.resources/subscriptions/resourcegroups/delete': [
    'delete {resource group} and all that is in it',
    'resource groups deleted',
  ],
  'microsoft.resources/deployments/write': ['deploy {deployment}', 'a deployment'],
});

/** How an operation of Azure is told. @param operation its name, in any case */
export function azurePhrase(operation: string, things: readonly Thing[]): Phrase {
  const folded = operation.toLowerCase();
  const known = PHRASES.of(folded, things);
  if (known !== undefined) return known;
  const segments = folded.split('/');
  const noun = bounded(armNoun(segments.slice(0, -1).join('/')));
  const what = filled('{*}', things);
  switch (segments.at(-1)) {
    case 'write':
      return { does: `create or change ${what}`, title: `${article(noun)} ${noun} changed` };
    case 'delete':
      return { does: `delete ${what}`, title: `${article(noun)} ${noun} deleted` };
    case 'read':
      return { does: `read ${what}` };
    default:
      return { does: `call ${quoted(folded)}${onThings(things)}` };
  }
}
