/** Statements of an IAM policy that allow. */
export interface AwsStatement {
  readonly actions: readonly string[];
  /** ARNs, with `*` where an account or a name stands. */
  readonly resources: readonly string[];
}

/** A rule of a Kubernetes ClusterRole. */
export interface KubernetesRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** The least that an action needs, as data: documentation, role definitions and probes are made of it. */
export interface Permissions {
  /** Actions of Azure RBAC. */
  readonly azure?: readonly string[] | undefined;
  /** Application permissions of Microsoft Graph. */
  readonly graph?: readonly string[] | undefined;
  readonly aws?: readonly AwsStatement[] | undefined;
  readonly kubernetes?: readonly KubernetesRule[] | undefined;
  /** Permissions of Google Cloud IAM. */
  readonly gcp?: readonly string[] | undefined;
  /** Of other services, in their own words: `Jira: Create issues in the project`. */
  readonly others?: readonly string[] | undefined;
  /** What to know before giving them, in a sentence each: what they would also allow. */
  readonly notes?: readonly string[] | undefined;
}
