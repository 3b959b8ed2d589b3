import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PostureCondition } from '../../timeline/posture-change.ts';
import { armKey, arnKey } from '../../timeline/entity-keys.ts';
import { AssetInventory } from './asset-inventory.ts';
import { exposureOf, standingConditions } from './exposure.ts';
import type { StatedAsset } from './inventory.ts';

const NETWORK = '/subscriptions/00000000-0000-4000-8000-0000000005ab/resourceGroups/rg/providers/Microsoft.Network';
const VM = armKey(NETWORK.replace('Network', 'Compute/virtualMachines/vm'));
const ACCOUNT = armKey(NETWORK.replace('Network', 'Storage/storageAccounts/orders'));
const NIC = armKey(`${NETWORK}/networkInterfaces/nic`);
const NSG = armKey(`${NETWORK}/networkSecurityGroups/nsg-nic`);
const SUBNET_NSG = armKey(`${NETWORK}/networkSecurityGroups/nsg-subnet`);
const ADDRESS = armKey(`${NETWORK}/publicIPAddresses/pip`);
const EC2 = 'arn:aws:ec2:eu-central-1:111122223333';
const INSTANCE = arnKey(`${EC2}:instance/i-0aaa`);
const GROUP = arnKey(`${EC2}:security-group/sg-0aaa`);
const OTHER_GROUP = arnKey(`${EC2}:security-group/sg-0bbb`);

type Standing = readonly (readonly [PostureCondition, string])[];

const exposed = (key: string, assets: readonly StatedAsset[], standing: Standing) =>
  exposureOf(
    key,
    new AssetInventory([{ source: 'azure', by: 'cloud', assets, grants: [], missing: [] }]),
    standingConditions(standing.map(([condition, resource]) => ({ condition, resource }))),
  );

const closed: StatedAsset = { key: VM, exposure: 'internal', exposedBy: 'nsg-nic lets nobody in' };

