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
import { knowledgeOfCopies } from './knowledge-of-copies.ts';

/** What the options of a scan name beside the logs. */
export interface KnowledgeOptions {
  readonly kev?: string;
  readonly epss?: string;
  readonly assets?: readonly string[];
  /** A folder of copies, as `crosstrail feeds update --folder` keeps them. */
  readonly feeds?: string;
}

/**
 * What is known beside the logs of a scan: files that its options name, those of the configuration, and copies where a folder of them is named.
 * @throws UnusableInputError naming the file and what is wrong with it
 */
export async function scanKnowledge(configuration: Configuration, options: KnowledgeOptions): Promise<Knowledge> {
  try {
    if (options.feeds !== undefined) return await knowledgeOfCopies(configuration, options.feeds, options);
    return await knowledgeOfFiles(configuration, options);
  } catch (error) {
    const known = error instanceof FeedError || error instanceof AssetError;
    throw known ? new UnusableInputError(error.message) : error;
  }
}

async function knowledgeOfFiles(configuration: Configuration, options: KnowledgeOptions): Promise<Knowledge> {
  const { assets, correlation } = configuration;
  const addresses = await localContext(configuration);
  const inventories = await loadAssetFiles([...(options.assets ?? []), ...assets.files]);
  return knowledgeOf({
    ...addresses,
    kev: options.kev === undefined ? undefined : await readFeed(options.kev, parseKev),
    epss: options.epss === undefined ? undefined : await readFeed(options.epss, parseEpss),
    assets: new AssetInventory(inOrderOfTrust([...inventories, weightsInventory(correlation.assets)])),
  });
}
