/** What an incident gives actions to act on: plain data, in order of first being met, each once. Taken from its own keys, never from text of records. */
export interface IncidentTargets {
  /** Addresses that its alerts' events came from, in canonical text. */
  readonly addresses: readonly string[];
  readonly entraUsers: readonly { readonly tenant: string; readonly user: string }[];
  readonly servicePrincipals: readonly { readonly tenant: string; readonly servicePrincipal: string }[];
  /** Client ids. */
  readonly applications: readonly string[];
  /** Ids of access keys that do not end by themselves (`AKIA…`). */
  readonly accessKeys: readonly string[];
  /** ARNs. */
  readonly awsUsers: readonly string[];
  readonly awsRoles: readonly string[];
  /** ARM ids of clusters in lower case, as keys of Kubernetes objects have them; empty where unknown. */
  readonly pods: readonly KubernetesObject[];
  readonly serviceAccounts: readonly KubernetesObject[];
  /** Bindings of roles, with the resource they are of: `rolebindings` or `clusterrolebindings`. */
  readonly roleBindings: readonly (KubernetesObject & { readonly resource: string })[];
  readonly nodes: readonly { readonly cluster: string; readonly name: string }[];
  /** ARM ids, in lower case. */
  readonly azureResources: readonly string[];
}

export interface KubernetesObject {
  readonly cluster: string;
  /** Empty for what has none. */
  readonly namespace: string;
  readonly name: string;
}

/** What an incident gives that names nothing to act on. */
export const NO_TARGETS: IncidentTargets = {
  addresses: [],
  entraUsers: [],
  servicePrincipals: [],
  applications: [],
  accessKeys: [],
  awsUsers: [],
  awsRoles: [],
  pods: [],
  serviceAccounts: [],
  roleBindings: [],
  nodes: [],
  azureResources: [],
};