describe('from where a thing can be reached', () => {
  it.each<[string, StatedAsset, Standing, string]>([
    ['the inventory says so', { key: VM, exposure: 'internet', exposedBy: 'public address 203.0.113.4' }, [], 'public address 203.0.113.4'],
    ['its guard was opened, and it has an address', { ...closed, behind: ['ip:203.0.113.4', NSG] }, [['network-open', NSG]], 'public address 203.0.113.4, and nsg-nic lets every address in'],
    ['its address is known by its resource', { ...closed, behind: [ADDRESS, NSG] }, [['network-open', NSG]], 'public address pip, and nsg-nic lets every address in'],
    ['it was given an address, and its guard was opened', { ...closed, behind: [NIC, NSG] }, [['network-open', NSG], ['public-address', NIC]], 'was given a public address, and nsg-nic lets every address in'],
    ['it was given an address, and nothing is known to guard it', { key: VM }, [['public-address', VM]], 'was given a public address, and what guards it is not known'],
    ['both guards were opened', { ...closed, behind: [ADDRESS, NSG, SUBNET_NSG] }, [['network-open', NSG], ['network-open', SUBNET_NSG]], 'public address pip, and nsg-nic lets every address in'],
  ])('internet: %s', (_why, asset, standing, by) => {
    expect(exposed(VM, [asset], standing)).toEqual({ exposure: 'internet', by });
  }); // prettier-ignore

  it.each<[string, StatedAsset, Standing]>([
    ['its guard was opened, but it has no address', { ...closed, behind: [NSG, NIC] }, [['network-open', NSG]]],
    ['it was given an address, but its guard lets nobody in', { ...closed, behind: [NSG, NIC] }, [['public-address', NIC]]],
    ['one of two guards of Azure was opened', { ...closed, behind: [ADDRESS, NSG, SUBNET_NSG] }, [['network-open', NSG]]],
    ['the guard of something else was opened', { ...closed, behind: [ADDRESS, NSG] }, [['network-open', SUBNET_NSG]]],
    ['other things are weak', { ...closed, behind: [ADDRESS, NSG] }, [['logging-off', VM], ['protection-off', VM]]],
  ])('internal: %s', (_why, asset, standing) => {
    expect(exposed(VM, [asset], standing)).toEqual({ exposure: 'internal', by: 'nsg-nic lets nobody in' });
  }); // prettier-ignore

  it('in AWS one open group is enough', () => {
    const assets = [{ key: INSTANCE, behind: ['ip:198.51.100.7', GROUP, OTHER_GROUP] }];
    expect(exposed(INSTANCE, assets, [['network-open', OTHER_GROUP]])).toEqual({
      exposure: 'internet',
      by: 'public address 198.51.100.7, and sg-0bbb lets every address in',
    });
    expect(exposed(INSTANCE, assets, [])).toMatchObject({ exposure: 'unknown' });
  });

  it('a guard that the inventory knows to be open needs only an address', () => {
    const assets: StatedAsset[] = [
      { key: INSTANCE, behind: [GROUP] },
      { key: GROUP, exposure: 'internet' },
    ];
    expect(exposed(INSTANCE, assets, [['public-address', INSTANCE]])).toMatchObject({ exposure: 'internet' });
    expect(exposed(INSTANCE, assets, [])).toMatchObject({ exposure: 'unknown' });
  });

  it('an elastic address counts for what it is associated with', () => {
    const resource = arnKey(`${EC2}:elastic-ip-association/eipassoc-0aaa`);
    const standing = standingConditions([{ condition: 'public-address', resource, part: 'instance/i-0aaa' }]);
    expect(exposureOf(INSTANCE, new AssetInventory([]), standing)).toMatchObject({ exposure: 'internet' });
    expect(exposureOf(`${INSTANCE}a`, new AssetInventory([]), standing)).toMatchObject({ exposure: 'unknown' });
  });

  it('a block that was lifted opens nothing by itself', () => {
    const bucket = arnKey('arn:aws:s3:::contoso-orders');
    const of = (part: string) => standingConditions([{ condition: 'storage-public', resource: bucket, part }]);
    const inventory = new AssetInventory([]);
    expect(exposureOf(bucket, inventory, of('public access block'))).toMatchObject({ exposure: 'unknown' });
    expect(exposureOf(bucket, inventory, of('policy'))).toMatchObject({ exposure: 'internet' });
  });

  it('what was made public is, and what lies within it', () => {
    const within = `${ACCOUNT}/blobservices/default/containers/orders`;
    expect(exposed(within, [{ key: ACCOUNT }], [['storage-public', ACCOUNT]])).toEqual({
      exposure: 'internet',
      by: 'it was made public',
    });
    expect(exposed(ACCOUNT, [], [['network-open', ACCOUNT]])).toEqual({
      exposure: 'internet',
      by: 'its firewall was opened to every network',
    });
    expect(exposed(ACCOUNT, [], [])).toEqual({ exposure: 'unknown', by: undefined });
    expect(exposed(NSG, [], [['network-open', NSG]])).toMatchObject({ exposure: 'unknown' });
  });

  it('never gets less by what is weak besides', () => {
    const keys = [VM, NIC, NSG, SUBNET_NSG, ADDRESS];
    const conditions = fc.array(
      fc.record({
        condition: fc.constantFrom<PostureCondition>('public-address', 'network-open', 'storage-public', 'logging-off'),
        resource: fc.constantFrom(...keys),
      }),
    );
    const behind = fc.subarray(keys.slice(1));
    fc.assert(
      fc.property(behind, conditions, conditions, (standsBefore, some, more) => {
        const assets = [{ key: VM, exposure: 'internal' as const, behind: standsBefore }];
        const lookup = new AssetInventory([{ source: 'azure', by: 'cloud', assets, grants: [], missing: [] }]);
        const before = exposureOf(VM, lookup, standingConditions(some)).exposure;
        const after = exposureOf(VM, lookup, standingConditions([...some, ...more])).exposure;
        if (before === 'internet') expect(after).toBe('internet');
      }),
    );
  });
});
