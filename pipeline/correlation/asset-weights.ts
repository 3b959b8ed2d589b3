import { armKey, arnKey } from '../timeline/entity-keys.ts';

/** Something that is worth more than others, as the configuration names it. */
export interface ImportantAsset {
  /** An Azure resource id, an ARN, or a key as `crosstrail entity` shows it; what lies within it counts too. */
  readonly id: string;
  /** 0 to 1. */
  readonly weight: number;
}

/**
 * How much the thing of a key is worth, 0 to 1: the weight of the closest asset that it is or lies within; 0 where there is none.
 * A key takes time with its length, not with the number of assets.
 */
export function assetWeights(assets: readonly ImportantAsset[]): (key: string) => number {
  const weights = new Map(assets.map(({ id, weight }) => [keyOf(id), weight]));
  if (weights.size === 0) return () => 0;
  return (key) => {
    for (let end = key.length; end > 0; end = Math.max(key.lastIndexOf('/', end - 1), key.lastIndexOf(':', end - 1))) {
      const weight = weights.get(key.slice(0, end));
      if (weight !== undefined) return weight;
    }
    return 0;
  };
}

function keyOf(id: string): string {
  if (id.startsWith('/')) return armKey(id);
  return id.startsWith('arn:') ? arnKey(id) : id;
}
