import { createHash } from 'node:crypto';
import type { Observation } from '../timeline/observation.ts';
import type { PostureChange, PostureCondition } from '../timeline/posture-change.ts';
import { advance, refusedOperations, type Entry, type Episode, type Standing } from './episodes.ts';
import { byTime, markOf, type Moment } from './posture-mark.ts';
import { summaryOf, voidSummary, type PostureSummary } from './posture-summary.ts';

/** A time during which a resource, a directory or an account was weak, or since which it is. */
export interface ConditionEpisode extends Episode {
  /** Deterministic: of what is weak, and of the event that made it so. */
  readonly id: string;
  readonly condition: PostureCondition;
  /** Canonical key of what is weak. */
  readonly resource: string;
}

/** What differs from what was last told. */
export interface ConditionChanges {
  /** New ones, and those of which something is other than before: most of all that they were undone. */
  readonly changed: readonly ConditionEpisode[];
  /** Ids of those that never were: what came late tells another story. */
  readonly gone: readonly string[];
}

export interface PostureLimits {
  /** Most events held of one condition of one resource: beyond it the earliest are settled for good. */
  readonly events: number;
  /** Most conditions of resources held: beyond it those that changed longest ago are given up. */
  readonly groups: number;
}

const LIMITS: PostureLimits = { events: 1000, groups: 100_000 };

/** So long after all was undone it is known when, so that what is delivered or read once more does not seem to be new: milliseconds. */
const REMEMBERED = 30 * 24 * 3_600_000;

/** All that is known of one condition of one resource. */
interface Group {
  readonly key: string;
  readonly condition: PostureCondition;
  readonly resource: string;
  /** By id of the event. */
  readonly entries: Map<string, Entry>;
  /** What stood before the first of the entries. */
  readonly base: Standing;
  /** The last change that is in the base, and no longer among the entries. */
  settled: Moment | undefined;
  /** What was told last, by id, as text. */
  told: Map<string, string>;
}

/**
 * What is weak, since when and by whom, and what was and who undid it. A function of the set of observations: neither their order nor how often
 * one comes makes a difference, but for what comes after later changes of the same thing were settled for good: that is passed over. Where
 * there are more than the limits, the earliest are counted in `evicted`.
 */
export class PostureConditions {
  /** Those that changed longest ago first. */
  readonly #groups = new Map<string, Group>();
  readonly #dirty = new Set<Group>();
  readonly #limits: PostureLimits;
  #ended: ConditionEpisode[] = [];
  #evicted = 0;

  constructor(limits: Partial<PostureLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** How many conditions of resources are held. */
  get size(): number {
    return this.#groups.size;
  }

  /** How many of them, and how many events, were given up because there were too many. */
  get evicted(): number {
    return this.#evicted;
  }

  /** Takes in what an observation changes; without effect where that is known, or from before what was settled for good. */
  take(observation: Observation): void {
    const { id, operation, posture } = observation;
    if (posture.length === 0) return;
    const mark = markOf(observation);
    const groups = Map.groupBy(posture, ({ condition, resource }) => keyOf(condition, resource));
    for (const [key, changes] of groups) {
      const group = this.#groupOf(key, changes);
      if (group === undefined || group.entries.has(id)) continue;
      if (group.settled !== undefined && byTime(mark, group.settled) <= 0) continue;
      group.entries.set(id, { mark, operation, changes });
      this.#dirty.add(group);
      if (group.entries.size > this.#limits.events) this.#settleEarliest(group);
    }
  }

  #groupOf(key: string, [change]: readonly PostureChange[]): Group | undefined {
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (change === undefined) return undefined;
      group = newGroup(change);
    } else this.#groups.delete(key);
    this.#groups.set(key, group);
    for (const [oldest, given] of this.#groups) {
      if (this.#groups.size <= this.#limits.groups) break;
      this.#groups.delete(oldest);
      this.#dirty.delete(given);
      this.#evicted++;
    }
    return group;
  }

  /** Makes room for as many again as a tenth of the limit. */
  #settleEarliest(group: Group): void {
    const entries = sorted(group);
    const earliest = entries.slice(0, Math.ceil(entries.length / 10));
    this.#evicted += earliest.length;
    this.#fold(group, earliest);
  }

