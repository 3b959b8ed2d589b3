import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exposure } from '../../timeline/asset.ts';
import { armKey, arnKey, awsAccountKey, kubernetesObjectKey } from '../../timeline/entity-keys.ts';
import { loadAssetFiles } from './asset-files.ts';
import { AssetInventory, inOrderOfTrust } from './asset-inventory.ts';
import { AssetError, type Inventory, type StatedAsset } from './inventory.ts';
import { LiveAssets, weightsInventory } from './live-assets.ts';

const SUBSCRIPTION = '/subscriptions/00000000-0000-4000-8000-0000000005ab';
const GROUP = `${SUBSCRIPTION}/resourceGroups/rg-shop`;
const VM = armKey(`${GROUP}/providers/Microsoft.Compute/virtualMachines/vm-web`);
const VAULT = armKey(`${GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop`);
const NSG = armKey(`${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-web`);
const CLUSTER = `${GROUP}/providers/Microsoft.ContainerService/managedClusters/aks-shop`;
const BUCKET = arnKey('arn:aws:s3:::contoso-orders');
const INSTANCE = arnKey('arn:aws:ec2:eu-central-1:111122223333:instance/i-0aaa');
const ROLE = arnKey('arn:aws:iam::111122223333:role/web');
const ACCOUNT = awsAccountKey('111122223333');

const inventory = (
  source: string,
  by: Inventory['by'],
  assets: readonly StatedAsset[],
  grants: Inventory['grants'] = [],
): Inventory => ({ source, by, assets, grants, missing: [] });

const azure = inventory('azure', 'cloud', [
  { key: VM, name: 'vm-web', owner: 'tags@contoso.example', environment: 'test', exposure: 'internal', behind: [NSG] },
  { key: VAULT, name: 'kv-shop', dataClass: 'confidential' },
  { key: NSG },
  { key: armKey(CLUSTER) },
]);
const aws = inventory(
  'aws',
  'cloud',
  [
    { key: BUCKET, account: ACCOUNT, importance: 0.4 },
    { key: INSTANCE, identities: [ROLE] },
  ],
  [
    { principal: ROLE, scope: `${ACCOUNT}/s3`, role: 'AmazonS3FullAccess' },
    { principal: ROLE, scope: `${ACCOUNT}/s3`, role: 'AmazonS3FullAccess' },
  ],
);
const file = inventory('assets.csv', 'person', [
  { key: armKey(GROUP), environment: 'production', importance: 0.7, dataClass: 'internal', owner: 'shop@contoso.example' },
  { key: VM, owner: 'web@contoso.example', exposure: 'internet' },
  { key: ACCOUNT, importance: 0.2 },
]); // prettier-ignore

it('takes time with what is said, however often it is said of what holds all the rest', () => {
  const [group, many] = [armKey(GROUP), 40_000];
  const said = Array.from({ length: many }, (): StatedAsset => ({ key: group, name: 'rg-shop' }));
  const within = Array.from({ length: many }, (_, at): StatedAsset => ({ key: `${group}/providers/a.b/c/${at}` }));
  const started = performance.now();
  const known = new AssetInventory([inventory('assets.json', 'person', [...said, ...within])]);
  expect(performance.now() - started).toBeLessThan(3000);
  expect(known.size).toBe(many + 1);
});

