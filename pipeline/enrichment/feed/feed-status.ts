import type { Check, CopyManifest, CopyStore } from '../copies/copy-store.ts';
import type { Feed } from './feed.ts';

/** How a feed stands. Times are milliseconds since 1970-01-01T00:00:00Z. */
export interface FeedStatus {
  readonly id: string;
  readonly title: string;
  readonly manifest?: CopyManifest | undefined;
  readonly check?: Check | undefined;
  /** Milliseconds since the copy was last known to be what its publisher has; undefined where there is none. */
  readonly age?: number | undefined;
  /** `stale`: older than it may be, or of an older date. `damaged`: there is something, but it cannot be used. */
  readonly state: 'current' | 'stale' | 'missing' | 'damaged';
  /** What is wrong, for people. */
  readonly problem?: string | undefined;
}

/** How a feed stands, after its copy and the last look at its publisher. */
export async function feedStatus(feed: Feed<unknown>, store: CopyStore, now: number): Promise<FeedStatus> {
  const [manifest, check, damage] = await Promise.all([
    store.manifest(feed.id),
    store.check(feed.id),
    store.damage(feed.id),
  ]);
  const { id, title } = feed;
  if (damage !== undefined) return { id, title, check, state: 'damaged', problem: damage };
  if (manifest === undefined) return { id, title, check, state: 'missing', problem: check?.problem };
  const age = ageOf(manifest, check, now);
  const dated = datedLongAgo(feed, manifest, now);
  const state = age > feed.maxAge || dated !== undefined ? 'stale' : 'current';
  return { id, title, manifest, check, age, state, problem: check?.problem ?? dated };
}

/** Milliseconds since a copy was last known to be what its publisher has. */
export const ageOf = (manifest: CopyManifest, check: Pick<Check, 'confirmed'> | undefined, now: number): number =>
  Math.max(0, now - confirmedAt(manifest, check));

/** When a copy was last known to be what its publisher has, by the clock of whoever saw that. */
export const confirmedAt = ({ fetched }: CopyManifest, check: Pick<Check, 'confirmed'> | undefined): number =>
  Math.max(fetched, check?.confirmed ?? 0);

/** What is to be said of a copy that its publisher dated longer ago than its feed may be; undefined where it did not. */
export function datedLongAgo(
  { maxPublishedAge = Infinity }: Pick<Feed<unknown>, 'maxPublishedAge'>,
  { published }: CopyManifest,
  now: number,
): string | undefined {
  if (published === undefined || now - published <= maxPublishedAge) return undefined;
  const days = Math.floor((now - published) / 86_400_000);
  return `its publisher dates it ${new Date(published).toISOString().slice(0, 10)}, ${days} days ago`;
}
