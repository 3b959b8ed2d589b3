import type { AssetLookup, Exposure } from '../../timeline/asset.ts';
import type { PostureCondition } from '../../timeline/posture-change.ts';
import { armTypeOf } from './asset-key.ts';

/** What is weak now, by key of the resource; see {@link standingConditions}. */
export type StandingConditions = ReadonlyMap<string, ReadonlySet<PostureCondition>>;

/** Conditions that stand, as look-ups want them. */
export function standingConditions(
  conditions: Iterable<{ readonly condition: PostureCondition; readonly resource: string }>,
): StandingConditions {
  const standing = new Map<string, Set<PostureCondition>>();
  for (const { condition, resource } of conditions) {
    const known = standing.get(resource);
    if (known === undefined) standing.set(resource, new Set([condition]));
    else known.add(condition);
  }
  return standing;
}

/** From where a thing can be reached, and why it is held to be so. */
export interface JoinedExposure {
  readonly exposure: Exposure;
  /** In few words: `public address 203.0.113.4`. */
  readonly by?: string | undefined;
}

/**
 * From where the thing of a key can be reached, after the inventory and after what logs have shown since. A security group that is open exposes
 * only what is behind it and has a public address. Takes time with what stands before the thing, not with what is weak elsewhere.
 */
export function exposureOf(key: string, lookup: AssetLookup, standing: StandingConditions): JoinedExposure {
  const asset = lookup.find(key);
  if (asset?.exposure === 'internet') return { exposure: 'internet', by: asset.exposedBy };
  const opened = ownOpening(key, standing) ?? (asset && ownOpening(asset.key, standing));
  if (opened !== undefined) return { exposure: 'internet', by: opened };
  return { exposure: asset?.exposure ?? 'unknown', by: asset?.exposedBy };
}

function ownOpening(key: string, standing: StandingConditions): string | undefined {
  const conditions = standing.get(key);
  if (conditions?.has('storage-public') === true) return 'it was made public';
  const guards = armTypeOf(key) === 'microsoft.network/networksecuritygroups';
  return conditions?.has('network-open') === true && !guards ? 'its firewall lets every network in' : undefined;
}
