import { expect, it } from 'vitest';
import { sampleIncident } from '../incidents/incident-samples.ts';
import { incidentTargets } from './incident-targets.ts';

const TENANT = '00000000-0000-4000-8000-00000000aaaa';
const OBJECT = '00000000-0000-4000-8000-0000000000a1';
const CLUSTER =
  '/subscriptions/00000000-0000-4000-8000-0000000005ab/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/shop';

const targetsOf = (...ids: string[]) =>
  incidentTargets(
    sampleIncident({
      principals: [],
      graph: { nodes: ids.map((id) => ({ id, label: id, kind: 'resource' as const })), edges: [] },
    }),
  );

it('takes what an incident names by the form of its keys, each once', () => {
  expect(
    targetsOf(
      ...[
        'ip:198.51.100.23',
        'ip:198.51.100.23',
        `entra-user:${TENANT}/${OBJECT}`,
        `entra-sp:${TENANT}/${OBJECT}`,
        `entra-app:${OBJECT}`,
      ],
      ...[
        'aws-key:AKIAEXAMPLE0000BACKUP',
        'aws-key:ASIAEXAMPLE0000BACKUP',
        'aws:arn:aws:iam::111122223333:user/ops/backup',
      ],
      ...[
        'aws:arn:aws:sts::111122223333:assumed-role/deploy/mara',
        'aws:arn:aws:iam::111122223333:role/deploy',
        'aws:arn:aws:s3:::bucket',
      ],
      ...[
        `k8s:${CLUSTER}:shop/pods/web-0`,
        `k8s:${CLUSTER}:/clusterrolebindings/metrics`,
        `k8s:${CLUSTER}:/nodes/node-1`,
      ],
      ...[`k8s-user:${CLUSTER}:system:serviceaccount:shop:default`, `arm:${CLUSTER}`],
    ),
  ).toEqual({
    addresses: ['198.51.100.23'],
    entraUsers: [{ tenant: TENANT, user: OBJECT }],
    servicePrincipals: [{ tenant: TENANT, servicePrincipal: OBJECT }],
    applications: [OBJECT],
    accessKeys: ['AKIAEXAMPLE0000BACKUP'],
    awsUsers: ['arn:aws:iam::111122223333:user/ops/backup'],
    awsRoles: ['arn:aws:iam::111122223333:role/deploy'],
    pods: [{ cluster: CLUSTER, namespace: 'shop', name: 'web-0' }],
    serviceAccounts: [{ cluster: CLUSTER, namespace: 'shop', name: 'default' }],
    roleBindings: [{ cluster: CLUSTER, namespace: '', name: 'metrics', resource: 'clusterrolebindings' }],
    nodes: [{ cluster: CLUSTER, name: 'node-1' }],
    azureResources: [CLUSTER],
  });
});

it('takes a role once, with its path where a key tells it', () => {
  const role = 'aws:arn:aws:iam::111122223333:role/ci/deploy';
  const session = 'aws:arn:aws:sts::111122223333:assumed-role/deploy/mara';
  const other = 'aws:arn:aws:iam::111122223333:role/ci/build';
  const awsRoles = ['arn:aws:iam::111122223333:role/ci/deploy', 'arn:aws:iam::111122223333:role/ci/build'];
  expect(targetsOf(role, session, other)).toMatchObject({ awsRoles });
  expect(targetsOf(session, role, session, other)).toMatchObject({ awsRoles });
});

it.each([
  'ip:0.0.0.0/0',
  'ip:evil',
  "entra-user:x'/y",
  'aws-key:AKIA',
  'k8s:c:shop/pods/a/b',
  'upn:ann@contoso.example',
  '__proto__',
])('takes nothing from %s', (key) => {
  expect(Object.values(targetsOf(key)).flat()).toEqual([]);
});
