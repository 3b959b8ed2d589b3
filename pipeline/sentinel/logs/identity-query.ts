import type { LogQuery } from './log-query.ts';

/**
 * Who accounts are, by any of their ids: of IdentityInfo, which User and Entity Behavior Analytics keeps, and of sign-ins, which name users too.
 * Columns: ObjectId, Upn, Name, Sid, Tenant, DisplayName, Mail, Roles (a list of names), Enabled (true, false or empty).
 * https://learn.microsoft.com/azure/azure-monitor/reference/tables/identityinfo
 */
export const IDENTITIES: LogQuery = {
  title: 'who accounts are',
  tables: ['IdentityInfo', 'SigninLogs'],
  asksBy: ['upns', 'objectIds', 'accountNames', 'sids'],
  rows: 100,
  text: `union isfuzzy=true
  (IdentityInfo
  | where AccountObjectId in~ (objectIds) or AccountUPN in~ (upns) or MailAddress in~ (upns) or AccountName in~ (accountNames) or AccountSID in~ (sids)
  | summarize arg_max(TimeGenerated, *) by AccountObjectId
  | project ObjectId = AccountObjectId, Upn = AccountUPN, Name = AccountName, Sid = AccountSID, Tenant = AccountTenantId, DisplayName = AccountDisplayName, Mail = MailAddress,
      Roles = AssignedRoles, Enabled = tostring(IsAccountEnabled)),
  (SigninLogs
  | where UserId in~ (objectIds) or UserPrincipalName in~ (upns) or tostring(split(UserPrincipalName, "@")[0]) in~ (accountNames)
  | summarize arg_max(TimeGenerated, UserPrincipalName, UserDisplayName, AADTenantId) by UserId
  | project ObjectId = UserId, Upn = UserPrincipalName, Name = tostring(split(UserPrincipalName, "@")[0]), Sid = "", Tenant = AADTenantId, DisplayName = UserDisplayName, Mail = "",
      Roles = dynamic([]), Enabled = "")
| take 101`,
};

/** IdentityInfo says all anew within this span: https://learn.microsoft.com/azure/sentinel/ueba-reference#identityinfo-table */
export const IDENTITY_SPAN = 14 * 86_400_000;
