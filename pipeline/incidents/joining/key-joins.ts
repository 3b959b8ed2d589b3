import type { Join } from '../../timeline/incident.ts';
import { MAX_SHARED, type AlertKey } from './alert-keys.ts';

/** By how much the clocks of two clouds may differ: CloudTrail tells whole seconds. Milliseconds. */
const SKEW = 60_000;
/** How many of those who gave something out are looked at for each who used it, latest first. */
const MAX_GIVERS = 64;

/**
 * Which alerts one key joins. A function of the set of entries; of the joins that follow from others it leaves out most. Takes n log n time.
 * @param entries all of one key, at most one of an alert for each side
 * @param horizon how far apart two that are joined may be, milliseconds
 */
export function joinsOfKey(entries: Iterable<AlertKey>, horizon: number): Join[] {
  const sorted = [...entries].sort((a, b) => a.first - b.first || (a.alert < b.alert ? -1 : 1));
  const crowded = crowdedOf(sorted, horizon);
  const joins: Join[] = [];
  const links: Join[] = [];
  const acting = sorted.filter(({ side }) => side === 'acted');
  const giving = sorted.filter((entry) => entry.side === 'given' && !crowded.has(entry));
  const linked = joinUses(
    acting.filter((entry) => !crowded.has(entry)),
    giving,
    horizon,
    links,
  );
  joinAlike(giving, horizon, joins);
  joinAlike(
    acting.filter(({ shared }) => shared !== true),
    horizon,
    joins,
  );
  const unclear = acting.filter((entry) => entry.shared === true && !linked.has(entry));
  for (const entries of byAddress(unclear).values()) joinAlike(entries, horizon, joins);
  return [...joins, ...links];
}

/** Those around whom more principals than may share a key have to do with it. */
function crowdedOf(sorted: readonly AlertKey[], horizon: number): ReadonlySet<AlertKey> {
  const crowded = new Set<AlertKey>();
  const near = new Map<string, number>();
  const count = (entry: AlertKey | undefined, by: 1 | -1) => {
    for (const principal of entry?.principals ?? []) {
      const left = (near.get(principal) ?? 0) + by;
      if (left === 0) near.delete(principal);
      else near.set(principal, left);
    }
  };
  let from = 0;
  let to = 0;
  for (const entry of sorted) {
    for (; (sorted[to]?.first ?? Infinity) <= entry.first + horizon; to++) count(sorted[to], 1);
    for (; (sorted[from]?.first ?? Infinity) < entry.first - horizon; from++) count(sorted[from], -1);
    if (near.size > MAX_SHARED) crowded.add(entry);
  }
  return crowded;
}

/** Joins each with the one before it that lasted longest: so all are connected that are within the horizon of each other. */
function joinAlike(sorted: readonly AlertKey[], horizon: number, joins: Join[]): void {
  let longest: AlertKey | undefined;
  for (const entry of sorted) {
    if (entry.alike === undefined) continue;
    if (longest !== undefined && entry.first - longest.last <= horizon) add(joins, longest, entry, entry.alike);
    if (longest === undefined || entry.last > longest.last) longest = entry;
  }
}

/**
 * Joins what was done with something to the last before it that gave it out: to one from the same address, where there is one.
 * @returns what was joined
 */
function joinUses(
  acting: readonly AlertKey[],
  giving: readonly AlertKey[],
  horizon: number,
  joins: Join[],
): ReadonlySet<AlertKey> {
  const linked = new Set<AlertKey>();
  for (const act of acting) {
    let latest: AlertKey | undefined;
    const end = countUntil(giving, act.last + SKEW);
    for (let at = end - 1; at >= Math.max(0, end - MAX_GIVERS); at--) {
      const gift = giving[at];
      if (gift === undefined || gift.alert === act.alert || act.first - gift.last > horizon) continue;
      latest ??= gift;
      if (![...act.addresses].some((address) => gift.addresses.has(address))) continue;
      latest = gift;
      break;
    }
    if (latest === undefined) continue;
    linked.add(act);
    add(joins, latest, act, 'link');
  }
  return linked;
}

function byAddress(entries: readonly AlertKey[]): Map<string, AlertKey[]> {
  const from = new Map<string, AlertKey[]>();
  for (const entry of entries) {
    for (const address of entry.addresses) {
      const those = from.get(address);
      if (those === undefined) from.set(address, [entry]);
      else those.push(entry);
    }
  }
  return from;
}

/** How many of them began by a time. */
function countUntil(sorted: readonly AlertKey[], time: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.first ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function add(joins: Join[], one: AlertKey, other: AlertKey, by: Join['by']): void {
  if (one.alert === other.alert) return;
  const alerts: Join['alerts'] = one.alert < other.alert ? [one.alert, other.alert] : [other.alert, one.alert];
  joins.push({ alerts, by, key: one.key < other.key ? one.key : other.key });
}
