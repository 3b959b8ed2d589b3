import { keyOfId } from './asset-key.ts';
import { AssetInventory, inOrderOfTrust } from './asset-inventory.ts';
import type { Inventory } from './inventory.ts';

/** What the configuration's `correlation.assets` says, as an inventory. */
export function weightsInventory(weights: readonly { readonly id: string; readonly weight: number }[]): Inventory {
  const assets = weights.map(({ id, weight }) => ({ key: keyOfId(id), importance: weight }));
  return { source: 'crosstrail.yaml', by: 'person', assets, grants: [], missing: [] };
}

/** The inventory of a process: what the configuration names, and copies of clouds as they come. Made anew only where one of these changed. */
export class LiveAssets {
  readonly #fixed: readonly Inventory[];
  #copies: readonly Inventory[] = [];
  #current: AssetInventory;

  /** @param fixed of files and of the configuration, as they count */
  constructor(fixed: readonly Inventory[]) {
    this.#fixed = fixed;
    this.#current = new AssetInventory(inOrderOfTrust(fixed));
  }

  /** All that is known now. @param copies what there is of each cloud; undefined where there is none yet */
  inventory(copies: readonly (Inventory | undefined)[]): AssetInventory {
    const present = copies.filter((copy) => copy !== undefined);
    const same = present.length === this.#copies.length && present.every((copy, at) => copy === this.#copies[at]);
    if (same) return this.#current;
    this.#copies = present;
    this.#current = new AssetInventory(inOrderOfTrust([...this.#fixed, ...present]));
    return this.#current;
  }
}
