/**
 * What people and workloads did, as the workspace's tables tell it. All give the same columns: Time, Id (the record's own), Who, WhoId, What,
 * Target, Address, Outcome (success, failure or empty) and Detail.
 * Tables and columns: https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
 */
import type { LogQuery } from './log-query.ts';

const ROWS = 60;
const NEWEST = `| top ${ROWS + 1} by Time desc`;

const SIGN_IN = (table: string, who: string, whoId: string, target: string, upn: string): string => `  (${table}
  | where ${whoId} in~ (objectIds)${upn === '' ? '' : ` or ${upn} in~ (upns)`} or IPAddress in (addresses)
  | project Time = TimeGenerated, Id, Who = ${who}, WhoId = ${whoId}, What = "Sign-in", Target = ${target}, Address = IPAddress,
      Outcome = iff(tostring(ResultType) == "0", "success", "failure"), Detail = strcat_delim(" ", tostring(Location), iff(tostring(ResultType) == "0", "", strcat("error ", tostring(ResultType)))))`;

export const SIGN_INS: LogQuery = {
  title: 'sign-ins',
  tables: [
    'SigninLogs',
    'AADNonInteractiveUserSignInLogs',
    'AADServicePrincipalSignInLogs',
    'AADManagedIdentitySignInLogs',
  ],
  asksBy: ['upns', 'objectIds', 'addresses'],
  rows: ROWS,
  text: `union isfuzzy=true
${[
  SIGN_IN('SigninLogs', 'UserPrincipalName', 'UserId', 'AppDisplayName', 'UserPrincipalName'),
  SIGN_IN('AADNonInteractiveUserSignInLogs', 'UserPrincipalName', 'UserId', 'AppDisplayName', 'UserPrincipalName'),
  SIGN_IN('AADServicePrincipalSignInLogs', 'ServicePrincipalName', 'ServicePrincipalId', 'ResourceDisplayName', ''),
  SIGN_IN('AADManagedIdentitySignInLogs', 'ServicePrincipalName', 'ServicePrincipalId', 'ResourceDisplayName', ''),
].join(',\n')}
${NEWEST}`,
};

const DIRECTORY_CHANGES: LogQuery = {
  title: 'changes of the directory',
  tables: ['AuditLogs'],
  asksBy: ['upns', 'objectIds', 'addresses'],
  rows: ROWS,
  text: `AuditLogs
| extend UserId = tostring(InitiatedBy.user.id), UserName = tostring(InitiatedBy.user.userPrincipalName), AppId = tostring(InitiatedBy.app.servicePrincipalId),
    AppName = tostring(InitiatedBy.app.displayName), Address = tostring(InitiatedBy.user.ipAddress), Targets = tostring(TargetResources)
| where UserId in~ (objectIds) or UserName in~ (upns) or AppId in~ (objectIds) or Address in (addresses) or Targets has_any (objectIds) or Targets has_any (upns)
| project Time = TimeGenerated, Id, Who = iff(isempty(UserName), AppName, UserName), WhoId = iff(isempty(UserId), AppId, UserId), What = OperationName,
    Target = iff(isempty(tostring(TargetResources[0].userPrincipalName)), tostring(TargetResources[0].displayName), tostring(TargetResources[0].userPrincipalName)),
    Address, Outcome = iff(Result =~ "success", "success", iff(Result =~ "failure", "failure", "")), Detail = Category
${NEWEST}`,
};

export const AZURE_CHANGES: LogQuery = {
  title: 'changes of Azure resources',
  tables: ['AzureActivity'],
  asksBy: ['upns', 'objectIds', 'addresses', 'resources'],
  rows: ROWS,
  text: `AzureActivity
| where ActivityStatusValue !in~ ("Start", "Started", "Accept", "Accepted")
| where Caller in~ (upns) or Caller in~ (objectIds) or CallerIpAddress in (addresses) or _ResourceId in~ (resources)
| project Time = TimeGenerated, Id = EventDataId, Who = Caller, WhoId = Caller, What = OperationNameValue, Target = _ResourceId, Address = CallerIpAddress,
    Outcome = case(ActivityStatusValue in~ ("Success", "Succeeded"), "success", ActivityStatusValue in~ ("Failure", "Failed"), "failure", ""), Detail = ActivitySubstatusValue
${NEWEST}`,
};

export const AWS_CALLS: LogQuery = {
  title: 'calls in AWS',
  tables: ['AWSCloudTrail'],
  asksBy: ['arns', 'accessKeys', 'awsUserNames', 'upns', 'addresses'],
  rows: ROWS,
  // Identity Center and many federations name the session after the user.
  text: `AWSCloudTrail
| where UserIdentityArn in (arns) or UserIdentityAccessKeyId in (accessKeys) or UserIdentityUserName in (awsUserNames) or SourceIpAddress in (addresses)
    or tostring(split(UserIdentityArn, "/")[-1]) in~ (upns)
| project Time = TimeGenerated, Id = AwsEventId, Who = UserIdentityArn, WhoId = UserIdentityAccessKeyId, What = EventName, Target = EventSource, Address = SourceIpAddress,
    Outcome = iff(isempty(ErrorCode), "success", "failure"), Detail = strcat_delim(" ", RecipientAccountId, AWSRegion, ErrorCode)
${NEWEST}`,
};

export const OTHER_ALERTS: LogQuery = {
  title: 'other alerts',
  tables: ['SecurityAlert'],
  asksBy: ['upns', 'objectIds', 'addresses', 'resources', 'arns', 'hosts', 'domains'],
  rows: 20,
  text: `SecurityAlert
| where Entities has_any (upns) or Entities has_any (objectIds) or Entities has_any (addresses) or Entities has_any (resources) or Entities has_any (arns)
    or Entities has_any (hosts) or Entities has_any (domains)
| summarize arg_max(TimeGenerated, *) by SystemAlertId
| project Time = StartTime, Id = SystemAlertId, Who = CompromisedEntity, WhoId = "", What = AlertName, Target = ProductName, Address = "", Outcome = "", Detail = AlertSeverity
| top 21 by Time desc`,
};

/** What is asked about what was done. */
export const ACTIVITY_QUERIES: readonly LogQuery[] = [SIGN_INS, DIRECTORY_CHANGES, AZURE_CHANGES, AWS_CALLS];
