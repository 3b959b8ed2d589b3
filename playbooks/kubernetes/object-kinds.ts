import { z } from 'zod';
import { metadataSchema, type ObjectKind } from './cluster-client.ts';

const ownerReference = z.looseObject({ kind: z.string(), name: z.string(), controller: z.boolean().default(false) });

const pod = z.object({
  metadata: metadataSchema.extend({ ownerReferences: z.array(ownerReference).default([]) }),
  spec: z.object({ hostNetwork: z.boolean().default(false) }).prefault({}),
});
export type Pod = z.infer<typeof pod>;
export const PODS: ObjectKind<Pod> = { root: '/api/v1', resource: 'pods', schema: pod };

/** Who wrote which fields last. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
const fieldOwner = z.object({
  manager: z.string().default(''),
  fieldsV1: z.object({ 'f:spec': z.record(z.string(), z.unknown()).default({}) }).prefault({}),
});

const node = z.object({
  metadata: metadataSchema.extend({ managedFields: z.array(fieldOwner).default([]) }),
  spec: z.object({ unschedulable: z.boolean().default(false) }).prefault({}),
});
export type Node = z.infer<typeof node>;
export const NODES: ObjectKind<Node> = { root: '/api/v1', resource: 'nodes', schema: node };

const selector = z.object({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
});
export type Selector = z.infer<typeof selector>;

const networkPolicy = z.object({
  metadata: metadataSchema,
  spec: z
    .object({
      podSelector: selector.prefault({}),
      policyTypes: z.array(z.string()).default([]),
      ingress: z.array(z.unknown()).default([]),
      egress: z.array(z.unknown()).default([]),
    })
    .prefault({}),
});
export type NetworkPolicy = z.infer<typeof networkPolicy>;
export const NETWORK_POLICIES: ObjectKind<NetworkPolicy> = {
  root: '/apis/networking.k8s.io/v1',
  resource: 'networkpolicies',
  schema: networkPolicy,
};

/** Whom a binding gives a role. */
export const bindingSubject = z.object({
  apiGroup: z.string().optional(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional(),
});
export type BindingSubject = z.infer<typeof bindingSubject>;

const binding = z.object({
  metadata: metadataSchema,
  roleRef: z.object({ kind: z.string(), name: z.string() }),
  subjects: z.array(bindingSubject).default([]),
});
export type Binding = z.infer<typeof binding>;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
export const BINDINGS: Readonly<Record<'rolebindings' | 'clusterrolebindings', ObjectKind<Binding>>> = {
  rolebindings: { root: RBAC, resource: 'rolebindings', schema: binding },
  clusterrolebindings: { root: RBAC, resource: 'clusterrolebindings', schema: binding },
};

const serviceAccount = z.object({
  metadata: metadataSchema.extend({
    ownerReferences: z.array(z.record(z.string(), z.json())).default([]),
    finalizers: z.array(z.string()).default([]),
    deletionTimestamp: z.string().optional(),
  }),
  imagePullSecrets: z.array(z.object({ name: z.string() })).default([]),
  automountServiceAccountToken: z.boolean().optional(),
});
export type ServiceAccount = z.infer<typeof serviceAccount>;
export const SERVICE_ACCOUNTS: ObjectKind<ServiceAccount> = {
  root: '/api/v1',
  resource: 'serviceaccounts',
  schema: serviceAccount,
};

const secret = z.object({ metadata: metadataSchema });
export type Secret = z.infer<typeof secret>;
export const SECRETS: ObjectKind<Secret> = { root: '/api/v1', resource: 'secrets', schema: secret, onlyMetadata: true };
