import type { JsonObject } from '../../../platform/json.ts';
import { fold } from '../sigma/fold.ts';
import { combinations } from './combinations.ts';
import type { CorrelationRule } from './correlation-rule.ts';
import type { Found, GroupState } from './group-state.ts';
import {
  pointOfEpisode,
  valuesOf,
  type CorrelatedEvent,
  type Episode,
  type EpisodePoint,
  type Point,
} from './point.ts';
import type { SlidingWindow } from './sliding-state.ts';
import { TimeQueue } from './time-queue.ts';

/** An event is in so many groups, where it has lists of values. */
const MAX_GROUPS = 16;

/** Of what a rule is built on, no more is held for an episode that goes on and on, milliseconds. */
const MAX_LOOK_BACK = 86_400_000;

/** What a rule found in one of its groups, as it stands. */
export interface StandingEpisode<E extends CorrelatedEvent> extends Episode {
  found: Found<E>;
  /** What those that are built on this rule were given of it: for each point of `found` one. */
  given: readonly EpisodePoint<E>[];
}

/** What became of what a rule found. */
export interface EpisodeChanges<E extends CorrelatedEvent> {
  readonly found: StandingEpisode<E>[];
  readonly withdrawn: StandingEpisode<E>[];
}

interface Group<E extends CorrelatedEvent> {
  readonly key: string;
  readonly state: GroupState<E>;
  standing: StandingEpisode<E>[] | undefined;
  /** Event time at which it is to be looked at again. */
  awaits: number | undefined;
}

/** The groups of one correlation rule: points by their values of `group-by`, and what the rule found in each. */
export class RuleGroups<E extends CorrelatedEvent> {
  readonly correlation: CorrelationRule;
  /** The groups of those built on this rule. */
  readonly #above: RuleGroups<E>[] = [];
  /** What this rule is built on finds so much later, milliseconds, that an event is part of something. */
  #lag = 0;
  readonly #newState: () => GroupState<E>;
  readonly #window: SlidingWindow<E> | undefined;
  #from = -Infinity;
  #floor = -Infinity;
  readonly #groups = new Map<string, Group<E>>();
  readonly #dirty = new Set<Group<E>>();
  /** Those in which something was found. */
  readonly #firing = new Set<Group<E>>();
  #decided = -Infinity;
  readonly #waiting = new TimeQueue<Group<E>>();

  /** @param window what the groups of a rule of sliding windows have in common */
  constructor(correlation: CorrelationRule, newState: () => GroupState<E>, window?: SlidingWindow<E>) {
    this.correlation = correlation;
    this.#newState = newState;
    this.#window = window;
  }

  /** Takes what another rule finds. */
  buildOn(below: RuleGroups<E>): void {
    below.#above.push(this);
    // An event is part of an episode as soon as a window holds that it is in, which may end the timespan later. The project's own types
    // tell all that they find within one deduplication window as one.
    const { timespan, window } = below.correlation;
    this.#lag = Math.max(this.#lag, below.#lag + timespan + (below.#window === undefined ? window : 0));
  }

  /** What was found before this time is settled for good. */
  get from(): number {
    return this.#from;
  }

  /** No point before this time counts any more. */
  get floor(): number {
    return this.#floor;
  }

  /** How many groups there are. */
  get size(): number {
    return this.#groups.size;
  }

  /** All that stands. */
  *standing(): Generator<StandingEpisode<E>> {
    for (const group of this.#firing) yield* group.standing ?? [];
  }

  add(point: Point<E>): void {
    this.#eachKey(point, (key) => {
      if (point.time < this.#floor && !this.#groups.has(key)) return;
      const group = this.#groupOf(key);
      group.state.add(point);
      this.#dirty.add(group);
    });
  }

