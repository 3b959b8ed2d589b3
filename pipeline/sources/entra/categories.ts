import { isObject, type JsonObject } from '../../../platform/json.ts';

/** What a record of Entra is about; one reader each family. */
export type Kind =
  | 'user-sign-in'
  | 'service-principal-sign-in'
  | 'managed-identity-sign-in'
  | 'audit'
  | 'user-risk-event'
  | 'risky-user'
  | 'service-principal-risk-event'
  | 'risky-service-principal';

/**
 * The categories of Entra's diagnostic settings that are read, as Entra writes them.
 * Source: https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options
 */
export const CATEGORIES: Readonly<Record<string, Kind>> = {
  SignInLogs: 'user-sign-in',
  NonInteractiveUserSignInLogs: 'user-sign-in',
  ADFSSignInLogs: 'user-sign-in',
  ServicePrincipalSignInLogs: 'service-principal-sign-in',
  MicrosoftServicePrincipalSignInLogs: 'service-principal-sign-in',
  ManagedIdentitySignInLogs: 'managed-identity-sign-in',
  AuditLogs: 'audit',
  UserRiskEvents: 'user-risk-event',
  RiskyUsers: 'risky-user',
  ServicePrincipalRiskEvents: 'service-principal-risk-event',
  RiskyServicePrincipals: 'risky-service-principal',
};

const AS_WRITTEN = new Map(Object.entries(CATEGORIES));
const FOLDED = new Map(Object.entries(CATEGORIES).map(([category, kind]) => [category.toLowerCase(), kind]));

/** The kind of a category name, in any case. */
export function kindOfCategory(category: string): Kind | undefined {
  return AS_WRITTEN.get(category) ?? FOLDED.get(category.toLowerCase());
}

/** What a record in the diagnostic shape is about; undefined where it is not Entra's. */
export function kindOf(record: JsonObject): Kind | undefined {
  const { category } = record;
  const kind = typeof category === 'string' ? kindOfCategory(category) : undefined;
  if (kind === undefined) return isDirectoryAudit(record) ? 'audit' : undefined;
  return kind !== 'audit' || isOfEntra(record) ? kind : undefined;
}

/** Other services (Intune, Azure Health Data Services) have a category AuditLogs too. */
function isOfEntra({ properties, resourceId }: JsonObject): boolean {
  if (typeof resourceId === 'string' && /\/microsoft\.aadiam\b/i.test(resourceId)) return true;
  return (
    isObject(properties) &&
    (properties.initiatedBy !== undefined ||
      properties.activityDisplayName !== undefined ||
      properties.loggedByService !== undefined)
  );
}

/** Some forwarders put the audit category (`Policy`) where the log category stood: what only Entra's audit log has tells it. */
function isDirectoryAudit({ properties }: JsonObject): boolean {
  return (
    isObject(properties) &&
    typeof properties.loggedByService === 'string' &&
    typeof properties.activityDisplayName === 'string' &&
    properties.initiatedBy !== undefined
  );
}
