import type { SourceFields } from './source-fields.ts';

/**
 * Defender for Cloud: alerts, which are capitalised, and assessments with their single findings, which have the names of the Azure API. What entities, extended
 * properties and scanners say is open: each kind has its own.
 * Sources: https://learn.microsoft.com/azure/defender-for-cloud/alerts-schemas,
 * https://learn.microsoft.com/rest/api/defenderforcloud/assessments/get, https://learn.microsoft.com/rest/api/defenderforcloud/sub-assessments/get
 */
export const AZURE_DEFENDERFORCLOUD: SourceFields = {
  logsource: { product: 'azure', service: 'defenderforcloud' },
  known: {
    '': `
      VendorName AlertType ProductName ProductComponentName StartTimeUtc EndTimeUtc TimeGenerated ProcessingEndTime Severity Status
      ProviderAlertStatus ConfidenceLevel ConfidenceScore ConfidenceReasons IsIncident SystemAlertId CorrelationKey Intent
      Techniques SubTechniques AzureResourceId WorkspaceId WorkspaceSubscriptionId WorkspaceResourceGroup AgentId
      CompromisedEntity AlertDisplayName Description Entities.* ExtendedLinks.* ExtendedProperties.* RemediationSteps
      ResourceIdentifiers.* AlertUri
      id name type kind location tags.* tenantId properties assessmentEventDataEnrichment subAssessmentEventDataEnrichment
      securityEventDataEnrichment`,
    properties: `
      additionalData.* category description displayName id impact links.* metadata partnersData.* remediation
      resourceDetails risk.* status timeGenerated`,
    'properties.metadata': `
      displayName assessmentType policyDefinitionId description remediationDescription categories severity userImpact
      implementationEffort threats preview partnerData.* tactics techniques plannedDeprecationDate publishDates.*`,
    'properties.resourceDetails': `
      source id resourceId resourceName resourceType resourceProvider nativeResourceId nativeCloudUniqueIdentifier
      connectorId workspaceId vmuuid sourceComputerId machineName serverName databaseName`,
    'properties.status': 'code cause description severity statusChangeDate firstEvaluationDate',
    assessmentEventDataEnrichment: 'action apiVersion isSnapshot',
    subAssessmentEventDataEnrichment: 'action apiVersion isSnapshot',
    securityEventDataEnrichment: 'action apiVersion isSnapshot interval',
  },
  single: 'SystemAlertId AlertType Severity Status id type properties.status.code',
};
