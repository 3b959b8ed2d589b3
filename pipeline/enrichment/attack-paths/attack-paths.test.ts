import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asset, Exposure, Grant } from '../../timeline/asset.ts';
import { arnKey, servicePrincipalKey } from '../../timeline/entity-keys.ts';
import type { WeighedFinding } from '../../timeline/finding.ts';
import { AssetInventory } from '../assets/asset-inventory.ts';
import { exposureOf } from '../assets/exposure.ts';
import { assetOf, finding, kev, NOW, SHOP_GROUP, shopKey, WEB } from '../findings/finding-samples.ts';
import { weigh } from '../findings/weigh.ts';
import { ATTACK_PATH_BOUNDS, type AttackPathSources, type SeenUse } from './attack-path-sources.ts';
import { attackPaths } from './attack-paths.ts';

const TENANT = '00000000-0000-4000-8000-0000000000aa';
const IDENTITY = servicePrincipalKey(TENANT, '00000000-0000-4000-8000-0000000000b1');
const STORE = shopKey('Microsoft.Storage/storageAccounts', 'customers');
const VAULT = shopKey('Microsoft.KeyVault/vaults', 'kv-shop');
const IMAGE = 'image:registry.contoso.example/shop:1.2';
const ADDRESS = 'ip:203.0.113.4';
const role = (name: string): string => arnKey(`arn:aws:iam::111122223333:role/${name}`);
const bucket = (name: string): string => arnKey(`arn:aws:s3:::${name}`);

const web = assetOf(WEB, {
  name: 'vm-web',
  exposure: 'internet',
  exposedBy: 'public address 203.0.113.4',
  identities: [IDENTITY],
  behind: [ADDRESS, IMAGE],
});
const store = assetOf(STORE, { kind: 'storage', name: 'customers', importance: 1, dataClass: 'restricted' });
const vault = assetOf(VAULT, { kind: 'secrets', name: 'kv-shop' });

interface World {
  readonly assets?: readonly Asset[];
  readonly grants?: readonly Grant[];
  readonly uses?: Readonly<Record<string, readonly SeenUse[]>>;
  readonly findings?: Readonly<Record<string, readonly WeighedFinding[]>>;
}

function sourcesOf({ assets = [], grants = [], uses = {}, findings = {} }: World): AttackPathSources {
  const inventory = new AssetInventory([{ source: 'assets.csv', by: 'person', assets, grants, missing: [] }]);
  return {
    assets: inventory,
    exposureOf: (key) => exposureOf(key, inventory, new Map()),
    findingsOf: (key) => (Object.hasOwn(findings, key) ? findings[key] : undefined) ?? [],
    uses: (key) => (Object.hasOwn(uses, key) ? uses[key] : undefined) ?? [],
  };
}

const grant: Grant = { principal: IDENTITY, scope: SHOP_GROUP, role: 'Contributor' };
const urgent = weigh(finding({ asset: IMAGE }), {
  vulnerabilities: (cve) => ({ cve, kev: kev() }),
  exposure: { exposure: 'internet' },
  now: NOW,
});

