import type { Configuration } from '../../platform/configuration.ts';
import { loadAssetFiles } from '../../pipeline/enrichment/assets/asset-files.ts';
import { AssetInventory, inOrderOfTrust } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import { AssetError } from '../../pipeline/enrichment/assets/inventory.ts';
import { weightsInventory } from '../../pipeline/enrichment/assets/live-assets.ts';
import { parseEpss } from '../../pipeline/enrichment/epss.ts';
import { FeedError } from '../../pipeline/enrichment/feed-error.ts';
import { parseKev } from '../../pipeline/enrichment/kev.ts';
import { knowledgeOf, type Knowledge } from '../../pipeline/enrichment/knowledge.ts';
import { localContext } from '../../pipeline/enrichment/local-context.ts';
import { UnusableInputError } from './files.ts';
import { readFeed } from './feeds.ts';

/** What the options of a scan name beside the logs. */
export interface KnowledgeOptions {
  readonly kev?: string;
  readonly epss?: string;
  readonly assets?: readonly string[];
}

/**
 * What is known beside the logs of a scan: files that its options name, and those of the configuration.
 * @throws UnusableInputError naming the file and what is wrong with it
 */
export async function scanKnowledge(configuration: Configuration, options: KnowledgeOptions): Promise<Knowledge> {
  const { assets, correlation } = configuration;
  const addresses = await localContext(configuration).catch((error: unknown) => {
    throw error instanceof FeedError ? new UnusableInputError(error.message) : error;
  });
  const inventories = await loadAssetFiles([...(options.assets ?? []), ...assets.files]).catch((error: unknown) => {
    throw error instanceof AssetError ? new UnusableInputError(error.message) : error;
  });
  return knowledgeOf({
    ...addresses,
    kev: options.kev === undefined ? undefined : await readFeed(options.kev, parseKev),
    epss: options.epss === undefined ? undefined : await readFeed(options.epss, parseEpss),
    assets: new AssetInventory(inOrderOfTrust([...inventories, weightsInventory(correlation.assets)])),
  });
}
