import type { Asset, DataClass } from '../../timeline/asset.ts';
import type { Weight } from './weight.ts';

const IMPORTANCE_POINTS = 10;
const PRODUCTION_POINTS = 4;
const DATA_POINTS: Readonly<Record<DataClass, number>> = { restricted: 6, confidential: 4, internal: 1, public: 0 };

const PRODUCTION: ReadonlySet<string> = new Set(['production', 'prod', 'prd', 'live']);

/** What an asset is worth, as inventories say: how important it is, what it holds, and whether it is in production. */
export function assetWeights(asset: Asset | undefined): Weight[] {
  if (asset === undefined) return [];
  const { importance = 0, dataClass, environment } = asset;
  const weights: Weight[] = [];
  if (importance > 0) {
    const share = Math.min(1, importance);
    weights.push({ points: IMPORTANCE_POINTS * share, reason: `importance ${share.toFixed(2)} of 1` });
  }
  if (dataClass !== undefined) weights.push({ points: DATA_POINTS[dataClass], reason: `it holds ${dataClass} data` });
  if (environment !== undefined && PRODUCTION.has(environment))
    weights.push({ points: PRODUCTION_POINTS, reason: 'it is in production' });
  return weights;
}
