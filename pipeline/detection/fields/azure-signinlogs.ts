import type { Meaning, SourceFields } from './source-fields.ts';

const failedWith = (code: number, text: string): Meaning => ({
  fields: 'resultDescription',
  text,
  is: { resultType: code },
});

/**
 * Sign-ins to Entra: of users, interactive or not, of service principals and of managed identities. Rules name the fields after
 * the columns of the table SigninLogs or after the portal's list.
 * Sources: https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs,
 * https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const AZURE_SIGNINLOGS: SourceFields = {
  logsource: { product: 'azure', service: 'signinlogs' },
  known: {
    '': `
      time resourceId operationName operationVersion category tenantId resultType resultSignature resultDescription
      durationMs callerIpAddress correlationId identity level Level location properties`,
    properties: `
      id createdDateTime userDisplayName userPrincipalName userId userType appId appDisplayName appOwnerTenantId
      appServicePrincipalId ipAddress ipAddressFromResourceProvider status clientAppUsed userAgent deviceDetail location
      mfaDetail correlationId conditionalAccessStatus conditionalAccessAudiences.* appliedConditionalAccessPolicies
      appliedEventListeners.* authenticationContextClassReferences.* originalRequestId isInteractive isRisky
      tokenIssuerName tokenIssuerType authenticationProcessingDetails networkLocationDetails clientCredentialType
      processingTimeInMilliseconds riskDetail riskLevelAggregated riskLevelDuringSignIn riskState riskEventTypes
      riskEventTypes_v2 resourceDisplayName resourceId resourceTenantId resourceOwnerTenantId homeTenantId homeTenantName
      tenantId resourceServicePrincipalId authenticationDetails authenticationMethodsUsed
      authenticationRequirementPolicies.* sessionLifetimePolicies.* authenticationRequirement
      authenticationAppDeviceDetails.* authenticationAppPolicyEvaluationDetails.* alternateSignInName signInIdentifier
      signInIdentifierType signInEventTypes servicePrincipalId servicePrincipalName servicePrincipalCredentialKeyId
      servicePrincipalCredentialThumbprint federatedCredentialId managedServiceIdentity agent.* flaggedForReview
      isTenantRestricted autonomousSystemNumber crossTenantAccessType privateLinkDetails.* ssoExtensionVersion
      uniqueTokenIdentifier authenticationStrengths.* incomingTokenType authenticationProtocol rngcStatus
      signInTokenProtectionStatus tokenProtectionStatusDetails originalTransferMethod isThroughGlobalSecureAccess
      globalSecureAccessIpAddress sessionId sourceAppClientId result resource resourceGroup sourceSystem`,
    'properties.status': 'errorCode failureReason additionalDetails',
    'properties.deviceDetail': `
      deviceId displayName operatingSystem browser browserId isCompliant isManaged trustType`,
    'properties.location': 'city state countryOrRegion geoCoordinates',
    'properties.location.geoCoordinates': 'latitude longitude altitude',
    'properties.mfaDetail': 'authMethod authDetail',
    'properties.appliedConditionalAccessPolicies': `
      id displayName enforcedGrantControls enforcedSessionControls result conditionsSatisfied conditionsNotSatisfied
      includeRulesSatisfied.* excludeRulesSatisfied.* sessionControlsNotSatisfied authenticationStrength.*`,
    'properties.authenticationDetails': `
      authenticationStepDateTime authenticationMethod authenticationMethodDetail succeeded authenticationStepResultDetail
      authenticationStepRequirement StatusSequence RequestSequence`,
    'properties.authenticationProcessingDetails': 'key value',
    'properties.networkLocationDetails': 'networkType networkNames',
    'properties.managedServiceIdentity': 'msiType associatedResourceId federatedTokenId federatedTokenIssuer',
    'properties.tokenProtectionStatusDetails': 'signInSessionStatus signInSessionStatusCode',
  },
  within: 'properties',
  single: 'operationName category',
  columns: '$table Type TenantId SourceSystem _ResourceId Resource ResourceGroup ResourceProvider AdditionalDetails',
  aliases: [
    { names: 'resultType errorCode', paths: 'resultType properties.status.errorCode' },
    { names: 'resultDescription failureReason', paths: 'resultDescription properties.status.failureReason' },
    {
      names: 'status',
      paths: 'resultSignature properties.status.failureReason properties.status.additionalDetails',
    },
    { names: 'activityDetails activity', paths: 'operationName' },
    { names: 'clientApp', paths: 'properties.clientAppUsed' },
    { names: 'username user UPN', paths: 'properties.userPrincipalName' },
    { names: 'properties.message', paths: 'properties.authenticationProtocol' },
    { names: 'locationDetails', paths: 'properties.location' },
    { names: 'conditionalAccessPolicies', paths: 'properties.appliedConditionalAccessPolicies' },
    { names: 'resourceIdentity', paths: 'properties.resourceId' },
    { names: 'processingTimeInMs', paths: 'properties.processingTimeInMilliseconds' },
    { names: 'AADTenantId', paths: 'tenantId' },
    { names: 'TimeGenerated', paths: 'time properties.createdDateTime' },
  ],
  operationNames: 'operationName',
  meanings: [
    // The portal's status: what the log has is the error's code, 0 where there was none.
    { fields: 'status', text: 'Success', is: { resultType: 0 } },
    { fields: 'status resultDescription', text: 'Failure', is: { 'resultType|re': '^[1-9]' } },
    // The description goes with the code and is worded anew from time to time; rules quote it, or the code's name.
    failedWith(50053, 'Account is locked'),
    failedWith(50057, 'User account is disabled. The account has been disabled by an administrator.'),
    failedWith(50074, 'Strong Auth required'),
    failedWith(50097, 'Device authentication is required'),
    failedWith(50155, 'DeviceAuthenticationFailed'),
    failedWith(50158, 'ExternalSecurityChallenge - External security challenge was not satisfied'),
    failedWith(53003, 'Blocked by Conditional Access'),
    failedWith(500121, 'Authentication failed during strong authentication request'),
    { fields: 'properties.message', text: 'Device Code', is: { 'properties.authenticationProtocol': 'deviceCode' } },
    { fields: 'activityDetails', text: 'Sign-ins', is: { operationName: 'Sign-in activity' } },
    { fields: 'networkLocationDetails', text: '[]', is: { 'properties.networkLocationDetails': null } },
    { fields: 'clientApp', text: 'Other client', is: { 'properties.clientAppUsed': 'Other clients' } },
    { fields: 'clientApp', text: 'IMAP', is: { 'properties.clientAppUsed': 'IMAP4' } },
    { fields: 'clientApp', text: 'POP3', is: { 'properties.clientAppUsed': 'POP' } },
    { fields: 'clientApp', text: 'MAPI', is: { 'properties.clientAppUsed': 'MAPI Over HTTP' } },
    { fields: 'clientApp', text: 'SMTP', is: { 'properties.clientAppUsed': 'Authenticated SMTP' } },
    // The guide writes UPN where a person's is meant.
    { fields: 'username', text: 'UPN', is: { 'properties.userPrincipalName': '?*' } },
  ],
};
