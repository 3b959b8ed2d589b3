import type { JsonObject } from '../../../platform/json.ts';
import { setOwn } from '../shared/remainder.ts';

/** Properties of a record, beside `properties`, that have a place in the event or are listed in {@link unmappedOf}. */
const KNOWN: ReadonlySet<string> = new Set([
  'Level',
  'callerIpAddress',
  'category',
  'correlationId',
  'durationMs',
  'identity',
  'level',
  'location',
  'operationName',
  'operationVersion',
  'properties',
  'resourceId',
  'result',
  'resultDescription',
  'resultSignature',
  'resultType',
  'tenantId',
  'time',
]);

/**
 * What of a record has no place of its own in the event, by reference. Written out name by name, for literals of one shape
 * are many times faster than copying; names not known here are added.
 */
export function unmappedOf(record: JsonObject, properties: JsonObject | undefined): JsonObject {
  const rest: JsonObject = {
    Level: record.Level,
    durationMs: record.durationMs,
    identity: record.identity,
    level: record.level,
    location: record.location,
    operationVersion: record.operationVersion,
    resourceId: record.resourceId,
    resultSignature: record.resultSignature,
    properties,
  };
  addUnknown(rest, record, KNOWN);
  return rest;
}

function addUnknown(rest: JsonObject, object: JsonObject, known: ReadonlySet<string>): void {
  for (const name in object) {
    if (known.has(name)) continue;
    const value = object[name];
    if (value !== undefined) setOwn(rest, name, value);
  }
}

/** Members of `properties` of a sign-in that have a place in the event. */
const SIGN_IN_MAPPED: readonly string[] = [
  'appDisplayName',
  'appId',
  'appliedConditionalAccessPolicies',
  'authenticationDetails',
  'authenticationProtocol',
  'autonomousSystemNumber',
  'correlationId',
  'createdDateTime',
  'deviceDetail',
  'homeTenantId',
  'id',
  'incomingTokenType',
  'ipAddress',
  'isInteractive',
  'location',
  'resourceDisplayName',
  'resourceId',
  'riskLevelDuringSignIn',
  'servicePrincipalCredentialKeyId',
  'servicePrincipalId',
  'servicePrincipalName',
  'sessionId',
  'status',
  'tenantId',
  'uniqueTokenIdentifier',
  'userAgent',
  'userDisplayName',
  'userId',
  'userPrincipalName',
];

/** The members of `properties` of a sign-in that have none, as far as they are known. */
const signInRest = (p: JsonObject): JsonObject => ({
  agent: p.agent,
  alternateSignInName: p.alternateSignInName,
  appOwnerTenantId: p.appOwnerTenantId,
  appServicePrincipalId: p.appServicePrincipalId,
  authenticationContextClassReferences: p.authenticationContextClassReferences,
  authenticationProcessingDetails: p.authenticationProcessingDetails,
  authenticationRequirement: p.authenticationRequirement,
  authenticationRequirementPolicies: p.authenticationRequirementPolicies,
  authenticationStrengths: p.authenticationStrengths,
  clientAppUsed: p.clientAppUsed,
  clientCredentialType: p.clientCredentialType,
  conditionalAccessAudiences: p.conditionalAccessAudiences,
  conditionalAccessStatus: p.conditionalAccessStatus,
  crossTenantAccessType: p.crossTenantAccessType,
  federatedCredentialId: p.federatedCredentialId,
  flaggedForReview: p.flaggedForReview,
  globalSecureAccessIpAddress: p.globalSecureAccessIpAddress,
  homeTenantName: p.homeTenantName,
  ipAddressFromResourceProvider: p.ipAddressFromResourceProvider,
  isTenantRestricted: p.isTenantRestricted,
  isThroughGlobalSecureAccess: p.isThroughGlobalSecureAccess,
  managedServiceIdentity: p.managedServiceIdentity,
  mfaDetail: p.mfaDetail,
  networkLocationDetails: p.networkLocationDetails,
  originalRequestId: p.originalRequestId,
  originalTransferMethod: p.originalTransferMethod,
  privateLinkDetails: p.privateLinkDetails,
  processingTimeInMilliseconds: p.processingTimeInMilliseconds,
  redirectUrl: p.redirectUrl,
  resourceOwnerTenantId: p.resourceOwnerTenantId,
  resourceServicePrincipalId: p.resourceServicePrincipalId,
  resourceTenantId: p.resourceTenantId,
  riskDetail: p.riskDetail,
  riskEventTypes: p.riskEventTypes,
  riskEventTypes_v2: p.riskEventTypes_v2,
  riskLevelAggregated: p.riskLevelAggregated,
  riskState: p.riskState,
  rngcStatus: p.rngcStatus,
  servicePrincipalCredentialThumbprint: p.servicePrincipalCredentialThumbprint,
  sessionLifetimePolicies: p.sessionLifetimePolicies,
  signInEventTypes: p.signInEventTypes,
  signInIdentifier: p.signInIdentifier,
  signInIdentifierType: p.signInIdentifierType,
  signInTokenProtectionStatus: p.signInTokenProtectionStatus,
  sourceAppClientId: p.sourceAppClientId,
  ssoExtensionVersion: p.ssoExtensionVersion,
  tokenIssuerName: p.tokenIssuerName,
  tokenIssuerType: p.tokenIssuerType,
  tokenProtectionStatusDetails: p.tokenProtectionStatusDetails,
  userType: p.userType,
});

const SIGN_IN_KNOWN: ReadonlySet<string> = new Set([...SIGN_IN_MAPPED, ...Object.keys(signInRest({}))]);

/** What of the `properties` of a sign-in has no place of its own in the event, as {@link unmappedOf} of the record. */
export function unmappedOfSignIn(properties: JsonObject): JsonObject {
  const rest = signInRest(properties);
  addUnknown(rest, properties, SIGN_IN_KNOWN);
  return rest;
}
