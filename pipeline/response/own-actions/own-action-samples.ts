import type { JsonObject } from '../../../platform/json.ts';

/** Records of the clouds about what an identity of Crosstrail did, or somebody who acts as one; for tests. */

export const TENANT = '00000000-0000-4000-8000-00000000aaaa';
/** The managed identity that acts: its object id. */
export const RESPONDER = '00000000-0000-4000-8000-0000000000e1';
export const ROLE = 'arn:aws:iam::111122223333:role/security/crosstrail-responder';
export const USER = '00000000-0000-4000-8000-0000000000a1';
export const NSG =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.network/networksecuritygroups/nsg-web';
const CLAIMS = 'http://schemas.microsoft.com/identity/claims/';

const iso = (time: number): string => new Date(time).toISOString();

/** @param by object id of whoever did it @param group the ARM id of the security group */
export const ruleWritten = (time: number, { by = RESPONDER, group = NSG, write = 'WRITE' } = {}): JsonObject => ({
  time: iso(time),
  resourceId: `${group}/securityrules/crosstrail-deny-in-00`.toUpperCase(),
  operationName: `MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/${write}`,
  category: 'Administrative',
  resultType: 'Success',
  resultSignature: 'Succeeded.OK',
  callerIpAddress: '203.0.113.17',
  correlationId: '00000000-0000-4000-8000-00000000c001',
  identity: {
    claims: {
      appid: '00000000-0000-4000-8000-0000000000e2',
      idtyp: 'app',
      [`${CLAIMS}objectidentifier`]: by,
      [`${CLAIMS}tenantid`]: TENANT,
    },
  },
  level: 'Informational',
  tenantId: TENANT,
  properties: { eventCategory: 'Administrative' },
});

/** @param role of the session that did it, as CloudTrail names it: without its path */
export const keyDeactivated = (
  time: number,
  { role = 'crosstrail-responder', key = 'AKIAEXAMPLE000000000', name = 'UpdateAccessKey', user = 'backup' } = {},
): JsonObject => ({
  eventVersion: '1.11',
  userIdentity: {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE000000000:crosstrail-0123456789ab',
    arn: `arn:aws:sts::111122223333:assumed-role/${role}/crosstrail-0123456789ab`,
    accountId: '111122223333',
    accessKeyId: 'ASIAEXAMPLE000000000',
    sessionContext: {
      sessionIssuer: { type: 'Role', arn: `arn:aws:iam::111122223333:role/security/${role}`, userName: role },
    },
  },
  eventTime: iso(time),
  eventSource: 'iam.amazonaws.com',
  eventName: name,
  awsRegion: 'us-east-1',
  sourceIPAddress: '203.0.113.17',
  userAgent: 'aws-sdk-js/3.1124.0',
  requestParameters: { userName: user, accessKeyId: key, status: 'Inactive' },
  responseElements: null,
  requestID: '00000000-0000-4000-8000-000000000001',
  eventID: '00000000-0000-4000-8000-000000000002',
  eventType: 'AwsApiCall',
  managementEvent: true,
  recipientAccountId: '111122223333',
  eventCategory: 'Management',
});

export const accountDisabled = (
  time: number,
  { by = RESPONDER, user = USER, activity = 'Disable account', upn = 'ann@contoso.example' } = {},
): JsonObject => ({
  time: iso(time),
  resourceId: `/tenants/${TENANT}/providers/Microsoft.aadiam`,
  operationName: activity,
  category: 'AuditLogs',
  tenantId: TENANT,
  properties: {
    id: 'Directory_00000000-0000-4000-8000-000000009066_ABCDE_102',
    category: 'UserManagement',
    result: 'success',
    activityDisplayName: activity,
    activityDateTime: iso(time),
    loggedByService: 'Core Directory',
    operationType: 'Update',
    initiatedBy: { app: { displayName: 'crosstrail', servicePrincipalId: by } },
    targetResources: [{ id: user, displayName: null, userPrincipalName: upn, type: 'User' }],
    additionalDetails: [],
  },
});
