import { AWS_ACCOUNT } from '../../local/demo/tenant.ts';
import { CLUSTER_IDENTITY, guid, KUBELET } from './company.ts';
import type { ClusterCall, DayMaker, DayRecord } from './day-maker.ts';

const HOUR = 3_600_000;
const NODES = [
  'aks-agentpool-11110000-vmss000000',
  'aks-agentpool-11110000-vmss000001',
  'aks-system-11110000-vmss000000',
];
const AUTHENTICATED = ['system:serviceaccounts', 'system:authenticated'];

const serviceAccount = (namespace: string, name: string) => ({
  user: `system:serviceaccount:${namespace}:${name}`,
  groups: [...AUTHENTICATED, `system:serviceaccounts:${namespace}`],
  ip: '10.244.1.7',
});

const ARGO = {
  ...serviceAccount('argocd', 'argocd-application-controller'),
  agent: 'argocd-application-controller/v3.2.0',
};
const CERTIFICATES = {
  ...serviceAccount('cert-manager', 'cert-manager'),
  agent: 'cert-manager-certificates/v1.19.1 (linux/amd64)',
};
const SECRETS = {
  ...serviceAccount('external-secrets', 'external-secrets'),
  agent: 'external-secrets/v0.20.0 (linux/amd64)',
};
const METRICS = { ...serviceAccount('monitoring', 'prometheus'), agent: 'Prometheus/3.7.1' };
const VAULT = { ...serviceAccount('vault', 'vault'), agent: 'vault/1.21.0' };

/** What goes on in a cluster all day without anybody: one call of a controller, a node or a component of AKS. */
export function controllers(make: DayMaker, time: number): DayRecord[] {
  const { random } = make;
  const node = NODES[random.below(NODES.length)] ?? '';
  const kubelet = {
    user: `system:node:${node}`,
    groups: ['system:nodes', 'system:authenticated'],
    ip: '10.224.0.4',
    agent: 'kubelet/v1.34.1 (linux/amd64) kubernetes/0000000',
  };
  const pod = `web-${random.below(6)}`;
  const kube = (name: string) => ({
    ...serviceAccount('kube-system', name),
    agent: `kube-controller-manager/v1.34.1 (linux/amd64) kubernetes/0000000/${name}`,
  });
  const calls: readonly [ClusterCall, ...ClusterCall[]] = [
    {
      ...kubelet,
      verb: 'update',
      resource: 'leases',
      group: 'coordination.k8s.io',
      namespace: 'kube-node-lease',
      name: node,
    },
    { ...kubelet, verb: 'patch', resource: 'nodes/status', name: node },
    { ...kubelet, verb: 'create', resource: 'serviceaccounts/token', namespace: 'shop', name: 'web' },
    { ...kubelet, verb: 'get', resource: 'secrets', namespace: 'shop', name: 'web-settings' },
    { ...kubelet, verb: 'patch', resource: 'pods/status', namespace: 'shop', name: pod },
    { ...kube('replicaset-controller'), verb: 'create', resource: 'pods', namespace: 'shop' },
    {
      ...kube('endpointslice-controller'),
      verb: 'update',
      resource: 'endpointslices',
      group: 'discovery.k8s.io',
      namespace: 'shop',
      name: 'web',
    },
    { ...kube('generic-garbage-collector'), verb: 'delete', resource: 'pods', namespace: 'shop', name: pod },
    {
      ...kube('horizontal-pod-autoscaler'),
      verb: 'update',
      resource: 'deployments/scale',
      group: 'apps',
      namespace: 'shop',
      name: 'web',
    },
    {
      user: 'system:kube-scheduler',
      agent: 'kube-scheduler/v1.34.1 (linux/amd64) kubernetes/0000000/scheduler',
      verb: 'create',
      resource: 'pods/binding',
      namespace: 'shop',
      name: pod,
    },
    {
      user: 'system:kube-controller-manager',
      agent: 'kube-controller-manager/v1.34.1 (linux/amd64) kubernetes/0000000',
      verb: 'watch',
      resource: 'secrets',
      query: 'watch=true',
    },
    {
      user: 'aksService',
      groups: ['system:masters', 'system:authenticated'],
      agent: 'Go-http-client/2.0',
      verb: 'list',
      resource: 'nodes',
    },
    {
      user: 'hcpService',
      groups: ['system:masters', 'system:authenticated'],
      agent: 'Go-http-client/2.0',
      verb: 'get',
      resource: 'configmaps',
      namespace: 'kube-system',
      name: 'extension-apiserver-authentication',
    },
    { ...ARGO, verb: 'get', resource: 'deployments', group: 'apps', namespace: 'shop', name: 'web' },
    { ...ARGO, verb: 'patch', resource: 'configmaps', namespace: 'shop', name: 'shop-settings' },
    { ...ARGO, verb: 'watch', resource: 'secrets', query: 'watch=true' },
    { ...CERTIFICATES, verb: 'update', resource: 'secrets', namespace: 'ingress', name: 'shop-tls' },
    { ...CERTIFICATES, verb: 'watch', resource: 'secrets', query: 'watch=true' },
    { ...SECRETS, verb: 'update', resource: 'secrets', namespace: 'shop', name: 'database' },
    { ...SECRETS, verb: 'list', resource: 'secrets' },
    { ...METRICS, verb: 'list', resource: 'pods' },
    { ...METRICS, verb: 'get', resource: 'nodes/metrics', name: node },
    { ...VAULT, verb: 'create', resource: 'serviceaccounts/token', namespace: 'shop', name: 'worker' },
    {
      user: 'readinessChecker',
      groups: ['system:authenticated'],
      agent: 'Go-http-client/2.0',
      verb: 'get',
      resource: 'namespaces',
      name: 'default',
    },
  ];
  const call = random.pick(calls);
  return [make.cluster(time, call)];
}

