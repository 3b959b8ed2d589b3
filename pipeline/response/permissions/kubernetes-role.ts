import { stringify } from 'yaml';
import type { NeededPermissions } from './needed-permissions.ts';

/** The ClusterRole for what is needed; undefined where nothing of Kubernetes is. */
export function clusterRole({ kubernetes }: NeededPermissions): object | undefined {
  if (kubernetes.length === 0) return undefined;
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'crosstrail-responder', labels: { 'app.kubernetes.io/part-of': 'crosstrail' } },
    rules: kubernetes,
  };
}

/** The same as `kubectl apply -f` takes it. */
export const clusterRoleYaml = (role: object): string =>
  stringify(role, { lineWidth: 0, aliasDuplicateObjects: false });
