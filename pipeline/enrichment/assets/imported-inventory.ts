import type { Clock } from '../../../platform/clock.ts';
import type { CopyStore } from '../copies/copy-store.ts';
import { FeedError } from '../feed-error.ts';
import type { FeedHttp } from '../feed/feed-http.ts';
import type { Feed } from '../feed/feed.ts';
import { updateFeed, type FeedReport, type UpdateOptions } from '../feed/update-feed.ts';
import { encodeInventory, INVENTORY_COPIES } from './inventory-copy.ts';
import type { Inventory } from './inventory.ts';

/** An inventory that a person put into a deployment: it is had from nobody, and stays until another takes its place. */
export const IMPORTED_INVENTORY: Feed<Inventory> = {
  id: 'assets/imported',
  title: 'imported inventory',
  maxAge: Infinity,
  fetch: () => Promise.resolve('unchanged'),
  ...INVENTORY_COPIES,
};

const NOBODY: FeedHttp = { get: () => Promise.reject(new FeedError('it is had from nobody')) };

/** Puts an inventory in the place of the one that was imported before. @throws Error where the store cannot be read or written */
export const importInventory = (
  inventory: Inventory,
  store: CopyStore,
  clock: Clock,
  { force }: Pick<UpdateOptions, 'force'> = {},
): Promise<FeedReport> => {
  const from = { body: encodeInventory(inventory), source: inventory.source };
  return updateFeed(IMPORTED_INVENTORY, store, NOBODY, clock, { from, force });
};