describe('attackPaths', () => {
  it('leads from the internet over a workload and its identity to data', () => {
    const world = { assets: [web, store, vault], grants: [grant], findings: { [IMAGE]: [urgent] } };
    expect(attackPaths([WEB], sourcesOf(world))).toEqual([
      {
        steps: [
          { key: 'internet', label: 'internet', is: 'exposure', how: 'anybody' },
          {
            key: WEB,
            label: 'vm-web',
            is: 'workload',
            how: 'is reachable from the internet: public address 203.0.113.4; CVE-2026-11111 (act)',
          },
          {
            key: IDENTITY,
            label: '00000000-0000-4000-8000-0000000000b1',
            is: 'identity',
            how: 'is an identity that it can act as',
          },
          { key: STORE, label: 'customers', is: 'data', how: 'is open to it by the role Contributor on rg-shop' },
        ],
        blastRadius: 92,
        reaches: 2,
        findings: ['defender/finding-1'],
        seen: true,
      },
    ]);
  });

  it.each([
    ['its address', ADDRESS],
    ['its image', IMAGE],
    ['its identity', IDENTITY],
    ['a part of it', `${WEB}/extensions/run`],
  ])('begins from a workload by %s', (_name, seed) => {
    const [path] = attackPaths([seed], sourcesOf({ assets: [web, store], grants: [grant] }));
    expect(path?.steps.map(({ key }) => key)).toEqual(['internet', WEB, IDENTITY, STORE]);
  });

  it('follows roles that were taken, into data that was used, though no inventory names it', () => {
    const [app, backup] = [role('app'), role('backup')];
    const instance = arnKey('arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0');
    const time = Date.UTC(2026, 10, 20);
    const world: World = {
      assets: [assetOf(instance, { exposure: 'internet', identities: [app] })],
      uses: {
        [app]: [
          { target: backup, operation: 'AssumeRole', time },
          { target: role('looked-at'), operation: 'GetRole', time },
        ],
        [backup]: [
          { target: `${bucket('dumps')}/2026/all.sql`, operation: 'GetObject', time },
          { target: app, operation: 'AssumeRole', time },
        ],
        [role('looked-at')]: [{ target: bucket('other') }],
      },
    };
    const paths = attackPaths([instance], sourcesOf(world));
    expect(paths.map(({ steps }) => steps.map(({ key }) => key))).toEqual([
      ['internet', instance, app, backup, bucket('dumps')],
    ]);
    expect(paths[0]?.steps.slice(3).map(({ how }) => how)).toEqual([
      'is a role that it was seen to take (AssumeRole, 2026-11-20)',
      'was seen to be used by it (GetObject, 2026-11-20)',
    ]);
  });

  it.each<[string, string, string, boolean]>([
    [
      'a secret that was read',
      arnKey('arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf'),
      'GetSecretValue',
      true,
    ],
    ['a parameter that was read', arnKey('arn:aws:ssm:eu-central-1:111122223333:parameter/db'), 'GetParameter', true],
    ['keys that were handed out', STORE, 'Microsoft.Storage/storageAccounts/listKeys/action', true],
    ['a blob that was read', `${STORE}/blobservices/default/containers/orders`, 'GetBlob', true],
    ['an account that was looked at', STORE, 'Microsoft.Storage/storageAccounts/read', false],
    ['a bucket that was looked at', bucket('dumps'), 'GetBucketLocation', false],
    [
      'a key for encryption',
      arnKey('arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000009'),
      'Decrypt',
      false,
    ],
    [
      'a document of Systems Manager',
      arnKey('arn:aws:ssm:eu-central-1:111122223333:document/run'),
      'GetDocument',
      false,
    ],
    [
      'a machine',
      shopKey('Microsoft.Compute/virtualMachines', 'vm-two'),
      'Microsoft.Compute/virtualMachines/restart/action',
      false,
    ],
  ])('tells %s from what is no data', (_name, target, operation, isData) => {
    const paths = attackPaths([WEB], sourcesOf({ assets: [web], uses: { [IDENTITY]: [{ target, operation }] } }));
    expect(paths).toHaveLength(isData ? 1 : 0);
  });

  it('begins where an attacker was seen, also where the internet does not lead', () => {
    const inner = { ...web, exposure: 'internal' } as const;
    const world = { assets: [inner, store], grants: [grant] };
    expect(attackPaths([WEB], sourcesOf(world))[0]?.steps.map(({ key }) => key)).toEqual([WEB, IDENTITY, STORE]);
    expect(attackPaths([IDENTITY], sourcesOf(world))[0]?.steps.map(({ key }) => key)).toEqual([IDENTITY, STORE]);
    // Behind an address that somebody used, but reached by nobody.
    expect(attackPaths([ADDRESS], sourcesOf(world))).toEqual([]);
  });

  it('tells of data that is itself open to the internet', () => {
    const open = { ...store, exposure: 'internet', exposedBy: 'it was made public' } as const;
    expect(attackPaths([STORE], sourcesOf({ assets: [open] }))).toMatchObject([
      {
        steps: [{ is: 'exposure' }, { key: STORE, how: 'is reachable from the internet: it was made public' }],
        reaches: 1,
      },
    ]);
  });

  it('ends at what the incident names, where its identity reaches that', () => {
    const world = { assets: [web, store, vault], grants: [grant] };
    expect(attackPaths([WEB, VAULT], sourcesOf(world))[0]?.steps.at(-1)?.key).toBe(VAULT);
  });

  it.each([
    ['no identity', { assets: [{ ...web, identities: [] }, store], grants: [grant] }],
    ['no rights', { assets: [web, store] }],
    ['rights that give no data', { assets: [web, store], grants: [{ ...grant, role: 'Reader' }] }],
    ['nothing that holds data', { assets: [web], grants: [grant] }],
  ])('is none with %s', (_name, world) => {
    expect(attackPaths([WEB], sourcesOf(world))).toEqual([]);
  });

  it('puts the widest first, and tells one path for each identity', () => {
    const other = shopKey('Microsoft.Compute/virtualMachines', 'vm-two');
    const little = servicePrincipalKey(TENANT, '00000000-0000-4000-8000-0000000000b2');
    const two = assetOf(other, { exposure: 'internet', identities: [IDENTITY, little] });
    const grants = [grant, { principal: little, scope: VAULT, role: 'Key Vault Secrets User' }];
    const paths = attackPaths([other, WEB], sourcesOf({ assets: [web, two, store, vault], grants }));
    expect(paths.map(({ blastRadius, reaches }) => [blastRadius, reaches])).toEqual([
      [92, 2],
      [20, 1],
    ]);
    expect(paths[0]?.steps[2]?.how).toBe('is an identity that it can act as, as 1 more of these workloads can');
  });

  it('stays within its bounds on cycles and on large inventories', () => {
    const count = 2000;
    const roles = Array.from({ length: 400 }, (_, at) => role(`r${at}`));
    const assets = Array.from({ length: count }, (_, at) =>
      assetOf(shopKey('Microsoft.Storage/storageAccounts', `store${at}`), {
        kind: 'storage',
        importance: (at % 100) / 100,
      }),
    );
    const workloads = roles.map((key, at) =>
      assetOf(arnKey(`arn:aws:ec2:eu-central-1:111122223333:instance/i-${at}`), {
        exposure: 'internet',
        identities: [key, roles[(at + 1) % roles.length] ?? key],
        behind: [ADDRESS],
      }),
    );
    const uses = new Map(
      roles.map((key) => [key, roles.slice(0, 300).map((target) => ({ target, operation: 'AssumeRole' }))]),
    );
    const grants = roles.map((principal) => ({ principal, scope: SHOP_GROUP, role: 'Contributor' }));
    const asked = { uses: 0, exposures: 0 };
    const known = sourcesOf({ assets: [...assets, ...workloads], grants });
    const sources: AttackPathSources = {
      ...known,
      exposureOf: (key) => {
        asked.exposures++;
        return known.exposureOf(key);
      },
      uses: (key) => {
        asked.uses++;
        return uses.get(key) ?? [];
      },
    };
    const paths = attackPaths([ADDRESS, ...roles, ...workloads.map(({ key }) => key)], sources);
    expect(asked.uses).toBeLessThanOrEqual(ATTACK_PATH_BOUNDS.identities);
    expect(asked.exposures).toBeLessThanOrEqual(ATTACK_PATH_BOUNDS.seeds + 10 * ATTACK_PATH_BOUNDS.workloads);
    expect(paths).toHaveLength(5);
    expect(paths.map(({ reaches, blastRadius }) => [reaches, blastRadius])).toEqual(paths.map(() => [500, 100]));
  });

  it('does not depend on order, and never shrinks with what is worth more', () => {
    const keys = Array.from({ length: 4 }, (_, at) => ({
      workload: shopKey('Microsoft.Compute/virtualMachines', `vm-${at}`),
      identity: servicePrincipalKey(TENANT, `00000000-0000-4000-8000-0000000000c${at}`),
      data: shopKey('Microsoft.Storage/storageAccounts', `store${at}`),
    }));
    const index = fc.nat(3);
    const arbitrary = fc.record({
      exposures: fc.array(fc.constantFrom<Exposure>('internet', 'internal', 'unknown'), { minLength: 4, maxLength: 4 }),
      acts: fc.array(fc.tuple(index, index), { maxLength: 8 }),
      grants: fc.array(fc.tuple(index, index), { maxLength: 8 }),
      importance: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
      seeds: fc.array(index, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ exposures, acts, grants, importance, seeds }) => {
        const at = (place: number) => keys[place] ?? { workload: '', identity: '', data: '' };
        const build = (raised: boolean): World => ({
          assets: keys.flatMap(({ workload, data }, place) => [
            assetOf(workload, {
              exposure: exposures[place] ?? 'unknown',
              identities: [...new Set(acts.filter(([from]) => from === place).map(([, to]) => at(to).identity))],
            }),
            assetOf(data, { kind: 'storage', importance: raised ? 1 : (importance[place] ?? 0) }),
          ]),
          grants: grants.map(([who, what]) => ({ principal: at(who).identity, scope: at(what).data, role: 'Owner' })),
        });
        const named = seeds.map((place) => at(place).workload);
        const plain = build(false);
        const paths = attackPaths(named, sourcesOf(plain));
        const reversed = { assets: plain.assets?.toReversed() ?? [], grants: plain.grants?.toReversed() ?? [] };
        expect(attackPaths(named.toReversed(), sourcesOf(reversed))).toEqual(paths);
        expect(paths.map(({ blastRadius }) => blastRadius)).toEqual(
          paths.map(({ blastRadius }) => blastRadius).toSorted((a, b) => b - a),
        );
        const raised = attackPaths(named, sourcesOf(build(true)));
        expect(raised[0]?.blastRadius ?? 0).toBeGreaterThanOrEqual(paths[0]?.blastRadius ?? 0);
      }),
    );
  });
});
