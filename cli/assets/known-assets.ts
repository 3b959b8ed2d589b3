import { loadConfiguration } from '../../platform/configuration.ts';
import { loadAssetFiles } from '../../pipeline/enrichment/assets/asset-files.ts';
import { AssetInventory, inOrderOfTrust } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import { exposureOf, standingConditions, type StandingConditions } from '../../pipeline/enrichment/assets/exposure.ts';
import { IMPORTED_INVENTORY } from '../../pipeline/enrichment/assets/imported-inventory.ts';
import { decodeInventory } from '../../pipeline/enrichment/assets/inventory-copy.ts';
import { AssetError, type Inventory } from '../../pipeline/enrichment/assets/inventory.ts';
import { weightsInventory } from '../../pipeline/enrichment/assets/live-assets.ts';
import type { CopyStore } from '../../pipeline/enrichment/copies/copy-store.ts';
import { FeedError } from '../../pipeline/enrichment/feed-error.ts';
import { configuredFeeds } from '../../pipeline/enrichment/feeds/registry.ts';
import { PostureStore } from '../../pipeline/posture/posture-store.ts';
import type { Asset } from '../../pipeline/timeline/asset.ts';
import { connectStorage } from '../connection.ts';
import { keptCopies, type CopiesOptions } from '../feeds/kept-copies.ts';
import { UnusableInputError } from '../scan/files.ts';

/** Where inventories are, and which are configured. */
export interface AssetsOptions extends CopiesOptions {
  readonly config?: string;
}

/** What is known of assets, and what is not. */
export interface KnownAssets {
  readonly inventory: AssetInventory;
  /** As the inventory has it, or as logs have shown since; an asset as people are told of it. */
  readonly shown: (asset: Asset) => Asset;
  /** For people. */
  readonly missing: readonly string[];
}

/**
 * The inventory as a deployment knows it, what logs have shown since included; where there is none, as copies in a folder and the files of the
 * configuration have it.
 * @throws UnusableInputError where a file or copy cannot be used
 */
export async function knownAssets({ config, data, folder }: AssetsOptions): Promise<KnownAssets> {
  const configuration = await loadConfiguration(config);
  const feeds = [IMPORTED_INVENTORY, ...configuredFeeds(configuration).inventories];
  try {
    const files = await loadAssetFiles(configuration.assets.files);
    const weights = weightsInventory(configuration.correlation.assets);
    const { store, deployed } = await keptCopies({ data, folder });
    const standing = await standingIn(deployed, data);
    const copies = await Promise.all(feeds.map(async ({ id, title }) => copyOf(store, id, title)));
    const inventories = [...files, weights, ...copies.flatMap(({ inventory }) => inventory ?? [])];
    const inventory = new AssetInventory(inOrderOfTrust(inventories));
    const shown = (asset: Asset): Asset => {
      const { exposure, by } = exposureOf(asset.key, inventory, standing);
      return { ...asset, exposure, exposedBy: by };
    };
    return { inventory, shown, missing: copies.flatMap(({ missing }) => missing) };
  } catch (error) {
    if (error instanceof AssetError || error instanceof FeedError) throw new UnusableInputError(error.message);
    throw error;
  }
}

/** What logs have shown since, where there is a deployment that reads them. */
async function standingIn(deployed: boolean, data: string): Promise<StandingConditions> {
  if (!deployed) return standingConditions([]);
  const { tables } = await connectStorage(data);
  const conditions = await Array.fromAsync(new PostureStore(tables).list());
  return standingConditions(conditions.filter(({ undone }) => undone === undefined));
}

async function copyOf(
  store: CopyStore,
  id: string,
  title: string,
): Promise<{ readonly inventory?: Inventory; readonly missing: readonly string[] }> {
  const copy = await store.read(id);
  if (copy === undefined && id === IMPORTED_INVENTORY.id) return { missing: [] };
  if (copy === undefined) return { missing: [`the ${title}: it was never read; crosstrail assets update reads it`] };
  const inventory = decodeInventory(copy.body);
  return { inventory, missing: inventory.missing };
}