  remove(point: Point<E>): void {
    this.#eachKey(point, (key) => {
      const group = this.#groups.get(key);
      if (group === undefined) return;
      group.state.remove(point);
      this.#dirty.add(group);
    });
  }

  /** Puts a point in place of one that says the same of somebody else; what is remembered of the groups that it leaves goes with it. */
  move(point: Point<E>, other: Point<E>): void {
    if (this.#window !== undefined) {
      this.remove(point);
      this.add(other);
      return;
    }
    const summaries: JsonObject[] = [];
    const left = new Set<string>();
    this.#eachKey(point, (key) => {
      left.add(key);
      const summary = this.#groups.get(key)?.state.summary?.();
      if (summary !== undefined) summaries.push(summary);
    });
    this.remove(point);
    this.add(other);
    this.#eachKey(other, (key) => {
      if (left.has(key)) return;
      for (const summary of summaries) this.#groups.get(key)?.state.restore?.(summary);
    });
  }

  /**
   * Looks again at each group that changed or that waited for event time to come so far, and hands on what is found.
   * @param expected event time up to which no further event is expected
   */
  settle(expected: number): EpisodeChanges<E> {
    const changes: EpisodeChanges<E> = { found: [], withdrawn: [] };
    const decided = expected - this.#lag;
    this.#decided = decided;
    for (const { time, of: group } of this.#waiting.takeUntil(decided)) {
      if (group.awaits === time) this.#dirty.add(group);
    }
    for (const group of this.#dirty) this.#look(group, decided, changes);
    this.#dirty.clear();
    return changes;
  }

  /**
   * Drops what no window from a time on can hold, nor any of those built on this rule.
   * @param all false: only where something was found; all others only take room meanwhile
   */
  forget(before: number, all: boolean): void {
    const from = Math.max(this.#from, this.#neededFrom(before));
    this.settleFor(from);
    for (const group of all ? this.#groups.values() : this.#firing) {
      group.state.forget(from);
      if (group.standing !== undefined) this.#takeOver(group);
      if (group.state.size === 0) this.#drop(group);
    }
    if (this.#window === undefined && all) this.#floor = this.#heldFrom(from);
  }

  /** Takes what was found before a time for settled for good. */
  settleFor(from: number): void {
    this.#from = from;
    if (this.#window === undefined) return;
    this.#window.from = from;
    this.#floor = from - this.#window.timespan;
  }

  /** The ids of events that what stands is made of, though no window can hold them any more. */
  *listed(): Generator<string> {
    for (const { found } of this.standing()) {
      for (const { time, event } of found.points) if (time < this.#floor) yield event.id;
    }
  }

  /** What must outlive a restart, by the key of the group. */
  *summaries(): Generator<readonly [key: string, value: JsonObject]> {
    // Of sliding windows, only what was found may go on.
    for (const group of this.#window === undefined ? this.#groups.values() : this.#firing) {
      const value = group.state.summary?.();
      if (value !== undefined) yield [group.key, value];
    }
  }

  restore(key: string, summary: JsonObject): void {
    const group = this.#groupOf(key);
    group.state.restore?.(summary);
    this.#dirty.add(group);
  }

  /**
   * The earliest moment at which something can still change what is found from a time on, here or in what is built on this rule: there
   * also what an episode that may go on began with.
   */
  #neededFrom(before: number): number {
    let needed = before - this.#lag;
    for (const one of this.#above) {
      const from = one.#neededFrom(before);
      let earliest = from;
      for (const { time } of one.standing()) earliest = Math.min(earliest, time);
      needed = Math.min(needed, Math.max(earliest, from - MAX_LOOK_BACK) - one.correlation.timespan);
    }
    return needed;
  }

  /** The earliest time of which a state that is no sliding window may hold points. */
  #heldFrom(from: number): number {
    let held = from;
    for (const { state } of this.#groups.values()) {
      held = Math.min(held, state.heldFrom ?? from - this.correlation.timespan);
    }
    return held;
  }

  #groupOf(key: string): Group<E> {
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, state: this.#newState(), standing: undefined, awaits: undefined };
      // What is settled is settled for groups to come as well.
      if (this.#window === undefined && this.#from > -Infinity) group.state.forget(this.#from);
      this.#groups.set(key, group);
    }
    return group;
  }

  #drop(group: Group<E>): void {
    this.#groups.delete(group.key);
    this.#firing.delete(group);
    this.#dirty.delete(group);
    group.awaits = undefined;
  }

  #look(group: Group<E>, decided: number, changes: EpisodeChanges<E>): void {
    const { state } = group;
    this.#compare(group, state.found(decided), changes);
    const { awaits } = state;
    if (awaits !== undefined && awaits !== group.awaits) this.#waiting.add(awaits, group);
    group.awaits = awaits;
    if (state.size === 0) this.#drop(group);
  }

  #compare(group: Group<E>, found: readonly Found<E>[], changes: EpisodeChanges<E>): void {
    if (found.length === 0 && group.standing === undefined) return;
    const before = new Map(group.standing?.map((episode) => [episode.time, episode]));
    const standing: StandingEpisode<E>[] = [];
    for (const one of found) {
      const [first] = one.points;
      if (first !== undefined) standing.push(this.#standing(group.key, one, first, before, changes));
    }
    for (const gone of before.values()) {
      for (const point of gone.given) for (const groups of this.#above) groups.remove(point);
      changes.withdrawn.push(gone);
    }
    this.#stand(group, standing);
  }

  /** The episode of what was found: the one that is known, unless its group goes by other values now. @param before those known; it goes out of them */
  #standing(
    key: string,
    one: Found<E>,
    first: Point<E>,
    before: Map<number, StandingEpisode<E>>,
    changes: EpisodeChanges<E>,
  ): StandingEpisode<E> {
    const known = before.get(one.time);
    if (known?.found === one) {
      before.delete(one.time);
      return known;
    }
    const values = this.#valuesOf(key, first);
    if (known === undefined || !sameValues(known.group, values)) {
      const { correlation } = this;
      const { time } = one;
      const episode = {
        correlation,
        key: JSON.stringify([correlation.id, key, time]),
        time,
        group: values,
        found: one,
        given: [],
      };
      this.#give(episode);
      changes.found.push(episode);
      return episode;
    }
    before.delete(one.time);
    const same = samePoints(known.found.points, one.points);
    known.found = one;
    if (same) return known;
    this.#give(known);
    changes.found.push(known);
    return known;
  }

  #stand(group: Group<E>, standing: StandingEpisode<E>[]): void {
    group.standing = standing.length === 0 ? undefined : standing;
    if (standing.length === 0) this.#firing.delete(group);
    else this.#firing.add(group);
  }

  /** Gives those above the points that they do not have yet of an episode, and takes back those that it has no more. */
  #give(episode: StandingEpisode<E>): void {
    if (this.#above.length === 0) return;
    const before = new Map(episode.given.map((point) => [point.inner, point]));
    episode.given = episode.found.points.map((inner) => {
      const known = before.get(inner);
      before.delete(inner);
      if (known !== undefined) return known;
      const point = pointOfEpisode(episode, inner);
      for (const groups of this.#above) groups.add(point);
      return point;
    });
    for (const point of before.values()) for (const groups of this.#above) groups.remove(point);
  }

  /** Takes what the state still knows of what it found, once it has dropped what is settled for good: no news for anybody. */
  #takeOver(group: Group<E>): void {
    const found = new Map(group.state.found(this.#decided).map((one) => [one.time, one]));
    const standing = group.standing?.filter((episode) => {
      const held = found.get(episode.time);
      if (held === undefined || held.points.length === 0) return false;
      if (held === episode.found) return true;
      episode.found = held;
      const points = new Set(held.points);
      episode.given = episode.given.filter(({ inner }) => points.has(inner));
      return true;
    });
    this.#stand(group, standing ?? []);
  }

  /** Calls back with the key of each group that a point is in: none where it has no value of a field. */
  #eachKey(point: Point<E>, visit: (key: string) => void): void {
    const { correlation } = this;
    const [field] = correlation.groupBy;
    if (field === undefined) {
      visit('');
      return;
    }
    if (correlation.groupBy.length === 1) {
      const texts = different(valuesOf(point, correlation, field));
      for (let at = 0; at < texts.length && at < MAX_GROUPS; at += 1) visit(fold(texts[at] ?? ''));
      return;
    }
    for (const values of this.#combinations(point)) visit(keyOf(values));
  }

  /** The values by which a group goes, as one of its points spells them. */
  #valuesOf(key: string, point: Point<E>): ReadonlyMap<string, string> {
    const { groupBy } = this.correlation;
    const values = groupBy.length === 0 ? [] : this.#combinations(point).find((one) => keyOf(one) === key);
    return new Map(groupBy.map((field, at) => [field, values?.[at] ?? '']));
  }

  #combinations(point: Point<E>): readonly (readonly string[])[] {
    const { correlation } = this;
    return combinations(
      correlation.groupBy.map((field) => different(valuesOf(point, correlation, field))),
      MAX_GROUPS,
    );
  }
}

function keyOf(values: readonly string[]): string {
  const [only = ''] = values;
  return values.length === 1 ? fold(only) : JSON.stringify(values.map(fold));
}

/** Of texts that differ in case alone, the first. */
function different(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  return [...new Map(texts.toReversed().map((text) => [fold(text), text])).values()].toReversed();
}

function sameValues(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  for (const [field, value] of one) if (other.get(field) !== value) return false;
  return true;
}

function samePoints<E>(one: readonly Point<E>[], other: readonly Point<E>[]): boolean {
  return one.length === other.length && one.every((point, at) => point === other[at]);
}
