import type { Asset, AssetKind, DataClass, Exposure, Grant } from '../../timeline/asset.ts';

/** What one inventory says of one thing; what is undefined it does not say. */
export interface StatedAsset {
  readonly key: string;
  readonly kind?: AssetKind | undefined;
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  readonly environment?: string | undefined;
  readonly importance?: number | undefined;
  readonly dataClass?: DataClass | undefined;
  readonly exposure?: Exposure | undefined;
  readonly exposedBy?: string | undefined;
  readonly identities?: Asset['identities'] | undefined;
  readonly behind?: Asset['behind'] | undefined;
  /** Key of the account that has it, where its own key does not say: of a bucket of S3. */
  readonly account?: string | undefined;
}

/** What one file or one cloud says, at one time. */
export interface Inventory {
  /** `assets.csv`, `azure`, `aws`. */
  readonly source: string;
  /** Who says it. What a person wrote is believed before what a cloud's tags say. */
  readonly by: 'person' | 'cloud';
  readonly assets: readonly StatedAsset[];
  readonly grants: readonly Grant[];
  /** What could not be asked or is left out, for people: `subscription 0000…: access is refused`. Empty where it is whole. */
  readonly missing: readonly string[];
}

/** Thrown for an inventory that cannot be used; its message names the place and what was expected. */
export class AssetError extends Error {
  override readonly name = 'AssetError';
}
