import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { readRecord } from '../../sources/registry.ts';
import type { LogSource } from '../../timeline/read-record.ts';
import { compiled, ruleText } from '../testing/rule-samples.ts';

/** Whether a rule with this selection fires on a record, as its source reads it. */
function fires(logsource: LogSource, selection: JsonObject, record: JsonObject): boolean {
  return compiled(ruleText({ selection, condition: 'selection' }, { logsource })).matches(readRecord(record));
}

const TENANT = '/tenants/00000000-0000-4000-8000-00000000000a/providers/Microsoft.aadiam';

const activity = (name: string, properties: JsonObject = {}): JsonObject => ({
  time: '2026-11-20T10:00:00Z',
  resourceId: TENANT,
  category: 'AuditLogs',
  operationName: name,
  properties: { activityDisplayName: name, result: 'success', initiatedBy: {}, targetResources: [], ...properties },
});

const modified = (
  ...properties: readonly (readonly [name: string, before: string | null, after: string])[]
): JsonObject => ({
  targetResources: [
    {
      modifiedProperties: properties.map(([displayName, oldValue, newValue]) => ({ displayName, oldValue, newValue })),
    },
  ],
});

describe('rules for the audit log of Entra', () => {
  const SECRETS = 'Update application – Certificates and secrets management ';
  const consent = (isAdmin: string): JsonObject =>
    modified(['ConsentContext.IsAdminConsent', null, isAdmin], ['ConsentContext.IsAppOnly', null, '"False"']);

  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ 'properties.message': 'Add User' }, activity('Add user'), activity('Delete user')],
    [
      { 'properties.message': 'Update application - Certificates and secrets management' },
      activity(SECRETS),
      activity('Update application'),
    ],
    [{ operationName: 'Update application — Certificates and secrets management' }, activity(SECRETS), activity('x')],
    [{ Status: 'Success' }, activity('x'), activity('x', { result: 'failure' })],
    [{ Status: 'failure' }, activity('x', { result: 'failure' }), activity('x')],
    [{ Status: 'Success' }, activity('x', { result: 0 }), activity('x', { result: 1 })],
    [
      { Status: 'Admin registered temporary access pass method for user' },
      activity('x', { resultReason: 'Admin registered temporary access pass method for user' }),
      activity('x', { resultReason: 'Admin registered phone' }),
    ],
    [
      { Category: 'RoleManagement' },
      activity('x', { category: 'RoleManagement' }),
      activity('x', { category: 'Policy' }),
    ],
    [
      { 'ConsentContext.IsAdminConsent': 'false' },
      activity('Consent to application', consent('"False"')),
      activity('Consent to application', consent('"True"')),
    ],
    [
      { 'properties.message': '"displayName":"UserType","oldValue":"[\\"Guest\\"]","newValue":"[\\"Member\\"]"' },
      activity('Update user', modified(['UserType', '["Guest"]', '["Member"]'])),
      activity('Update user', modified(['UserType', '["Member"]', '["Guest"]'])),
    ],
    [
      { 'properties.message': 'Update Application Sucess- Property Name AppAddress' },
      activity('Update application', modified(['AppAddress', '[]', '[{"Address":"https://app.contoso.example"}]'])),
      activity('Update application', modified(['DisplayName', '"a"', '"b"'])),
    ],
    [
      { 'properties.message': 'Request Approved/Denied' },
      activity('Add member to role request denied (PIM activation)'),
      activity('Add member to role requested (PIM activation)'),
    ],
    [
      { 'targetResources.type': 'Service Principal' },
      activity('x', { targetResources: [{ type: 'User' }, { type: 'ServicePrincipal' }] }),
      activity('x', { targetResources: [{ type: 'User' }] }),
    ],
    [
      { failure_status_reason: 'Microsoft.online.Security.userConsentBlockedForRiskyAppsExceptions' },
      activity('x', { resultReason: 'Microsoft.Online.Security.UserConsentBlockedForRiskyAppsException' }),
      activity('x', { resultReason: 'Other' }),
    ],
    [
      { Initiatedby: 'UPN' },
      activity('x', { initiatedBy: { user: { userPrincipalName: 'ada@contoso.example' } } }),
      activity('x', { initiatedBy: { app: { displayName: 'sync' } } }),
    ],
  ])('%j', (selection, record, nearMiss) => {
    expect(fires({ product: 'azure', service: 'auditlogs' }, selection, record)).toBe(true);
    expect(fires({ product: 'azure', service: 'auditlogs' }, selection, nearMiss)).toBe(false);
  });

  it('see alerts of PIM by the titles that these have there', () => {
    const alert = (title: string): JsonObject =>
      activity('Triggered PIM alert', { targetResources: [{ displayName: title }] });
    const rule = { riskEventType: 'tooManyGlobalAdminsAssignedToTenantAlertIncident' };
    const pim: LogSource = { product: 'azure', service: 'pim' };
    expect(fires(pim, rule, alert('There are too many Global Administrators'))).toBe(true);
    expect(fires(pim, rule, alert('Potential stale accounts in a privileged role'))).toBe(false);
  });
});

