import type { Asset, AssetLookup, Exposure } from '../../timeline/asset.ts';
import type { PostureCondition } from '../../timeline/posture-change.ts';
import { armTypeOf, isSecurityGroup, lastNameOf } from './asset-key.ts';

/** What is weak now, by key of the resource; see {@link standingConditions}. */
export type StandingConditions = ReadonlyMap<string, ReadonlySet<PostureCondition>>;

/** One condition that stands, as posture keeps it. */
export interface StandingCondition {
  readonly condition: PostureCondition;
  readonly resource: string;
  readonly part?: string | undefined;
}

/**
 * Conditions that stand, as look-ups want them. An elastic address that is associated counts for what it is given to; that a block of public access
 * was lifted opens nothing by itself.
 */
export function standingConditions(conditions: Iterable<StandingCondition>): StandingConditions {
  const standing = new Map<string, Set<PostureCondition>>();
  for (const { condition, resource, part } of conditions) {
    if (condition === 'storage-public' && part === LIFTED_BLOCK) continue;
    const key = holderOf(resource, part);
    const known = standing.get(key);
    if (known === undefined) standing.set(key, new Set([condition]));
    else known.add(condition);
  }
  return standing;
}

/** As posture calls that part of a bucket or an account. */
const LIFTED_BLOCK = 'public access block';
const ASSOCIATION = ':elastic-ip-association/';

function holderOf(resource: string, part: string | undefined): string {
  const at = resource.lastIndexOf(ASSOCIATION);
  return part === undefined || at === -1 ? resource : `${resource.slice(0, at)}:${part}`;
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
  const keys = asset === undefined || asset.key === key ? [key] : [key, asset.key];
  const opened = openedItself(keys, standing) ?? reachedByAddress(keys, asset, lookup, standing);
  if (opened !== undefined) return { exposure: 'internet', by: opened };
  return { exposure: asset?.exposure ?? 'unknown', by: asset?.exposedBy };
}

/** What was done to the thing itself, as to a bucket or the firewall of a storage account. */
function openedItself(keys: readonly string[], standing: StandingConditions): string | undefined {
  const has = (condition: PostureCondition): boolean =>
    keys.some((key) => !isSecurityGroup(key) && standing.get(key)?.has(condition) === true);
  if (has('storage-public')) return 'it was made public';
  return has('network-open') ? 'its firewall was opened to every network' : undefined;
}

/** Whether it has a public address, and what guards it lets every address in. */
function reachedByAddress(
  keys: readonly string[],
  asset: Asset | undefined,
  lookup: AssetLookup,
  standing: StandingConditions,
): string | undefined {
  const behind = asset?.behind ?? [];
  const given = [...keys, ...behind].some((key) => standing.get(key)?.has('public-address') === true);
  const address = given ? 'was given a public address' : addressAmong(behind);
  if (address === undefined) return undefined;
  const guards = behind.filter(isSecurityGroup);
  if (guards.length === 0) return given ? `${address}, and what guards it is not known` : undefined;
  const open = guards.filter(
    (guard) => standing.get(guard)?.has('network-open') === true || lookup.get(guard)?.exposure === 'internet',
  );
  const [first] = open;
  // Azure asks every security group, of the interface and of its subnet; in AWS one that lets in is enough.
  const isIn = first !== undefined && (first.startsWith('aws:') || open.length === guards.length);
  return isIn ? `${address}, and ${lastNameOf(first)} lets every address in` : undefined;
}

/** A public address among what stands before a thing, in words. */
function addressAmong(behind: readonly string[]): string | undefined {
  const address = behind.find((key) => key.startsWith('ip:'));
  if (address !== undefined) return `public address ${address.slice('ip:'.length)}`;
  const resource = behind.find((key) => armTypeOf(key) === 'microsoft.network/publicipaddresses');
  return resource === undefined ? undefined : `public address ${lastNameOf(resource)}`;
}
