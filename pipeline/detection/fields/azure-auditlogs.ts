import { PIM_ALERTS } from './pim-alerts.ts';
import type { Meaning, SourceFields } from './source-fields.ts';

/** What guides to hunting in Entra call the field in which the name of an activity stands. */
const ACTIVITY = 'properties.message operationName activityDisplayName activityType activity';

const is = (text: string, ...names: readonly string[]): Meaning => ({
  fields: ACTIVITY,
  text,
  is: { operationName: [...names] },
});

const MODIFIED = 'properties.targetResources.modifiedProperties';

/** A modified property with a certain value, which is JSON within a string: both conditions are met by the same property. */
const modified = (name: string, value: string): Meaning => {
  const displayName = `"displayName":"${name.replaceAll('.', '\\.')}"`;
  const newValue = `"newValue":"[\\["\\\\]*${value}[\\]"\\\\]*"`;
  return {
    fields: name,
    text: value,
    is: { [`${MODIFIED}|re|i`]: `${displayName}.*${newValue}|${newValue}.*${displayName}` },
  };
};

/**
 * The audit log of Entra's directory. Rules name its fields after the columns of the table AuditLogs, after the portal, or after
 * Microsoft's guide to security operations, whose tables have a filter `properties.message` that no record has.
 * Sources: https://learn.microsoft.com/azure/azure-monitor/reference/tables/auditlogs,
 * https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
export const AZURE_AUDITLOGS: SourceFields = {
  logsource: { product: 'azure', service: 'auditlogs' },
  known: {
    '': `
      time resourceId operationName operationVersion category tenantId resultType resultSignature resultDescription
      durationMs callerIpAddress correlationId identity level Level location properties`,
    properties: `
      id category correlationId result resultReason activityDisplayName activityDateTime loggedByService operationType
      userAgent initiatedBy targetResources additionalDetails tenantGeo tenantId identity operationName resultType
      resultDescription`,
    'properties.initiatedBy': 'user app',
    'properties.initiatedBy.user': `
      id displayName userPrincipalName ipAddress userType homeTenantId homeTenantName roles.*`,
    'properties.initiatedBy.app': 'appId displayName servicePrincipalId servicePrincipalName',
    'properties.targetResources': `
      id displayName type userPrincipalName groupType modifiedProperties administrativeUnits.*`,
    'properties.targetResources.modifiedProperties': 'displayName oldValue newValue',
    'properties.additionalDetails': 'key value',
  },
  within: 'properties',
  columns: '$table Type TenantId SourceSystem _ResourceId Resource ResourceGroup ResourceProvider',
  aliases: [
    { names: `${ACTIVITY} properties.activityDisplayName`, paths: 'operationName properties.activityDisplayName' },
    { names: 'category', paths: 'properties.category' },
    { names: 'result', paths: 'properties.result' },
    { names: 'status', paths: 'properties.result properties.resultReason' },
    { names: 'resultDescription statusReason failure_status_reason', paths: 'properties.resultReason' },
    { names: 'resultType', paths: 'properties.result' },
    { names: 'AADOperationType', paths: 'properties.operationType' },
    { names: 'AADTenantId', paths: 'tenantId' },
    { names: 'TimeGenerated', paths: 'time properties.activityDateTime' },
    {
      names: 'initiatedBy actor',
      paths: 'properties.initiatedBy.user.userPrincipalName properties.initiatedBy.app.displayName',
    },
    { names: 'target', paths: 'properties.targetResources.userPrincipalName properties.targetResources.displayName' },
    { names: 'ipAddress', paths: 'callerIpAddress properties.initiatedBy.user.ipAddress' },
    { names: 'additionalDetails.additionalInfo', paths: 'properties.additionalDetails.value' },
  ],
  operationNames: 'operationName properties.activityDisplayName',
  meanings: [
    // The name ends in a space in most tenants' logs.
    {
      fields: ACTIVITY,
      text: 'Update application – Certificates and secrets management',
      is: { 'operationName|startswith': 'Update application – Certificates and secrets management' },
    },
    // Names that the guide abridges, puts together or misspells.
    is('Update Service principal/Update Application', 'Update service principal', 'Update application'),
    {
      fields: ACTIVITY,
      text: 'Update Application Sucess- Property Name AppAddress',
      is: {
        operationName: 'Update application',
        'properties.result': 'success',
        [`${MODIFIED}.displayName`]: 'AppAddress',
      },
    },
    is('Add member from group', 'Add member to group'),
    is(
      'Request Approved/Denied',
      'Add member to role request approved (PIM activation)',
      'Add member to role request denied (PIM activation)',
    ),
    is('Add eligible member (permanent)', 'Add eligible member to role in PIM completed (permanent)'),
    is('Add eligible member (eligible)', 'Add eligible member to role in PIM completed (timebound)'),
    is('Remove eligible member (permanent)', 'Remove eligible member from role in PIM completed (permanent)'),
    is('Remove eligible member (eligible)', 'Remove eligible member from role in PIM completed (timebound)'),
    is('Password reset', 'Reset password (self-service)', 'Self-service password reset flow activity progress'),
    is(
      'Assigns the caller to user access admin',
      'User has elevated their access to User Access Administrator for their Azure Resources',
    ),
    {
      fields: 'category',
      text: 'Administrative',
      is: { 'properties.category': 'AzureRBACRoleManagementElevateAccess' },
    },
    {
      fields: ACTIVITY,
      text: '"displayName":"UserType","oldValue":"[\\"Guest\\"]","newValue":"[\\"Member\\"]"',
      is: {
        [`${MODIFIED}.displayName`]: 'UserType',
        [`${MODIFIED}.oldValue`]: '["Guest"]',
        [`${MODIFIED}.newValue`]: '["Member"]',
      },
    },
    modified('ConsentContext.IsAdminConsent', 'true'),
    modified('ConsentContext.IsAdminConsent', 'false'),
    {
      fields: 'failure_status_reason',
      text: 'Microsoft.online.Security.userConsentBlockedForRiskyAppsExceptions',
      is: {
        'properties.resultReason|contains': ['UserConsentBlockedForRiskyAppsException', 'Risky application detected'],
      },
    },
    {
      fields: 'targetResources.type properties.targetResources.type',
      text: 'Service Principal',
      is: { 'properties.targetResources.type': 'ServicePrincipal' },
    },
    // Some records count: 0 is success.
    { fields: 'status result resultType properties.result', text: 'Success', is: { 'properties.result': 0 } },
    // The guide writes UPN where a person's is meant.
    { fields: 'initiatedBy', text: 'UPN', is: { 'properties.initiatedBy.user.userPrincipalName': '?*' } },
    { fields: 'target', text: 'UPN', is: { 'properties.targetResources.userPrincipalName': '?*' } },
    ...PIM_ALERTS,
  ],
};