  /** What changed since this was last called, in order of time, then of id. */
  settle(): ConditionChanges {
    const changed = this.#ended;
    const gone: string[] = [];
    this.#ended = [];
    for (const group of this.#dirty) {
      const told = new Map<string, string>();
      for (const episode of episodesOf(group)) {
        const text = JSON.stringify(episode);
        told.set(episode.id, text);
        if (group.told.get(episode.id) !== text) changed.push(episode);
      }
      for (const id of group.told.keys()) if (!told.has(id)) gone.push(id);
      group.told = told;
    }
    this.#dirty.clear();
    return { changed: changed.sort(bySince), gone: gone.sort() };
  }

  /** All that is or was weak, as far as it is not forgotten, in order of time, then of id. */
  all(): ConditionEpisode[] {
    return [...this.#groups.values()].flatMap((group) => episodesOf(group)).sort(bySince);
  }

  /** What is weak, in order of time, then of id. */
  standing(): ConditionEpisode[] {
    return this.all().filter(({ undone }) => undone === undefined);
  }

  /**
   * Settles for good what happened before a time: drops the events, and all that was undone by them. What still stands is kept.
   * @param before event time, milliseconds since 1970-01-01T00:00:00Z
   * @returns what is to be kept in place of the events, for {@link restore}, where it is other than before
   */
  forget(before: number): readonly PostureSummary[] {
    const summaries: PostureSummary[] = [];
    for (const group of this.#groups.values()) {
      const { entries, base, settled } = group;
      const old = sorted(group).filter(({ mark }) => mark.time < before);
      if (old.length > 0) {
        this.#fold(group, old);
        summaries.push(summaryOf(group));
      } else if (entries.size + base.open.size + base.names.size === 0) {
        if (settled !== undefined && settled.time >= before - REMEMBERED) continue;
        this.#groups.delete(group.key);
        summaries.push(voidSummary(group));
      }
    }
    return summaries;
  }

  /** Settles the first of a group's entries for good. */
  #fold(group: Group, first: readonly Entry[]): void {
    const refused = refusedOperations([...group.entries.values()]);
    for (const entry of first) {
      for (const ended of advance(group.base, entry, refused)) {
        const episode = named(group, ended);
        if (group.told.get(episode.id) !== JSON.stringify(episode)) this.#ended.push(episode);
        group.told.delete(episode.id);
      }
      group.entries.delete(entry.mark.event);
      group.settled = { time: entry.mark.time, event: entry.mark.event };
    }
  }

  /** Takes back what {@link forget} gave; observations that it holds may come again. */
  restore(summaries: Iterable<PostureSummary>): void {
    for (const { key, condition, resource, settled, open, names } of summaries) {
      const base = {
        open: new Map(open.map((episode) => [episode.part ?? '', episode])),
        names: new Map(names.map(([name, parts]) => [name, new Set(parts)])),
      };
      const group: Group = { key, condition, resource, entries: new Map(), base, settled, told: new Map() };
      this.#groups.set(key, group);
      this.#dirty.add(group);
    }
  }
}

const keyOf = (condition: PostureCondition, resource: string): string => `${condition} ${resource}`;

const newGroup = ({ condition, resource }: PostureChange): Group => ({
  key: keyOf(condition, resource),
  condition,
  resource,
  entries: new Map(),
  base: { open: new Map(), names: new Map() },
  settled: undefined,
  told: new Map(),
});

const sorted = ({ entries }: Group): Entry[] => [...entries.values()].sort((a, b) => byTime(a.mark, b.mark));

/** All times that the base and the entries tell of, the last ones standing. */
function episodesOf(group: Group): ConditionEpisode[] {
  const entries = sorted(group);
  const { open, names } = group.base;
  const standing: Standing = {
    open: new Map(open),
    names: new Map([...names].map(([name, parts]) => [name, new Set(parts)])),
  };
  const refused = refusedOperations(entries);
  const ended = entries.flatMap((entry) => advance(standing, entry, refused));
  return [...ended, ...standing.open.values()].map((episode) => named(group, episode));
}

function named({ condition, resource }: Group, episode: Episode): ConditionEpisode {
  const of = JSON.stringify([condition, resource, episode.part ?? '', episode.since.event]);
  const id = createHash('sha256').update(of).digest('hex').slice(0, 32);
  return { id, condition, resource, ...episode };
}

const bySince = (a: ConditionEpisode, b: ConditionEpisode): number =>
  byTime(a.since, b.since) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
