import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../test/response/cluster-stage.ts';
import { NO_TARGETS, type IncidentTargets } from '../contract/incident-targets.ts';
import { kubernetesActions } from './actions.ts';

/** Each with one of a cluster that is not known. */
const TARGETS: IncidentTargets = {
  ...NO_TARGETS,
  pods: ['', CLUSTER].map((cluster) => ({ cluster, namespace: 'shop', name: 'cart-0' })),
  serviceAccounts: ['', CLUSTER].map((cluster) => ({ cluster, namespace: 'shop', name: 'deployer' })),
  roleBindings: [
    { cluster: '', namespace: 'shop', name: 'admins', resource: 'rolebindings' },
    { cluster: CLUSTER, namespace: 'shop', name: 'admins', resource: 'rolebindings' },
    { cluster: CLUSTER, namespace: '', name: 'Ops:admins', resource: 'clusterrolebindings' },
    { cluster: CLUSTER, namespace: '', name: 'x', resource: 'others' },
  ],
  nodes: ['', CLUSTER].map((cluster) => ({ cluster, name: 'aks-1' })),
};

const EXPECTED = {
  'k8s-isolate-pod': [{ cluster: CLUSTER, namespace: 'shop', pod: 'cart-0' }],
  'k8s-revoke-service-account-tokens': [{ cluster: CLUSTER, namespace: 'shop', name: 'deployer' }],
  'k8s-remove-role-binding-subject': [
    { cluster: CLUSTER, resource: 'rolebindings', namespace: 'shop', name: 'admins' },
    { cluster: CLUSTER, resource: 'clusterrolebindings', name: 'Ops:admins' },
  ],
  'k8s-cordon-node': [{ cluster: CLUSTER, name: 'aks-1' }],
};

describe('what an incident gives actions of Kubernetes', () => {
  it.each(Object.entries(EXPECTED))('%s takes what has a known cluster', (name, parameters) => {
    const action = kubernetesActions.find((one) => one.name === name);
    const given = action?.from?.(TARGETS) ?? [];
    expect(given).toEqual(parameters);
    expect(given.map((one) => action?.read(one))).toEqual(parameters);
    expect(action?.from?.(NO_TARGETS)).toEqual([]);
  });
});
