import { describe, expect, it } from 'vitest';
import { arm, arn, CLUSTER, kubernetes, SUBSCRIPTION } from '../story-samples.ts';
import { article, plural } from './nouns.ts';
import { readableRole, thingOf } from './thing.ts';

const GROUP = `${SUBSCRIPTION}/resourceGroups/shop`;

describe('what AWS names', () => {
  it.each([
    ['arn:aws:cloudtrail:eu-north-1:111122223333:trail/main', 'trail', 'main'],
    ['arn:aws:iam::111122223333:user/people/backup', 'user', 'backup'],
    ['arn:aws:iam::aws:policy/AdministratorAccess', 'policy', 'AdministratorAccess'],
    ['arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/deploy', 'role', 'deploy'],
    ['arn:aws:ec2:eu-north-1::snapshot/snap-1', 'snapshot', 'snap-1'],
    ['arn:aws:ec2:eu-north-1:111122223333:security-group/sg-1', 'security group', 'sg-1'],
    ['arn:aws:secretsmanager:eu-north-1:111122223333:secret:shop/db-AbCdEf', 'secret', 'shop/db-AbCdEf'],
    ['arn:aws:s3:::contoso-orders', 'bucket', 'contoso-orders'],
    ['arn:aws:s3:::contoso-orders/2026/all.csv', 'object', '2026/all.csv'],
    ['arn:aws:sns:eu-north-1:111122223333:orders', 'sns resource', 'orders'],
    ['arn:aws:sts::111122223333:assumed-role/deploy/ann', 'role session', 'deploy/ann'],
  ])('%s', (text, noun, name) => expect(thingOf(arn(text))).toMatchObject({ noun, name }));

  it('names the account of root', () =>
    expect(thingOf(arn('arn:aws:iam::111122223333:root'))).toMatchObject({
      noun: 'root user',
      of: ['of account', '111122223333'],
    }));

  it('leaves out what Identity Center puts around the name of a permission set', () => {
    expect(readableRole('AWSReservedSSO_Developer_0123456789abcdef/ann@contoso.example')).toBe(
      'Developer/ann@contoso.example',
    );
    expect(readableRole('AWSReservedSSO_Developer/x')).toBe('AWSReservedSSO_Developer/x');
  });
});

describe('what Azure names', () => {
  it.each([
    [`${GROUP}/providers/Microsoft.Storage/storageAccounts/orders`, { noun: 'storage account', name: 'orders' }],
    [GROUP, { noun: 'resource group', name: 'shop' }],
    [SUBSCRIPTION, { noun: 'subscription', name: '00000000-0000-4000-8000-000000000010' }],
    [
      `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/web/securityRules/any`,
      { noun: 'security rule', name: 'any', of: ['of', 'web'] },
    ],
    [
      `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments/00000000-0000-4000-8000-00000000a551`,
      { noun: 'role assignment', of: ['on subscription', '00000000-0000-4000-8000-000000000010'] },
    ],
    [
      `${GROUP}/providers/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Insights/diagnosticSettings/hub`,
      { noun: 'diagnostic setting', name: 'hub', of: ['on key vault', 'kv'] },
    ],
    [`${GROUP}/providers/Contoso.Things/gadgets/one`, { noun: 'gadget', name: 'one' }],
  ])('%s', (id, thing) => expect(thingOf(arm(id))).toMatchObject(thing));

  it('writes a name as its record does, unless that is all in capitals', () => {
    const id = `${GROUP}/providers/Microsoft.Storage/storageAccounts/Orders`;
    expect(thingOf(arm(id)).name).toBe('Orders');
    expect(thingOf(arm(id, 'ORDERS')).name).toBe('orders');
  });
});

describe('what Kubernetes and Entra name', () => {
  it('objects, with their namespace', () => {
    expect(thingOf(kubernetes('shop/pods/web-0'))).toMatchObject({
      noun: 'pod',
      name: 'web-0',
      of: ['in namespace', 'shop'],
    });
    expect(thingOf(kubernetes('/clusterrolebindings/x'))).toMatchObject({ noun: 'cluster role binding', name: 'x' });
    expect(thingOf(kubernetes('/secrets/'))).toMatchObject({ noun: 'secret', all: true });
  });

  it('one service account under both its keys', () => {
    const user = {
      kind: 'service-account',
      key: `k8s-user:${CLUSTER.toLowerCase()}:system:serviceaccount:shop:web`,
    } as const;
    expect(thingOf(user).name).toBe('shop/web');
    expect(thingOf(kubernetes('shop/serviceaccounts/web')).name).toBe('shop/web');
  });

  it('no object by a GUID alone', () => {
    const key = 'entra-sp:00000000-0000-4000-8000-00000000aaaa/00000000-0000-4000-8000-0000000000c1';
    expect(thingOf({ kind: 'service-principal', key, label: 'deploy' })).toMatchObject({
      noun: 'service principal',
      name: 'deploy',
    });
    expect(thingOf({ kind: 'service-principal', key }).name).toBe('00000000');
  });
});

it('counts and introduces nouns', () => {
  expect(['policy', 'key', 'access', 'access key', 'secret'].map(plural)).toEqual([
    'policies',
    'keys',
    'accesses',
    'access keys',
    'secrets',
  ]);
  expect(['access key', 'user', 'SQL database', 'unit', 'role'].map(article)).toEqual(['an', 'a', 'an', 'a', 'a']);
});
