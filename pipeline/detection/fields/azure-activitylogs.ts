import type { Meaning, SourceFields } from './source-fields.ts';

const STATUS = 'resultType status ActivityStatus ActivityStatusValue';

/** The export and the table of today write the one, the log's API and the table of before 2021 the other. */
const STATUSES: readonly (readonly [string, string])[] = [
  ['Success', 'Succeeded'],
  ['Failure', 'Failed'],
  ['Start', 'Started'],
  ['Accept', 'Accepted'],
];

/**
 * The Azure Activity log in the form of its diagnostic export, into which rows of the table AzureActivity and the answers of the
 * log's API are brought; both keep their own fields beside it. What stands in `properties` differs by category and by resource
 * provider.
 * Source: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
 */
export const AZURE_ACTIVITYLOGS: SourceFields = {
  logsource: { product: 'azure', service: 'activitylogs' },
  known: {
    '': `
      time resourceId operationName operationVersion category resultType resultSignature resultDescription durationMs
      callerIpAddress correlationId identity level location tenantId properties.* eventDataId caller httpRequest
      ReleaseVersion RoleLocation Stamp
      authorization.* claims.* description eventName eventTimestamp id operationId resourceGroupName resourceProviderName
      resourceType status subStatus submissionTimestamp subscriptionId`,
    identity: 'authorization claims.*',
    'identity.authorization': 'action scope role evidence.*',
    httpRequest: 'clientIpAddress clientRequestId method uri',
    properties: `
      eventCategory entity message hierarchy statusCode statusMessage serviceRequestId requestbody requestBody responseBody
      resource resourceGroup resourceLocation resourceProviderValue activityStatusValue activitySubstatusValue caller
      eventDataId eventSubmissionTimestamp httpRequest subscriptionId isComplianceCheck policies ancestors`,
    eventName: 'value localizedValue',
    resourceProviderName: 'value localizedValue',
    resourceType: 'value localizedValue',
    status: 'value localizedValue',
    subStatus: 'value localizedValue',
  },
  single: 'operationName category resultType resourceId',
  columns:
    '$table Type TenantId SourceSystem _ResourceId Resource EventTimestamp Authorization_d.* Claims_d.* Properties_d.*',
  aliases: [
    { names: 'OperationNameValue properties.message', paths: 'operationName' },
    { names: 'CategoryValue', paths: 'category' },
    { names: 'ActivityStatus ActivityStatusValue status', paths: 'resultType' },
    { names: 'ActivitySubstatus ActivitySubstatusValue subStatus', paths: 'resultSignature' },
    { names: 'TimeGenerated', paths: 'time' },
    { names: 'EventSubmissionTimestamp', paths: 'properties.eventSubmissionTimestamp submissionTimestamp' },
    { names: 'Hierarchy', paths: 'properties.hierarchy' },
    { names: 'ResourceGroup', paths: 'properties.resourceGroup resourceGroupName' },
    {
      names: 'ResourceProvider ResourceProviderValue',
      paths: 'properties.resourceProviderValue resourceProviderName.value',
    },
    { names: 'SubscriptionId', paths: 'properties.subscriptionId' },
    { names: 'Caller', paths: 'identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn' },
    { names: 'HTTPRequest', paths: 'properties.httpRequest' },
    { names: 'properties.requestbody', paths: 'properties.requestbody properties.requestBody' },
    { names: 'Authorization', paths: 'identity.authorization' },
    { names: 'Claims', paths: 'identity.claims' },
  ],
  operationNames: 'operationName properties.message',
  meanings: [
    // The name of an operation begins with that of its resource provider.
    { fields: 'ResourceProvider ResourceProviderValue', is: (text) => ({ 'operationName|startswith': `${text}/` }) },
    ...STATUSES.flatMap(([one, other]): Meaning[] => [
      { fields: STATUS, text: one, is: { resultType: other } },
      { fields: STATUS, text: other, is: { resultType: one } },
    ]),
  ],
};
