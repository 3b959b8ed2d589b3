import type { SourceFields } from './source-fields.ts';

/**
 * Findings of Security Hub in AWS Security Finding Format (capitalised) and in OCSF (with underscores), and of Inspector itself. What a product, a resource or a
 * kind of finding has of its own is open.
 * Sources: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html,
 * https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html, https://schema.ocsf.io/1.8.0/categories/findings
 */
export const AWS_SECURITYHUB: SourceFields = {
  logsource: { product: 'aws', service: 'securityhub' },
  known: {
    '': `
      Action.* AwsAccountId AwsAccountName CompanyName Compliance Confidence CreatedAt Criticality Description Detection.*
      FindingProviderFields.* FirstObservedAt GeneratorDetails.* GeneratorId Id LastObservedAt Malware.* Network.*
      NetworkPath.* Note PatchSummary.* Process.* ProcessedAt ProductArn ProductFields.* ProductName RecordState Region
      RelatedFindings.* Remediation.* Resources.* Sample SchemaVersion Severity SourceUrl ThreatIntelIndicators.* Threats.*
      Title Types UpdatedAt UserDefinedFields.* VerificationState Vulnerabilities.* Workflow WorkflowState
      awsAccountId codeVulnerabilityDetails.* description epss exploitAvailable exploitabilityDetails.* findingArn
      firstObservedAt fixAvailable inspectorScore inspectorScoreDetails.* lastObservedAt networkReachabilityDetails.*
      packageVulnerabilityDetails.* remediation.* resources.* severity status title type updatedAt
      activity_id activity_name category_name category_uid class_name class_uid cloud.* comment compliance.* confidence
      confidence_id confidence_score count end_time evidences.* finding_info.* is_alert message metadata.* severity_id
      start_time status_code status_detail status_id time time_dt type_name type_uid vendor_attributes.* vulnerabilities.*`,
    Compliance: `
      AssociatedStandards.* RelatedRequirements SecurityControlId SecurityControlParameters.* Status StatusReasons.*`,
    Note: 'Text UpdatedBy UpdatedAt',
    Severity: 'Label Normalized Original Product',
    Workflow: 'Status',
    epss: 'score',
  },
  single: 'Id ProductArn RecordState Severity.Label Workflow.Status findingArn severity_id status_id class_uid',
};