describe('rules for sign-ins to Entra', () => {
  const signIn = (code: number, properties: JsonObject = {}, record: JsonObject = {}): JsonObject => ({
    time: '2026-11-20T10:00:00Z',
    resourceId: TENANT,
    category: 'SignInLogs',
    operationName: 'Sign-in activity',
    resultType: String(code),
    resultSignature: 'None',
    properties: { status: { errorCode: code }, ...properties },
    ...record,
  });

  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ Status: 'Success' }, signIn(0), signIn(50126)],
    [
      { Status: 'Success' },
      signIn(1, {}, { resultSignature: 'SUCCESS' }),
      signIn(1, {}, { resultSignature: 'FAILURE' }),
    ],
    [{ Status: 'Failure' }, signIn(50126), signIn(0)],
    [
      { 'Status|contains': 'MFA Denied' },
      signIn(500121, { status: { additionalDetails: 'MFA denied; user declined the authentication' } }),
      signIn(500121, { status: { additionalDetails: 'MFA completed in Azure AD' } }),
    ],
    [{ ResultType: 53003, Resultdescription: 'Blocked by Conditional Access' }, signIn(53003), signIn(53004)],
    [{ 'ResultDescription|contains': 'Strong Auth required' }, signIn(50074), signIn(50076)],
    [
      { 'properties.message': 'Device Code' },
      signIn(0, { authenticationProtocol: 'deviceCode' }),
      signIn(0, { authenticationProtocol: 'ropc' }),
    ],
    [
      { 'properties.message': 'ROPC' },
      signIn(0, { authenticationProtocol: 'ropc' }),
      signIn(0, { authenticationProtocol: 'none' }),
    ],
    [{ ClientApp: ['IMAP', 'SMTP'] }, signIn(0, { clientAppUsed: 'IMAP4' }), signIn(0, { clientAppUsed: 'Browser' })],
    [
      { NetworkLocationDetails: '[]' },
      signIn(0, { networkLocationDetails: [] }),
      signIn(0, { networkLocationDetails: [{ networkType: 'trustedNamedLocation', networkNames: ['HQ'] }] }),
    ],
    [
      { 'DeviceDetail.trusttype': null },
      signIn(0, { deviceDetail: { browser: 'Edge' } }),
      signIn(0, { deviceDetail: { trustType: 'Azure AD joined' } }),
    ],
  ])('%j', (selection, record, nearMiss) => {
    expect(fires({ product: 'azure', service: 'signinlogs' }, selection, record)).toBe(true);
    expect(fires({ product: 'azure', service: 'signinlogs' }, selection, nearMiss)).toBe(false);
  });

  it('are the same for rows of the table', () => {
    const row = {
      Type: 'SigninLogs',
      TimeGenerated: '2026-11-20T10:00:00Z',
      OperationName: 'Sign-in activity',
      ResultType: '0',
    };
    expect(fires({ product: 'azure', service: 'signinlogs' }, { Status: 'Success' }, row)).toBe(true);
    expect(
      fires({ product: 'azure', service: 'signinlogs' }, { Status: 'Success' }, { ...row, ResultType: '50126' }),
    ).toBe(false);
  });
});

