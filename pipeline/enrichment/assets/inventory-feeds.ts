import { azureConnection } from '../../../platform/azure/connection.ts';
import { azureEndpoints } from '../../../platform/azure/endpoints.ts';
import { systemClock, type Clock } from '../../../platform/clock.ts';
import type { Configuration } from '../../../platform/configuration.ts';
import type { Copy } from '../copies/copy.ts';
import type { Feed } from '../feed/feed.ts';
import { connectAwsConfig } from './aws/aws-config.ts';
import { readAws } from './aws/read-aws.ts';
import { readAzure } from './azure/read-azure.ts';
import { connectResourceGraph } from './azure/resource-graph.ts';
import { decodeInventory, encodeInventory, INVENTORY_COPIES } from './inventory-copy.ts';
import type { Inventory } from './inventory.ts';

/** Inventories are read every six hours; four that failed in a row make one stale. */
const MAX_AGE = 24 * 3_600_000;

export interface InventoryOptions {
  readonly clock?: Clock | undefined;
  /** Milliseconds after which reading one cloud is given up. */
  readonly budget?: number | undefined;
  /** Milliseconds before the first repetition of a call to Azure that failed. */
  readonly retryDelay?: number | undefined;
}

/** Less than half of what a function may take, for there are two clouds. */
const BUDGET = 4 * 60_000;

/** The inventories of clouds that are configured: `assets/azure` and `assets/aws`. */
export function configuredInventories(
  { assets, azure }: Pick<Configuration, 'assets' | 'azure'>,
  { clock = systemClock, budget = BUDGET, retryDelay }: InventoryOptions = {},
): readonly Feed<Inventory>[] {
  const feeds: Feed<Inventory>[] = [];
  const scopes = assets.azure;
  if (scopes !== undefined) {
    const endpoints = azureEndpoints(azure);
    const read = async (before: Inventory | undefined): Promise<Inventory> => {
      const ports = { clock, retryDelay, signal: AbortSignal.timeout(budget) };
      const graph = await connectResourceGraph(await azureConnection(endpoints), ports);
      return readAzure(graph, scopes, assets.tags, before);
    };
    feeds.push(inventoryFeed('assets/azure', 'inventory of Azure', endpoints.arm, read));
  }
  const { targets } = assets.aws;
  if (targets.length > 0) {
    const read = (before: Inventory | undefined): Promise<Inventory> => {
      const signal = AbortSignal.timeout(budget);
      return readAws(targets, (target) => connectAwsConfig(target, signal), assets.tags, before);
    };
    feeds.push(inventoryFeed('assets/aws', 'inventory of AWS', 'AWS Config', read));
  }
  return feeds;
}

function inventoryFeed(
  id: string,
  title: string,
  source: string,
  read: (before: Inventory | undefined) => Promise<Inventory>,
): Feed<Inventory> {
  return {
    id,
    title,
    maxAge: MAX_AGE,
    fetch: async (previous) => ({ body: encodeInventory(await read(inventoryIn(previous))), source }),
    ...INVENTORY_COPIES,
  };
}

/** A copy that cannot be read any more has nothing to keep. */
function inventoryIn(copy: Copy | undefined): Inventory | undefined {
  try {
    return copy && decodeInventory(copy.body);
  } catch {
    return undefined;
  }
}
