import type { JsonObject } from '../../../platform/json.ts';
import type { NetworkPolicy, Selector } from '../object-kinds.ts';

/** The label that a quarantined pod has in place of its own; its value is the pod's uid. */
export const QUARANTINE = 'crosstrail-quarantine';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const OWNER = 'crosstrail';

/** The name of the policy of one pod: no other pod ever has the uid. */
export const policyName = (uid: string): string => `crosstrail-quarantine-${uid}`;

/** A policy that lets one quarantined pod neither be called nor call. */
export const quarantinePolicy = (namespace: string, uid: string): JsonObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: policyName(uid), namespace, labels: { [MANAGED_BY]: OWNER } },
  spec: { podSelector: { matchLabels: { [QUARANTINE]: uid } }, policyTypes: ['Ingress', 'Egress'] },
});

/** Whether Crosstrail made it. */
export const isOurs = ({ metadata }: NetworkPolicy): boolean => metadata.labels[MANAGED_BY] === OWNER;

/** Whether it is as {@link quarantinePolicy} made it. */
export function isQuarantine(policy: NetworkPolicy, uid: string): boolean {
  const { podSelector, policyTypes, ingress, egress } = policy.spec;
  const { matchLabels, matchExpressions } = podSelector;
  return (
    isOurs(policy) &&
    matchLabels[QUARANTINE] === uid &&
    Object.keys(matchLabels).length === 1 &&
    matchExpressions.length + ingress.length + egress.length === 0 &&
    policyTypes.includes('Ingress') &&
    policyTypes.includes('Egress')
  );
}

/**
 * Names of the policies that still let something through to or from a pod with these labels: policies add up, so what one of them allows is allowed.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
 */
export const outweighing = (
  policies: readonly NetworkPolicy[],
  labels: Readonly<Record<string, string>>,
): readonly string[] =>
  policies
    .filter(
      ({ spec: { podSelector, ingress, egress } }) =>
        ingress.length + egress.length > 0 && selects(podSelector, labels),
    )
    .map(({ metadata }) => metadata.name);

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
function selects({ matchLabels, matchExpressions }: Selector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
  return (
    equal &&
    matchExpressions.every(({ key, operator, values }) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value);
        case 'NotIn':
          return value === undefined || !values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
        default:
          // An operator that is not known may select: better one warning too many.
          return true;
      }
    })
  );
}
