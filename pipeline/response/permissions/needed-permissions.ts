import type { Action } from '../../../playbooks/contract/action.ts';
import type { AwsStatement, KubernetesRule } from '../../../playbooks/contract/permissions.ts';

/** What several actions need together: each once, in order of name. */
export interface NeededPermissions {
  readonly azure: readonly string[];
  readonly graph: readonly string[];
  /** One statement for each set of resources. */
  readonly aws: readonly AwsStatement[];
  /** One rule for each group and resource. */
  readonly kubernetes: readonly KubernetesRule[];
  readonly gcp: readonly string[];
  readonly others: readonly string[];
  readonly notes: readonly string[];
}

/** The least that all of some actions need; does not depend on their order. */
export function neededPermissions(actions: readonly Pick<Action, 'permissions'>[]): NeededPermissions {
  const all = actions.map(({ permissions }) => permissions);
  return {
    azure: sorted(all.flatMap(({ azure = [] }) => azure)),
    graph: sorted(all.flatMap(({ graph = [] }) => graph)),
    aws: statements(all.flatMap(({ aws = [] }) => aws)),
    kubernetes: rules(all.flatMap(({ kubernetes = [] }) => kubernetes)),
    gcp: sorted(all.flatMap(({ gcp = [] }) => gcp)),
    others: sorted(all.flatMap(({ others = [] }) => others)),
    notes: sorted(all.flatMap(({ notes = [] }) => notes)),
  };
}

const sorted = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort();

function statements(all: readonly AwsStatement[]): readonly AwsStatement[] {
  return grouped(
    all.map(({ actions, resources }) => ({ key: sorted(resources), values: actions })),
    (resources, actions) => ({ actions, resources }),
  );
}

function rules(all: readonly KubernetesRule[]): readonly KubernetesRule[] {
  const single = all.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.map((resource) => ({ key: [group, resource], values: verbs }))),
  );
  return grouped(single, ([group = '', resource = ''], verbs) => ({
    apiGroups: [group],
    resources: [resource],
    verbs,
  }));
}

/** Values that have the same key, together; in order of key. */
function grouped<T>(
  parts: readonly { readonly key: readonly string[]; readonly values: readonly string[] }[],
  make: (key: readonly string[], values: readonly string[]) => T,
): readonly T[] {
  const byKey = new Map<string, string[]>();
  for (const { key, values } of parts) {
    const name = JSON.stringify(key);
    byKey.set(name, [...(byKey.get(name) ?? []), ...values]);
  }
  const keys = new Map(parts.map(({ key }) => [JSON.stringify(key), key]));
  return [...byKey]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => make(keys.get(name) ?? [], sorted(values)));
}
