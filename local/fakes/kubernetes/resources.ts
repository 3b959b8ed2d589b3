/** A kind of objects that the fake has. */
export interface ResourceKind {
  /** `/api/v1`, or `/apis/<group>/<version>`. */
  readonly root: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const CORE = '/api/v1';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

export const RESOURCES: readonly ResourceKind[] = [
  { root: CORE, resource: 'pods', kind: 'Pod', namespaced: true },
  { root: CORE, resource: 'secrets', kind: 'Secret', namespaced: true },
  { root: CORE, resource: 'serviceaccounts', kind: 'ServiceAccount', namespaced: true },
  { root: CORE, resource: 'nodes', kind: 'Node', namespaced: false },
  { root: '/apis/apps/v1', resource: 'replicasets', kind: 'ReplicaSet', namespaced: true },
  { root: '/apis/networking.k8s.io/v1', resource: 'networkpolicies', kind: 'NetworkPolicy', namespaced: true },
  { root: RBAC, resource: 'rolebindings', kind: 'RoleBinding', namespaced: true },
  { root: RBAC, resource: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false },
];

/** What a path is about. */
export interface Place {
  readonly of: ResourceKind;
  /** Empty for what has none, and for lists of all namespaces. */
  readonly namespace: string;
  /** Empty for the list. */
  readonly name: string;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export function placeOf(path: string): Place | undefined {
  for (const of of RESOURCES) {
    if (!path.startsWith(`${of.root}/`)) continue;
    const parts = path.slice(of.root.length + 1).split('/');
    const inNamespace = parts[0] === 'namespaces' && parts.length > 2;
    const [resource, name = '', ...rest] = inNamespace ? parts.slice(2) : parts;
    if (resource !== of.resource || rest.length > 0) continue;
    return { of, namespace: inNamespace ? (parts[1] ?? '') : '', name };
  }
  return undefined;
}
