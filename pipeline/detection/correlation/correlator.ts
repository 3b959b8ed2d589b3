import { compareTexts } from '../../../platform/compare-texts.ts';
import { arrayOf, parseJson, type JsonObject } from '../../../platform/json.ts';
import type { RuleMatch } from '../../timeline/observation.ts';
import type { CompiledRule } from '../rule.ts';
import type { CorrelationRule } from './correlation-rule.ts';
import { FieldPicker } from './field-picker.ts';
import { findingOf, signalOf, type CorrelationChanges, type CorrelationSignal } from './finding.ts';
import type { Summary } from './group-state.ts';
import { comparePoints, pointOfMatch, type CorrelatedEvent, type MatchPoint } from './point.ts';
import { RuleGroups, type StandingEpisode } from './rule-groups.ts';
import { SlidingState } from './sliding-state.ts';
import { isWindowRule, windowOf } from './sliding-window.ts';
import { typedStates, type TypedOptions } from './typed/typed-state.ts';

/** What correlation rules are evaluated with: themselves, and the rules that they name. */
export interface CorrelatedRules {
  readonly rules: readonly CompiledRule[];
  /** Resolved; each after those that it is built on. */
  readonly correlations: readonly CorrelationRule[];
}

/** A record on which rules fired. */
export interface MatchedRecord<E> {
  readonly event: E;
  /** The record's own fields. */
  readonly fields: JsonObject;
  /** The ids of the rules that fired. */
  readonly ruleIds: readonly string[];
}

/** What a correlator knows of the world. */
export interface CorrelatorOptions<E = never> extends TypedOptions {
  /** Who is behind an event, as far as is known by now; left out: the principal that the event names. */
  readonly names?: { principalOf(event: E): string } | undefined;
}

/** Memory is freed where so much more is held than when it last was, or event time went on by so many milliseconds. */
const GROWTH = 1.5;
const SWEEP = 3_600_000;

/** One rule matched most events that are held: so many take less room without a list. */
type Held<E extends CorrelatedEvent> = MatchPoint<E> | MatchPoint<E>[];

/**
 * Evaluates correlation rules over matched events, in whatever order these come: event time decides, and what is given twice counts
 * once. What stands is a function of the events that were given, of who is behind them, and of what was forgotten.
 */
export class Correlator<E extends CorrelatedEvent> {
  readonly #picker: FieldPicker;
  readonly #principalOf: (event: E) => string;
  readonly #silenced: ReadonlySet<string>;
  /** In the order of the correlations, so each after those that it is built on. */
  readonly #groups: readonly RuleGroups<E>[];
  /** By the id of a rule, the groups of those that name it. */
  readonly #takers: ReadonlyMap<string, readonly RuleGroups<E>[]>;
  /** What is held of each event, by its id. */
  readonly #held = new Map<string, Held<E>>();
  readonly #untimed = new Set<string>();
  #untimedBefore = 0;
  #changed = new Map<string, StandingEpisode<E>>();
  #withdrawn = new Set<string>();
  #decided = -Infinity;
  #forgotten = -Infinity;
  #swept = { before: -Infinity, held: 0 };

  constructor(rules: CorrelatedRules, options: CorrelatorOptions<E> = {}) {
    this.#picker = new FieldPicker(rules);
    this.#principalOf = (event) => options.names?.principalOf(event) ?? event.principal;
    this.#silenced = silencedBy(rules.correlations);
    this.#groups = groupsOf<E>(rules.correlations, options);
    this.#takers = takersOf(this.#groups);
  }

  /** How many records were passed over because they say no time, which counts as 1970: no window can hold them. */
  get untimed(): number {
    return this.#untimedBefore + this.#untimed.size;
  }

