import { AssetError, type Inventory } from './inventory.ts';

/**
 * Reads an inventory that a person keeps, in JSON or CSV.
 * @param source the name of its file
 * @throws AssetError
 */
export function parseAssetFile(written: string, source: string): Inventory {
  if (written.trim() === '') throw new AssetError(`${source}: is empty`);
  return { source, by: 'person', assets: [], grants: [], missing: [] };
}