describe('rules for the Azure Activity log', () => {
  const ACTIVITY: LogSource = { product: 'azure', service: 'activitylogs' };
  const record = {
    time: '2026-11-20T10:00:00Z',
    resourceId: '/SUBSCRIPTIONS/00000000-0000-4000-8000-000000000051/PROVIDERS/MICROSOFT.WEB/SITES/SHOP',
    operationName: 'MICROSOFT.WEB/SITES/DELETE',
    category: 'Administrative',
    resultType: 'Success',
  };

  it.each<[JsonObject, JsonObject]>([
    [{ ResourceProviderValue: 'Microsoft.Web' }, { ResourceProviderValue: 'Microsoft.We' }],
    [{ OperationNameValue: 'Microsoft.Web/sites/delete' }, { OperationNameValue: 'Microsoft.Web/sites/write' }],
    [{ ActivityStatusValue: 'Succeeded' }, { ActivityStatusValue: 'Failed' }],
    [{ 'ResourceId|contains': '/sites/' }, { 'ResourceId|contains': '/vaults/' }],
  ])('%j', (selection, other) => {
    expect(fires(ACTIVITY, selection, record)).toBe(true);
    expect(fires(ACTIVITY, other, record)).toBe(false);
  });
});

describe('rules for Kubernetes', () => {
  const audit = (requestObject: JsonObject, more: JsonObject = {}): JsonObject => ({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: '00000000-0000-4000-8000-000000000001',
    stage: 'ResponseComplete',
    stageTimestamp: '2026-11-20T10:00:00Z',
    verb: 'create',
    user: { username: 'ada@contoso.example' },
    objectRef: { resource: 'pods', apiGroup: 'apps' },
    requestObject,
    ...more,
  });
  const container = (securityContext: JsonObject): JsonObject => ({
    spec: { containers: [{ name: 'a', securityContext }] },
  });
  const decision = (text: string): JsonObject => audit({}, { annotations: { 'authorization.k8s.io/decision': text } });

  it.each<[JsonObject, JsonObject, JsonObject]>([
    [
      { hostPath: '*' },
      audit({ spec: { volumes: [{ name: 'root', hostPath: { path: '/' } }] } }),
      audit({ spec: { volumes: [{ name: 'tmp', emptyDir: {} }] } }),
    ],
    [
      { hostPath: '/etc' },
      audit({ spec: { template: { spec: { volumes: [{ hostPath: { path: '/etc' } }] } } } }),
      audit({ spec: { template: { spec: { volumes: [{ hostPath: { path: '/var' } }] } } } }),
    ],
    [
      { capabilities: '*' },
      audit(container({ capabilities: { add: ['SYS_ADMIN'] } })),
      audit(container({ privileged: true })),
    ],
    [{ apiGroup: 'apps' }, audit({}), audit({}, { objectRef: { resource: 'pods', apiGroup: 'batch' } })],
    [{ 'responseStatus.code': 'ALLOW' }, decision('allow'), decision('forbid')],
  ])('%j', (selection, record, nearMiss) => {
    expect(fires({ product: 'kubernetes', service: 'audit' }, selection, record)).toBe(true);
    expect(fires({ product: 'kubernetes', service: 'audit' }, selection, nearMiss)).toBe(false);
  });
});

describe('rules for CloudTrail', () => {
  const call = (more: JsonObject): JsonObject => ({
    eventVersion: '1.11',
    eventTime: '2026-11-20T10:00:00Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'DeleteSAMLProvider',
    eventID: '00000000-0000-4000-8000-000000000001',
    eventType: 'AwsApiCall',
    userIdentity: { type: 'Root' },
    ...more,
  });

  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ status: 'success' }, call({}), call({ errorCode: 'AccessDenied' })],
    [{ errorCode: 'Success' }, call({ errorCode: null }), call({ errorCode: 'AccessDenied' })],
    [{ status: 'failure' }, call({ errorCode: 'AccessDenied' }), call({})],
    [{ EventName: 'DeleteSAMLProvider' }, call({}), call({ eventName: 'GetSAMLProvider' })],
  ])('%j', (selection, record, nearMiss) => {
    expect(fires({ product: 'aws', service: 'cloudtrail' }, selection, record)).toBe(true);
    expect(fires({ product: 'aws', service: 'cloudtrail' }, selection, nearMiss)).toBe(false);
  });
});