  /** What is held in memory. */
  get size(): { readonly events: number; readonly groups: number } {
    return { events: this.#held.size, groups: this.#groups.reduce((sum, { size }) => sum + size, 0) };
  }

  /** Whether an event takes part, or may yet: it is to be given again after a restart. */
  holds(eventId: string): boolean {
    return this.#held.has(eventId);
  }

  /** Takes a record, of which only what correlations need is kept. */
  add({ event, fields, ruleIds }: MatchedRecord<E>): void {
    this.addMatches(event, this.#picker.matches({ fields }, ruleIds));
  }

  /** Takes an event and the rules that fired on it; the values are those of {@link FieldPicker.matches}. */
  addMatches(event: E, matches: readonly RuleMatch[]): void {
    if (this.#held.has(event.id)) return;
    let principal: string | undefined;
    let held: Held<E> | undefined;
    for (const { rule, values } of matches) {
      const takers = this.#takers.get(rule);
      if (takers === undefined) continue;
      if (event.time <= 0) {
        this.#untimed.add(event.id);
        return;
      }
      principal ??= this.#principalOf(event);
      const point = pointOfMatch({ rule, event, values, principal });
      for (const groups of takers) groups.add(point);
      if (held === undefined) held = point;
      else if (Array.isArray(held)) held.push(point);
      else held = [held, point];
    }
    if (held !== undefined) this.#held.set(event.id, held);
  }

  /** Asks anew who is behind events, and moves those to other groups whose principal is another now. Events not held change nothing. */
  regroup(eventIds: Iterable<string>): void {
    for (const id of eventIds) {
      const held = pointsOf(this.#held.get(id));
      const [first] = held;
      if (first === undefined) continue;
      const principal = this.#principalOf(first.event);
      if (principal === first.principal) continue;
      const moved = held.map((point) => {
        const other = point.by(principal);
        for (const groups of this.#takers.get(point.rule) ?? []) groups.move(point, other);
        return other;
      });
      this.#held.set(id, moved.length === 1 && moved[0] !== undefined ? moved[0] : moved);
    }
  }

  /**
   * Evaluates what changed.
   * @param decided event time up to which no further event is expected: what such an event could undo is told only up to there
   * @returns how what stands differs from what was last told; without correlations that are only there for others
   */
  settle(decided = Infinity): CorrelationChanges<E> {
    this.#settle(decided);
    const found = [...this.#changed.values()].map(findingOf);
    const withdrawn = [...this.#withdrawn].sort();
    this.#changed = new Map();
    this.#withdrawn = new Set();
    return { found: found.sort((one, other) => one.time - other.time || compareTexts(one.key, other.key)), withdrawn };
  }

  /**
   * Drops what no window from a time on can hold; nothing earlier is to be added any more, or it counts for nothing. What was found
   * and cannot change any more stands for good, and is not told of again.
   * @param before event time; no later than the last `decided`
   * @returns all that must outlive a restart, beside the events that are held
   */
  forget(before: number): Summary[] {
    this.#settle(this.#decided);
    this.#forgotten = Math.max(this.#forgotten, Math.min(before, this.#decided));
    const sweep = this.#forgotten - this.#swept.before >= SWEEP || this.#held.size > this.#swept.held * GROWTH;
    for (const groups of this.#groups) groups.forget(this.#forgotten, sweep);
    if (sweep) this.#sweep();
    return this.#summaries();
  }

  /**
   * Takes what `forget` gave last, before any event is added. What cannot be read is passed over. Once the events that were held are
   * added again, `settle` tells all that was told of them; only then does it tell of later events what is withdrawn of it.
   */
  restore(summaries: Iterable<Summary>): void {
    const byId = new Map(this.#groups.map((groups) => [groups.correlation.id, groups]));
    const read = Array.from(summaries, ({ key, value }) => ({ key: partsOf(key), value }));
    for (const {
      key: [id, group],
      value,
    } of read) {
      if (id === undefined || group !== undefined || typeof value['from'] !== 'number') continue;
      byId.get(id)?.settleFor(value['from']);
      this.#forgotten = Math.max(this.#forgotten, value['from']);
    }
    for (const {
      key: [id, group],
      value,
    } of read) {
      if (id !== undefined && group !== undefined) byId.get(id)?.restore(group, value);
    }
  }

  /** All signals that stand, in order of time; without those of correlations that are only there for others. */
  signals(): CorrelationSignal<E>[] {
    this.#settle(Infinity);
    return this.#groups
      .filter(({ correlation }) => !this.#silenced.has(correlation.id))
      .flatMap((groups) => [...groups.standing()].sort(byFirst).map(signalOf))
      .sort((one, other) => one.time - other.time);
  }

  #settle(decided: number): void {
    this.#decided = Math.max(this.#decided, decided);
    for (const groups of this.#groups) {
      const { found, withdrawn } = groups.settle(this.#decided);
      if (this.#silenced.has(groups.correlation.id)) continue;
      for (const { key } of withdrawn) {
        this.#withdrawn.add(key);
        this.#changed.delete(key);
      }
      for (const episode of found) {
        this.#changed.set(episode.key, episode);
        this.#withdrawn.delete(episode.key);
      }
    }
  }

  /** Drops the events that no group needs any more. */
  #sweep(): void {
    this.#untimedBefore += this.#untimed.size;
    this.#untimed.clear();
    const listed = new Set<string>();
    for (const groups of this.#groups) for (const id of groups.listed()) listed.add(id);
    for (const [id, held] of this.#held) if (this.#isPast(held) && !listed.has(id)) this.#held.delete(id);
    this.#swept = { before: this.#forgotten, held: this.#held.size };
  }

  #isPast(held: Held<E>): boolean {
    return pointsOf(held).every(({ rule, time }) => this.#takers.get(rule)?.every(({ floor }) => time < floor) ?? true);
  }

  /** Of each rule, up to when all is settled, and what its groups must keep. */
  #summaries(): Summary[] {
    return this.#groups.flatMap((groups): Summary[] => {
      const { correlation, from } = groups;
      const ofGroups = Array.from(groups.summaries(), ([key, value]) => ({ key: keyOf(correlation.id, key), value }));
      return Number.isFinite(from) ? [{ key: keyOf(correlation.id), value: { from } }, ...ofGroups] : ofGroups;
    });
  }
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts);

/** Evaluates correlation rules over matched records in any order; see {@link Correlator}. */
export function evaluateCorrelations<E extends CorrelatedEvent>(
  rules: CorrelatedRules,
  matched: Iterable<MatchedRecord<E>>,
): CorrelationSignal<E>[] {
  const correlator = new Correlator<E>(rules);
  for (const record of matched) correlator.add(record);
  return correlator.signals();
}

/**
 * The ids of rules that raise no signals of their own where correlations are evaluated, being there for these: named by one, and
 * by none that says `generate: true`.
 */
export function silencedBy(correlations: readonly CorrelationRule[]): ReadonlySet<string> {
  const generated = new Set(correlations.filter(({ generate }) => generate).flatMap(({ rules }) => rules));
  return new Set(correlations.flatMap(({ rules }) => rules).filter((rule) => !generated.has(rule)));
}

/** Groups for each correlation, each knowing those built on it. */
function groupsOf<E extends CorrelatedEvent>(
  correlations: readonly CorrelationRule[],
  options: TypedOptions,
): RuleGroups<E>[] {
  const byId = new Map<string, RuleGroups<E>>();
  for (const correlation of correlations) {
    const below = correlation.rules.flatMap((id) => byId.get(id) ?? []);
    const groups = newGroups<E>(correlation, below.length > 0, options);
    for (const one of below) groups.buildOn(one);
    byId.set(correlation.id, groups);
  }
  return [...byId.values()];
}

function newGroups<E extends CorrelatedEvent>(
  correlation: CorrelationRule,
  chained: boolean,
  options: TypedOptions,
): RuleGroups<E> {
  if (isWindowRule(correlation)) {
    const window = windowOf<E>(correlation, chained);
    return new RuleGroups(correlation, () => new SlidingState(window), window);
  }
  const newState = typedStates<E>(correlation, options);
  if (newState === undefined) throw new Error(`no correlation is of the type ${correlation.type}`);
  return new RuleGroups(correlation, newState);
}

function takersOf<E extends CorrelatedEvent>(all: readonly RuleGroups<E>[]): Map<string, RuleGroups<E>[]> {
  const correlations = new Set(all.map(({ correlation }) => correlation.id));
  const takers = new Map<string, RuleGroups<E>[]>();
  for (const groups of all) {
    for (const rule of groups.correlation.rules) {
      if (correlations.has(rule)) continue;
      const known = takers.get(rule);
      if (known === undefined) takers.set(rule, [groups]);
      else known.push(groups);
    }
  }
  return takers;
}

function pointsOf<E extends CorrelatedEvent>(held: Held<E> | undefined): readonly MatchPoint<E>[] {
  if (held === undefined) return [];
  return Array.isArray(held) ? held : [held];
}

/** The id of the rule that a summary is of, and the key of its group, where it is of one. */
function partsOf(key: string): readonly (string | undefined)[] {
  try {
    const parts = arrayOf(parseJson(key)) ?? [];
    return parts.map((part) => (typeof part === 'string' ? part : undefined));
  } catch {
    return [];
  }
}

/** Order of time, then of the first point, then of key. */
function byFirst<E extends CorrelatedEvent>(one: StandingEpisode<E>, other: StandingEpisode<E>): number {
  const [first, second] = [one.found.points[0], other.found.points[0]];
  const difference = first === undefined || second === undefined ? 0 : comparePoints(first, second);
  return one.time - other.time || difference || compareTexts(one.key, other.key);
}
