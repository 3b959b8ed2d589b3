import { describe, expect, it } from 'vitest';
import type { Asset } from '../../timeline/asset.ts';
import { AssetInventory } from '../assets/asset-inventory.ts';
import { standingConditions } from '../assets/exposure.ts';
import { knowledgeOf } from '../knowledge.ts';
import { weighAll } from './weigh-all.ts';
import { assetOf, finding, NOW, shopKey, WEB } from './finding-samples.ts';

const IMAGE = 'image:registry.contoso.example/shop:1.2';
const STORE = shopKey('Microsoft.Storage/storageAccounts', 'customers');
const known = (...assets: readonly Asset[]) =>
  knowledgeOf({
    assets: new AssetInventory([{ source: 'assets.csv', by: 'person', assets, grants: [], missing: [] }]),
    missing: { vulnerabilities: ['EPSS scores'], others: [] },
  });
const NOTHING = standingConditions([]);

describe('weighAll', () => {
  it('puts first what is more urgent, and asks the inventory of the asset or of what it lies within', () => {
    const part = `${WEB}/extensions/run`;
    const knowledge = known(assetOf(WEB, { exposure: 'internet', environment: 'production' }));
    const [first, second] = weighAll(
      [finding({ id: 'a/elsewhere', asset: STORE }), finding({ id: 'a/part', asset: part })],
      knowledge,
      NOTHING,
      NOW,
    );
    expect(first).toMatchObject({ finding: { id: 'a/part' }, exposure: 'internet', missing: ['EPSS scores'] });
    expect(second).toMatchObject({ exposure: 'unknown', missing: ['EPSS scores', 'asset', 'exposure'] });
  });

  it('counts what logs have shown to be open since', () => {
    const standing = standingConditions([{ condition: 'storage-public', resource: STORE }]);
    const [weighed] = weighAll([finding({ asset: STORE })], known(), standing, NOW);
    expect(weighed).toMatchObject({
      exposure: 'internet',
      reasons: ['reachable from the internet: it was made public', 'severity high'],
    });
  });

  it('takes an image for the most open and then the most important workload that runs it', () => {
    const running = (name: string, more: Partial<Asset>) =>
      assetOf(shopKey('Microsoft.App/containerApps', name), { behind: [IMAGE], ...more });
    const knowledge = known(
      running('inner', { exposure: 'internal', importance: 1 }),
      running('one', { exposure: 'internet', importance: 0.2 }),
      running('two', { exposure: 'internet', importance: 0.6 }),
    );
    const [weighed] = weighAll([finding({ asset: IMAGE })], knowledge, NOTHING, NOW);
    expect(weighed?.exposure).toBe('internet');
    expect(weighed?.reasons).toContain('importance 0.60 of 1');
    expect(weighAll([finding({ asset: IMAGE })], known(), NOTHING, NOW)[0]?.exposure).toBe('unknown');
  });
});
