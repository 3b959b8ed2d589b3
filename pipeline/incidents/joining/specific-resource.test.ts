import { describe, expect, it } from 'vitest';
import type { EntityKind } from '../../timeline/entity.ts';
import { armKey, arnKey, entraObjectKey, ipKey, kubernetesObjectKey } from '../../timeline/entity-keys.ts';
import { clusterOf, specificResource } from './specific-resource.ts';

const GROUP = '/subscriptions/s/resourcegroups/g';
const CLUSTER = `${GROUP}/providers/microsoft.containerservice/managedclusters/shop`;
const specific = (key: string, kind: EntityKind = 'resource') => specificResource({ kind, key, part: 'target' });
const arn = (text: string): string => arnKey(`arn:aws:${text}`);

describe('what alerts are joined by as a resource', () => {
  it.each([
    [armKey(`${GROUP}/providers/p/t/n`), armKey(`${GROUP}/providers/p/t/n`)],
    [armKey(`${GROUP}/providers/p/t/n/sub/x/providers/q/u/m`), armKey(`${GROUP}/providers/p/t/n`)],
    [
      armKey(
        '/providers/microsoft.management/managementgroups/all/providers/microsoft.authorization/roleassignments/x',
      ),
      armKey(
        '/providers/microsoft.management/managementgroups/all/providers/microsoft.authorization/roleassignments/x',
      ),
    ],
    [kubernetesObjectKey(CLUSTER, 'shop/pods/web-0'), kubernetesObjectKey(CLUSTER, 'shop/pods/web-0')],
    [kubernetesObjectKey(CLUSTER, '/clusterrolebindings/x'), kubernetesObjectKey(CLUSTER, '/clusterrolebindings/x')],
    [entraObjectKey('t', 'o'), entraObjectKey('t', 'o')],
    [arn('s3:::logs/2026/x'), arn('s3:::logs')],
    [arn('ec2:eu-central-1::snapshot/snap-1'), 'ec2:snapshot/snap-1'],
    [arn('ec2:eu-central-1:111122223333:snapshot/snap-1'), 'ec2:snapshot/snap-1'],
    [arn('iam::111122223333:policy/x'), arn('iam::111122223333:policy/x')],
    [arn('lambda:eu-central-1:111122223333:function:x'), arn('lambda:eu-central-1:111122223333:function:x')],
  ])('%s: %s', (key, id) => {
    expect(specific(key)).toBe(id);
  });

  it.each([
    armKey('/subscriptions/s'),
    armKey(GROUP),
    armKey(`${GROUP}/providers/p/t`),
    armKey('/providers/microsoft.management/managementgroups/all'),
    armKey(CLUSTER),
    armKey(`${CLUSTER}/agentpools/x`),
    kubernetesObjectKey(CLUSTER, ''),
    kubernetesObjectKey(CLUSTER, 'shop/secrets/'),
    kubernetesObjectKey(CLUSTER, 'shop/namespaces/shop'),
    entraObjectKey('t', 't'),
    arn('iam::aws:policy/AdministratorAccess'),
    arn('iam::111122223333:root'),
    arn('iam::111122223333:user/x'),
    arn('sts::111122223333:assumed-role/x/y'),
    arn('organizations::111122223333:account/o-x/111122223333'),
    arn('ec2:eu-central-1::image/ami-1'),
    arn('ec2:eu-central-1:111122223333:vpc/vpc-1'),
    arn('eks:eu-central-1:111122223333:cluster/x'),
    arn('sso:::instance/ssoins-1'),
    arn('s3:::*'),
    'aws:arn',
    ipKey('203.0.113.7'),
    'entra-tenant:t',
    'arm:',
    '',
  ])('not %s', (key) => {
    expect(specific(key)).toBeUndefined();
  });

  it('is no role of a directory', () => {
    expect(specific(entraObjectKey('t', 'o'), 'role')).toBeUndefined();
  });

  it('of a cluster is found whatever of it was asked for', () => {
    expect(clusterOf(armKey(CLUSTER))).toBe(CLUSTER);
    expect(clusterOf(armKey(`${CLUSTER}/accessProfiles/clusterAdmin`))).toBe(CLUSTER);
    expect(clusterOf(armKey(GROUP))).toBeUndefined();
  });
});
