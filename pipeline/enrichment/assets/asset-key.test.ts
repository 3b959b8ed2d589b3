import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containersOf, isSecurityGroup, keyOfId, kindOfKey, lastNameOf } from './asset-key.ts';

const GROUP = '/subscriptions/s1/resourcegroups/rg';
const CLUSTER = `${GROUP}/providers/microsoft.containerservice/managedclusters/aks`;

describe('what a thing lies within', () => {
  it.each<[string, readonly string[]]>([
    [
      `arm:${GROUP}/providers/microsoft.sql/servers/sql/databases/orders`,
      [`arm:${GROUP}/providers/microsoft.sql/servers/sql`, `arm:${GROUP}`, 'arm:/subscriptions/s1'],
    ],
    [
      `arm:${GROUP}/providers/microsoft.compute/virtualmachines/vm/providers/microsoft.insights/diagnosticsettings/d`,
      [`arm:${GROUP}/providers/microsoft.compute/virtualmachines/vm`, `arm:${GROUP}`, 'arm:/subscriptions/s1'],
    ],
    ['arm:/subscriptions/s1', []],
    ['aws:arn:aws:s3:::orders/2026/11', ['aws:arn:aws:s3:::orders/2026', 'aws:arn:aws:s3:::orders']],
    [
      'aws:arn:aws:rds:eu-central-1:111122223333:db:orders',
      ['aws:arn:aws:rds:eu-central-1:111122223333:db', 'aws-account:111122223333/rds', 'aws-account:111122223333'],
    ],
    ['aws-account:111122223333/s3', ['aws-account:111122223333', 'aws-account']],
    [`k8s:${CLUSTER}:shop/pods/web`, [`k8s:${CLUSTER}:shop/pods`]],
    ['aws:arn:', []],
    ['', []],
  ])('%s', (key, containers) => {
    expect(containersOf(key).slice(0, containers.length)).toEqual(containers);
    if (key.startsWith('arm:')) expect(containersOf(key)).toHaveLength(containers.length);
  });

  it('is the cluster for an object in it, and the account for a bucket that it is said of', () => {
    expect(containersOf(`k8s:${CLUSTER}:shop/pods/web`)).toEqual(
      expect.arrayContaining([`arm:${CLUSTER}`, `arm:${GROUP}`]),
    );
    expect(containersOf('aws:arn:aws:s3:::orders', 'aws-account:1')).toEqual(['aws-account:1/s3', 'aws-account:1']);
  });

  it('is never itself, and never more than some', () => {
    const key = fc
      .tuple(
        fc.constantFrom('arm:', 'aws:arn:', 'k8s:', ''),
        fc.string({ unit: fc.constantFrom('/', ':', 'a', 'providers') }),
      )
      .map(([prefix, rest]) => `${prefix}${rest}`);
    fc.assert(
      fc.property(key, (one) => {
        const containers = containersOf(one);
        expect(containers).not.toContain(one);
        expect(containers.length).toBeLessThanOrEqual(82);
      }),
    );
  });
});

describe('what a thing is', () => {
  it.each([
    [`arm:${CLUSTER}`, 'cluster'],
    [`arm:${GROUP}/providers/microsoft.sql/servers/sql/databases/orders`, 'database'],
    [`arm:${GROUP}/providers/microsoft.network/publicipaddresses/pip`, 'network'],
    [`arm:${GROUP}`, 'other'],
    ['aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0a', 'compute'],
    ['aws:arn:aws:ec2:eu-central-1:111122223333:volume/vol-0a', 'other'],
    ['aws:arn:aws:s3:::orders', 'storage'],
    ['aws:arn:aws:iam::111122223333:role/web', 'identity'],
    ['image:shop.azurecr.example/web:1', 'image'],
    ['github-repo:contoso/shop', 'repository'],
    ['ip:203.0.113.4', 'network'],
    ['constructor:x', 'other'],
    ['', 'other'],
  ])('%s: %s', (key, kind) => expect(kindOfKey(key)).toBe(kind));

  it.each([
    ['/SUBSCRIPTIONS/S1/', 'arm:/subscriptions/s1'],
    ['arm:/SUBSCRIPTIONS/S1', 'arm:/subscriptions/s1'],
    ['arn:aws:s3:::Orders', 'aws:arn:aws:s3:::Orders'],
    ['111122223333', 'aws-account:111122223333'],
    ['upn:ada@contoso.example', 'upn:ada@contoso.example'],
  ])('%s is the key %s', (id, key) => expect(keyOfId(id)).toBe(key));

  it('tells security groups, and last names', () => {
    expect(isSecurityGroup('aws:arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0a')).toBe(true);
    expect(isSecurityGroup('aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0a')).toBe(false);
    expect(lastNameOf('aws:arn:aws:s3:::orders')).toBe('orders');
    expect(lastNameOf('orders')).toBe('orders');
  });
});
