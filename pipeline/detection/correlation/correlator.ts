import type { JsonObject } from '../../../platform/json.ts';
import { fold } from '../sigma/fold.ts';
import type { CompiledRule } from '../rule.ts';
import { combinations } from './combinations.ts';
import type { CorrelationRule } from './correlation-rule.ts';
import { episodesOf } from './episodes.ts';
import { FieldPicker } from './field-picker.ts';
import { measureOf } from './measures.ts';
import {
  pointOfMatch,
  pointsOfEpisode,
  valuesOf,
  type CorrelatedEvent,
  type Episode,
  type Match,
  type Point,
} from './point.ts';

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

/** A correlation rule that fired: what several matches mean together. */
export interface CorrelationSignal<E> {
  readonly rule: CorrelationRule;
  /** The values in which the matches agree, by the fields of `group-by`, as the earliest of them spells them. */
  readonly group: Readonly<Record<string, string>>;
  /** Event time at which the condition first held. */
  readonly time: number;
  /** Event time of the earliest and of the latest event. */
  readonly first: number;
  readonly last: number;
  /** In order of time, then of id. */
  readonly events: readonly E[];
}

/** An event is in so many groups, where it has lists of values. */
const MAX_GROUPS = 16;

/**
 * Evaluates correlation rules over a finite set of matched records, in whatever order these come: event time decides, and what
 * is given twice counts once.
 */
export class Correlator<E extends CorrelatedEvent> {
  readonly #correlations: readonly CorrelationRule[];
  readonly #picker: FieldPicker;
  readonly #silenced: ReadonlySet<string>;
  readonly #matches = new Map<string, Match<E>[]>();
  readonly #seen = new Set<string>();
  #untimed = 0;

  constructor(rules: CorrelatedRules) {
    this.#correlations = rules.correlations;
    this.#picker = new FieldPicker(rules);
    this.#silenced = silencedBy(rules.correlations);
  }

  /** How many records were passed over because they say no time, which counts as 1970: no window can hold them. */
  get untimed(): number {
    return this.#untimed;
  }

  /** Takes a record, of which only what correlations need is kept. */
  add({ event, fields, ruleIds }: MatchedRecord<E>): void {
    const wanted = ruleIds.filter((id) => this.#picker.wants(id));
    if (wanted.length === 0 || this.#seen.has(event.id)) return;
    this.#seen.add(event.id);
    if (event.time <= 0) {
      this.#untimed += 1;
      return;
    }
    for (const rule of wanted) {
      const match = { rule, event, values: this.#picker.pick(rule, event, fields) };
      const matches = this.#matches.get(rule);
      if (matches === undefined) this.#matches.set(rule, [match]);
      else matches.push(match);
    }
  }

  /** The signals of what was taken, in order of time; without those of correlations that are only there for others. */
  signals(): CorrelationSignal<E>[] {
    const episodes = new Map<string, readonly Episode<E>[]>();
    for (const correlation of this.#correlations) {
      episodes.set(correlation.id, this.#evaluate(correlation, episodes));
    }
    return [...episodes]
      .flatMap(([id, found]) => (this.#silenced.has(id) ? [] : found.map(signalOfEpisode)))
      .sort((one, other) => one.time - other.time);
  }

  #evaluate(correlation: CorrelationRule, below: ReadonlyMap<string, readonly Episode<E>[]>): Episode<E>[] {
    const points = correlation.rules.flatMap(
      (rule) => below.get(rule)?.flatMap(pointsOfEpisode) ?? this.#matches.get(rule)?.map(pointOfMatch) ?? [],
    );
    points.sort(byTime);
    return [...groupsOf(points, correlation)].flatMap(({ group, points: members }) =>
      episodesOf(members, correlation.timespan, measureOf(correlation, members)).map(({ start, end, time }) => ({
        correlation,
        group,
        points: members.slice(start, end),
        time,
      })),
    );
  }
}

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

function byTime<E extends CorrelatedEvent>(one: Point<E>, other: Point<E>): number {
  return one.time - other.time || compareIds(one.event.id, other.event.id) || compareIds(one.rule, other.rule);
}

const compareIds = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);

interface Group<E> {
  readonly group: ReadonlyMap<string, string>;
  readonly points: Point<E>[];
}

/** Points by their values of `group-by`, without regard to case; a point that has none of a field is in no group. */
function groupsOf<E>(points: readonly Point<E>[], correlation: CorrelationRule): Iterable<Group<E>> {
  const { groupBy } = correlation;
  const groups = new Map<string, Group<E>>();
  for (const point of points) {
    const values = groupBy.map((field) => different(valuesOf(point, correlation, field)));
    for (const combination of combinations(values, MAX_GROUPS)) {
      const key = JSON.stringify(combination.map(fold));
      const known = groups.get(key);
      if (known !== undefined) known.points.push(point);
      else {
        const group = new Map(groupBy.map((field, index) => [field, combination[index] ?? '']));
        groups.set(key, { group, points: [point] });
      }
    }
  }
  return groups.values();
}

/** Of texts that differ in case alone, the first. */
function different(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  return [...new Map(texts.toReversed().map((text) => [fold(text), text])).values()].toReversed();
}

function signalOfEpisode<E extends CorrelatedEvent>({
  correlation,
  group,
  points,
  time,
}: Episode<E>): CorrelationSignal<E> {
  const events = [...new Map(points.map(({ event }) => [event.id, event])).values()];
  events.sort((one, other) => one.time - other.time || compareIds(one.id, other.id));
  return {
    rule: correlation,
    group: Object.fromEntries(group),
    time,
    first: events[0]?.time ?? time,
    last: events.at(-1)?.time ?? time,
    events,
  };
}
