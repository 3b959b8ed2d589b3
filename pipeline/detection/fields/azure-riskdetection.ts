import type { SourceFields } from './source-fields.ts';

/**
 * What Entra ID Protection detects of users and workloads, and the states of risk that follow.
 * Sources: https://learn.microsoft.com/azure/azure-monitor/reference/tables/aaduserriskevents,
 * https://learn.microsoft.com/entra/id-protection/concept-identity-protection-risks
 */
export const AZURE_RISKDETECTION: SourceFields = {
  logsource: { product: 'azure', service: 'riskdetection' },
  known: {
    '': `
      time resourceId operationName operationVersion category tenantId resultType resultSignature resultDescription
      durationMs callerIpAddress correlationId identity level Level location properties`,
    properties: `
      id requestId correlationId riskType riskEventType riskState riskLevel riskDetail source detectionTimingType activity
      tokenIssuerType ipAddress location activityDateTime detectedDateTime lastUpdatedDateTime riskLastUpdatedDateTime
      userId userDisplayName userPrincipalName userType additionalInfo crossTenantAccessType homeTenantId resourceTenantId
      isDeleted isGuest isProcessing accountEnabled appId displayName servicePrincipalId servicePrincipalDisplayName
      servicePrincipalType keyIds mitreTechniqueId`,
    'properties.location': 'city state countryOrRegion geoCoordinates',
    'properties.location.geoCoordinates': 'latitude longitude altitude',
  },
  within: 'properties',
  single: 'operationName category',
  columns: '$table Type TenantId SourceSystem _ResourceId',
  aliases: [
    { names: 'riskEventType riskType', paths: 'properties.riskEventType properties.riskType' },
    { names: 'locationDetails', paths: 'properties.location' },
    { names: 'AADTenantId', paths: 'tenantId' },
    { names: 'TimeGenerated', paths: 'time' },
  ],
  operationNames: 'operationName',
  meanings: [
    // Defender for Cloud Apps finds it, and its name says so.
    { fields: 'riskEventType', text: 'impossibleTravel', is: { 'properties.riskEventType': 'mcasImpossibleTravel' } },
  ],
};
