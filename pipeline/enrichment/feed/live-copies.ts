import type { Clock } from '../../../platform/clock.ts';
import type { Metrics } from '../../../platform/metrics.ts';
import type { CopyManifest, CopyStore } from '../copies/copy-store.ts';
import { FeedError } from '../feed-error.ts';
import { ageOf, confirmedAt, datedLongAgo } from './feed-status.ts';
import type { Feed } from './feed.ts';
import { parseInTurns } from './parse-in-turns.ts';

/** What live copies stand on. */
export interface LiveCopiesPorts {
  readonly store: CopyStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: (level: 'information' | 'warning', message: string) => void;
}

export interface LiveCopiesTimes {
  /** Milliseconds from one look at the copies to the next. */
  readonly interval?: number;
  /** Milliseconds that a look may take; what comes later is dropped, and the next look tries again. */
  readonly bound?: number;
}

const INTERVAL = 5 * 60_000;
const BOUND = 60_000;

/** A feed as it is in memory. */
interface Loaded {
  readonly feed: Feed<unknown>;
  value: unknown;
  manifest: CopyManifest | undefined;
  /** The copy that could not be used, which is not tried twice. */
  refused: string | undefined;
  /** When it was last known to be what its publisher has. */
  confirmed: number;
}

/**
 * The values of feeds in memory, which follow their copies. Looking one up asks nobody. What is new is loaded in the background; on any
 * failure what was there stays.
 */
export class LiveCopies {
  readonly #ports: LiveCopiesPorts;
  readonly #interval: number;
  readonly #bound: number;
  readonly #feeds = new Map<string, Loaded>();
  #version = 0;
  #lastLook = -Infinity;
  #look = 0;
  #looking: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(ports: LiveCopiesPorts, feeds: readonly Feed<unknown>[], times: LiveCopiesTimes = {}) {
    this.#ports = ports;
    this.#interval = times.interval ?? INTERVAL;
    this.#bound = times.bound ?? BOUND;
    for (const feed of feeds) {
      this.#feeds.set(feed.id, { feed, value: undefined, manifest: undefined, refused: undefined, confirmed: 0 });
    }
  }

  /** Loads what there is for the first time. @param budget milliseconds after which it returns, though loading goes on */
  async start(budget: number): Promise<void> {
    await this.#within(budget, this.refresh());
  }

  /** What a feed says, as last loaded; undefined where no copy has been loaded yet, or it is none of those that were named at the beginning. */
  value<T>(feed: Feed<T>): T | undefined {
    // A feed's value is what its own `parse` gave, under its own id.
    return this.#feeds.get(feed.id)?.value as T | undefined;
  }

  /** Goes up whenever a value has become another. */
  get version(): number {
    return this.#version;
  }

  /** The copy in use. */
  manifest(feed: Feed<unknown>): CopyManifest | undefined {
    return this.#feeds.get(feed.id)?.manifest;
  }

  /** When the copy in use was last known to be what its publisher has, milliseconds since 1970-01-01T00:00:00Z; undefined where there is none. */
  confirmed(feed: Feed<unknown>): number | undefined {
    const loaded = this.#feeds.get(feed.id);
    return loaded?.manifest && confirmedAt(loaded.manifest, loaded);
  }

  /** Milliseconds since the copy in use was last known to be what its publisher has; undefined where there is none. */
  age(feed: Feed<unknown>): number | undefined {
    const loaded = this.#feeds.get(feed.id);
    if (loaded?.manifest === undefined) return undefined;
    return ageOf(loaded.manifest, loaded, this.#ports.clock.now());
  }

  /** Whether there is no copy, or one older, or of an older date, than its feed may be. */
  isStale(feed: Feed<unknown>): boolean {
    const manifest = this.manifest(feed);
    if (manifest === undefined || (this.age(feed) ?? Infinity) > feed.maxAge) return true;
    return datedLongAgo(feed, manifest, this.#ports.clock.now()) !== undefined;
  }

  /**
   * Looks at the copies, where the last look is long enough ago, and loads what is new. Called at each invocation and not waited for: a call
   * that finds nothing to do costs a comparison. Never throws.
   */
  refresh(): Promise<void> {
    const since = this.#ports.clock.now() - this.#lastLook;
    // A clock that was put back must not put the next look off.
    if (this.#looking !== undefined || (since >= 0 && since < this.#interval))
      return this.#looking ?? Promise.resolve();
    this.#lastLook = this.#ports.clock.now();
    const look = ++this.#look;
    this.#looking = this.#within(this.#bound, this.#loadAll(look))
      .then((done) => {
        if (!done) this.#warn(`the copies could not be read within ${this.#bound / 1000} s`);
      })
      .finally(() => {
        this.#looking = undefined;
        // What a look gives that took too long is not waited for, and must not take the place of what a later one gives.
        this.#look++;
      });
    return this.#looking;
  }

  /** @returns whether it was done in time; never throws */
  async #within(budget: number, work: Promise<void>): Promise<boolean> {
    const timing = new AbortController();
    const done = work.then(
      () => true,
      (error: unknown) => {
        this.#warn(`the copies cannot be read: ${error instanceof Error ? error.message : String(error)}`);
        return true;
      },
    );
    try {
      return await Promise.race([done, this.#ports.clock.wait(budget, timing.signal).then(() => false)]);
    } finally {
      timing.abort();
    }
  }

  async #loadAll(look: number): Promise<void> {
    const manifests = new Map((await this.#ports.store.list()).map((manifest) => [manifest.id, manifest]));
    for (const loaded of this.#feeds.values()) {
      const manifest = manifests.get(loaded.feed.id);
      if (manifest === undefined) continue;
      const { confirmed = 0 } = (await this.#ports.store.check(manifest.id)) ?? {};
      if (look !== this.#look) return;
      loaded.confirmed = Math.max(loaded.confirmed, confirmed);
      if (manifest.sha256 !== loaded.manifest?.sha256 && nameOf(manifest) !== loaded.refused) {
        await this.#load(loaded, manifest, look);
      } else if (loaded.manifest?.sha256 === manifest.sha256) loaded.manifest = manifest;
    }
    this.#problem = undefined;
  }

  async #load(loaded: Loaded, manifest: CopyManifest, look: number): Promise<void> {
    const { id } = manifest;
    const copy = await this.#ports.store.read(id);
    const damage = copy === undefined ? await this.#ports.store.damage(id) : undefined;
    if (copy === undefined && damage === undefined) return;
    try {
      if (copy === undefined) throw new FeedError(damage);
      const value = await parseInTurns(loaded.feed, copy.body);
      if (look !== this.#look) return;
      loaded.value = value;
      loaded.manifest = copy.manifest;
      loaded.refused = undefined;
      this.#version++;
      this.#ports.metrics.count('feeds_loaded', 1, { result: 'taken' });
    } catch (error) {
      if (look !== this.#look) return;
      loaded.refused = nameOf(manifest);
      this.#ports.metrics.count('feeds_loaded', 1, { result: 'refused' });
      const why = error instanceof Error ? error.message : String(error);
      this.#ports.log('warning', `feeds: the copy of ${id} is not taken, what is in use stays: ${why}`);
    }
  }

  /** Of a problem that lasts, once. */
  #warn(problem: string): void {
    if (this.#problem === problem) return;
    this.#problem = problem;
    this.#ports.log('warning', `feeds: ${problem}; what is in use stays`);
  }
}

/** Of a copy; one that is put right has the same bytes and was had at another time. */
const nameOf = ({ sha256, fetched }: CopyManifest): string => `${sha256} ${fetched}`;
