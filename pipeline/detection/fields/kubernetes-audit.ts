import type { SourceFields } from './source-fields.ts';

/** Where the specification of a pod stands: in a pod, in what makes pods of a template, and in a cron job. */
const POD_SPECS = [
  'requestObject.spec',
  'requestObject.spec.template.spec',
  'requestObject.spec.jobTemplate.spec.template.spec',
];
const CONTAINERS = POD_SPECS.flatMap((spec) =>
  ['containers', 'initContainers', 'ephemeralContainers'].map((list) => `${spec}.${list}`),
);

/**
 * The audit log of Kubernetes, and the lines of guard on AKS.
 * Source: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
export const KUBERNETES_AUDIT: SourceFields = {
  logsource: { category: 'application', product: 'kubernetes', service: 'audit' },
  known: {
    '': `
      kind apiVersion metadata.* level timestamp auditID stage requestURI verb user impersonatedUser
      authenticationMetadata.* sourceIPs userAgent objectRef responseStatus requestObject.* responseObject.*
      requestReceivedTimestamp stageTimestamp annotations.*
      log pod category stream containerID time resourceId`,
    user: 'username uid groups extra.*',
    impersonatedUser: 'username uid groups extra.*',
    objectRef: 'resource namespace name uid apiGroup apiVersion resourceVersion subresource',
    responseStatus: 'kind apiVersion metadata.* status message reason details.* code',
  },
  single:
    'auditID stage verb requestURI user.username objectRef.resource objectRef.subresource objectRef.namespace objectRef.apiGroup',
  within: 'objectRef user',
  aliases: [
    {
      names: 'hostPath',
      paths: POD_SPECS.map((spec) => `${spec}.volumes.hostPath ${spec}.volumes.hostPath.path`).join(' '),
    },
    { names: 'capabilities', paths: CONTAINERS.map((list) => `${list}.securityContext.capabilities`).join(' ') },
  ],
  meanings: [
    // A status is a number; whether the caller may stands among the annotations.
    {
      fields: 'responseStatus.code',
      text: 'ALLOW',
      is: { 'annotations.authorization.k8s.io/decision': 'allow' },
    },
  ],
};