describe('inventories as one', () => {
  const assets = new AssetInventory(inOrderOfTrust([azure, aws, file]));

  it('believe people before tags, what is said of a thing before what is said around it, and that it is open before all', () => {
    expect(assets.get(VM)).toEqual({
      key: VM,
      kind: 'compute',
      name: 'vm-web',
      owner: 'web@contoso.example',
      environment: 'test',
      importance: 0.7,
      dataClass: 'internal',
      exposure: 'internet',
      exposedBy: 'assets.csv says so',
      identities: [],
      behind: [NSG],
      sources: ['assets.csv', 'azure'],
    });
    expect(assets.get(VAULT)).toMatchObject({ kind: 'secrets', importance: 0.7, dataClass: 'confidential' });
    expect(assets.get(NSG)).toMatchObject({ kind: 'network', dataClass: undefined, environment: 'production' });
    expect(assets.get(INSTANCE)).toMatchObject({ kind: 'compute', importance: 0.2, exposure: 'unknown' });
    expect(assets.get(BUCKET)).toMatchObject({ kind: 'storage', importance: 0.4 });
  });

  it.each([
    [`${VAULT}/secrets/a`, VAULT],
    [armKey(`${GROUP}/providers/Microsoft.Compute/virtualMachines/vm-web2`), armKey(GROUP)],
    [`${BUCKET}/2026/11`, BUCKET],
    [arnKey('arn:aws:rds:eu-central-1:111122223333:db:orders'), ACCOUNT],
    [kubernetesObjectKey(CLUSTER, 'shop/pods/web-1'), armKey(CLUSTER)],
    [armKey(SUBSCRIPTION), undefined],
    [arnKey('arn:aws:s3:::contoso-orders2'), undefined],
    ['k8s:', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ])('find %s in %s', (key, found) => expect(assets.find(key)?.key).toBe(found));

  it('know what is behind what, and who acts as whom', () => {
    expect(assets.behind(NSG).map(({ key }) => key)).toEqual([VM]);
    expect(assets.actingAs(ROLE).map(({ key }) => key)).toEqual([INSTANCE]);
    expect(assets.grantsOf(ROLE)).toEqual([{ principal: ROLE, scope: `${ACCOUNT}/s3`, role: 'AmazonS3FullAccess' }]);
    expect(assets.behind('constructor')).toEqual([]);
  });

  it('know what lies within, most important first', () => {
    expect(assets.within(ACCOUNT, 9).map(({ key }) => key)).toEqual([BUCKET, ACCOUNT, INSTANCE]);
    expect(assets.within(`${ACCOUNT}/s3`, 9).map(({ key }) => key)).toEqual([BUCKET]);
    expect(assets.within(armKey(SUBSCRIPTION), 2)).toHaveLength(2);
    expect(assets.within(VM, 9).map(({ key }) => key)).toEqual([VM]);
    expect(assets.within(`${GROUP}2`, 9)).toEqual([]);
  });

  it('are as open as any of them says, in whatever order', () => {
    const said = fc.constantFrom<Exposure | undefined>('internet', 'internal', 'unknown', undefined);
    fc.assert(
      fc.property(fc.array(said, { maxLength: 6 }), (exposures) => {
        const of = exposures.map((exposure, at) => inventory(`i${at}`, 'cloud', [{ key: VM, exposure }]));
        const expected = (['internet', 'internal'] as const).find((each) => exposures.includes(each)) ?? 'unknown';
        expect(new AssetInventory(of).get(VM)?.exposure).toBe(of.length === 0 ? undefined : expected);
      }),
    );
  });
});

describe('the inventory of a process', () => {
  it('is made anew only where a copy is another', () => {
    const live = new LiveAssets([weightsInventory([{ id: GROUP, weight: 1 }])]);
    const before = live.inventory([undefined, undefined]);
    expect(live.inventory([])).toBe(before);
    expect(before.find(VM)).toMatchObject({ key: armKey(GROUP), importance: 1, sources: ['crosstrail.yaml'] });
    const after = live.inventory([azure, undefined]);
    expect(after.get(VM)).toMatchObject({ importance: 1 });
    expect(live.inventory([undefined, azure])).toBe(after);
    expect(live.inventory([{ ...azure, assets: [] }]).get(VM)).toBeUndefined();
  });

  it('reads the files that are configured, and says which cannot be', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'crosstrail-assets-'));
    const good = join(folder, 'good.csv');
    const bad = join(folder, 'bad.csv');
    await writeFile(good, `id,importance\n${GROUP},high\n`);
    await writeFile(bad, 'id,importance\nx,high\n');
    expect(await loadAssetFiles([good])).toMatchObject([{ source: 'good.csv', assets: [{ importance: 0.7 }] }]);
    await expect(loadAssetFiles([good, bad])).rejects.toThrow(/bad\.csv cannot be used: line 2: id: expected/);
    await expect(loadAssetFiles([join(folder, 'none.csv')])).rejects.toThrow(/none\.csv: there is no such file/);
    await expect(loadAssetFiles([folder])).rejects.toThrow(AssetError);
    await rm(folder, { recursive: true });
  });
});