/** A service of the cluster gets its load balancer: the cloud provider opens the service's port, which is no web server's. */
export function loadBalancer(make: DayMaker, start: number): DayRecord[] {
  const time = start + 11 * HOUR;
  const rule = {
    access: 'Allow',
    direction: 'Inbound',
    protocol: 'Tcp',
    sourceAddressPrefix: 'Internet',
    sourcePortRange: '*',
    destinationAddressPrefix: '203.0.113.230',
    destinationPortRange: '8883',
    priority: 500,
  };
  const group = 'Microsoft.Network/networkSecurityGroups/aks-agentpool-nsg';
  return [
    ...make.azure(
      time,
      CLUSTER_IDENTITY,
      'Microsoft.Network/publicIPAddresses/write',
      'Microsoft.Network/publicIPAddresses/kubernetes-mqtt',
    ),
    ...make.azure(
      time + 8000,
      CLUSTER_IDENTITY,
      'Microsoft.Network/loadBalancers/write',
      'Microsoft.Network/loadBalancers/kubernetes',
    ),
    ...make.azure(
      time + 15_000,
      CLUSTER_IDENTITY,
      'Microsoft.Network/networkSecurityGroups/securityRules/write',
      `${group}/securityRules/mqtt`,
      {
        requestbody: JSON.stringify({ properties: rule }),
      },
    ),
  ];
}

/** The cluster's node pool grows and shrinks by itself; nodes take their tokens. */
export function nodePool(make: DayMaker, time: number): DayRecord[] {
  return [
    ...make.azure(
      time,
      CLUSTER_IDENTITY,
      'Microsoft.Compute/virtualMachineScaleSets/write',
      'Microsoft.Compute/virtualMachineScaleSets/aks-agentpool-11110000-vmss',
    ),
    make.workloadSignIn(time + 60_000, KUBELET, 'Azure Container Registry'),
  ];
}

/** Every hour the operator of secrets reads all that the shop needs from AWS, by the token of its service account. */
export function secretsFetched(make: DayMaker, start: number): DayRecord[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const time = start + hour * HOUR + 4 * 60_000;
    const issuer = `northeurope.oic.prod-aks.azure.com/${guid(0xc0de)}/${guid(0xaa5)}/`;
    const subject = 'system:serviceaccount:external-secrets:external-secrets';
    const from = { issuer, audience: 'sts.amazonaws.com', subject, ip: '203.0.113.231' };
    const { record, opened } = make.webIdentity(time, from, 'secrets-reader', 'external-secrets');
    const reads = Array.from({ length: 12 }, (_, n) =>
      make.aws(time + 2000 + n * 150, opened, from.ip, {
        service: 'secretsmanager',
        name: 'GetSecretValue',
        request: { secretId: `arn:aws:secretsmanager:eu-north-1:${AWS_ACCOUNT}:secret:shop/${n}` },
      }),
    );
    return [record, ...reads];
  }).flat();
}
