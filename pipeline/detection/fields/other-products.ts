import type { SourceFields } from './source-fields.ts';

/** Records that no source reads yet, which rules see as they are. What fields they have is not stated here: only other names. */

/** Source: https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog */
const GCP_AUDIT: SourceFields = {
  logsource: { product: 'gcp', service: 'gcp.audit' },
  aliases: [
    { names: 'gcp.audit.method_name', paths: 'protoPayload.methodName data.protoPayload.methodName' },
    { names: 'gcp.audit.service_name', paths: 'protoPayload.serviceName data.protoPayload.serviceName' },
    { names: 'gcp.audit.resource_name', paths: 'protoPayload.resourceName data.protoPayload.resourceName' },
    { names: 'data.protoPayload.methodName', paths: 'protoPayload.methodName' },
    { names: 'data.protoPayload.serviceName', paths: 'protoPayload.serviceName' },
    { names: 'data.protoPayload.authorizationInfo.permission', paths: 'protoPayload.authorizationInfo.permission' },
    { names: 'data.protoPayload.authorizationInfo.granted', paths: 'protoPayload.authorizationInfo.granted' },
    { names: 'data.protoPayload.resource.type', paths: 'resource.type data.resource.type' },
    { names: 'data.protoPayload.logName', paths: 'logName data.logName' },
  ],
  meanings: [
    // The name of a log begins with that of its project.
    { fields: 'data.protoPayload.logName', is: (text) => ({ 'logName|endswith': `/${text}` }) },
  ],
};

/** Source: https://cloud.google.com/logging/docs/audit/gsuite-audit-logging */
const GOOGLE_WORKSPACE_ADMIN: SourceFields = {
  logsource: { product: 'gcp', service: 'google_workspace.admin' },
  aliases: [
    { names: 'eventService', paths: 'protoPayload.serviceName' },
    { names: 'eventName', paths: 'protoPayload.metadata.event.eventName events.name' },
    { names: 'setting_name new_value', paths: 'protoPayload.metadata.event.parameter.value events.parameters.value' },
  ],
};

const GOOGLE_WORKSPACE_LOGIN: SourceFields = {
  logsource: { product: 'gcp', service: 'google_workspace.login' },
  aliases: [{ names: 'protoPayload.serviceName', paths: 'protoPayload.serviceName' }],
};

/** Source: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema */
const M365: readonly SourceFields[] = ['audit', 'exchange', 'threat_detection', 'threat_management'].map((service) => ({
  logsource: { product: 'm365', service },
  aliases: [
    { names: 'eventSource', paths: 'Workload' },
    { names: 'eventName', paths: 'Operation Name' },
    { names: 'status', paths: 'ResultStatus Status' },
  ],
  meanings: [{ fields: 'status', text: 'Success', is: { ResultStatus: ['Succeeded', 'True'] } }],
}));

export const OTHER_PRODUCTS: readonly SourceFields[] = [
  GCP_AUDIT,
  GOOGLE_WORKSPACE_ADMIN,
  GOOGLE_WORKSPACE_LOGIN,
  ...M365,
];
