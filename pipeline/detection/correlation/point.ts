import { compareTexts } from '../../../platform/compare-texts.ts';
import { UNKNOWN_PRINCIPAL, type SourceId } from '../../timeline/event.ts';
import type { ActionOrigin, RuleMatch } from '../../timeline/observation.ts';
import type { CorrelationRule } from './correlation-rule.ts';

/** What a correlation needs to know of an event, beside the fields that it names. */
export interface CorrelatedEvent {
  readonly id: string;
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly principal: string;
  readonly source?: SourceId | undefined;
  /** Where it came from, for rules about places; as observations have it. */
  readonly action?: { readonly from?: ActionOrigin | undefined } | undefined;
}

/** One match of a rule, or of another correlation, as a correlation sees it. It never changes. */
export interface Point<E> {
  /** The id of the rule or of the correlation. */
  readonly rule: string;
  readonly time: number;
  readonly event: E;
  /** What is counted: points that have the same are one. */
  readonly unit: object;
  /** Tells points of one event and rule apart: several episodes may have the event. */
  readonly place: string;
  /** The texts of a field, by its name in the rule's events. */
  texts(field: string): readonly string[];
}

/** A detection rule that fired on an event. */
export interface Match<E> extends RuleMatch {
  readonly event: E;
  /** Key of who is behind the event. */
  readonly principal: string;
}

/** What another correlation found, as far as those that are built on it see it. */
export interface Episode {
  readonly correlation: CorrelationRule;
  /** Unique among what stands. */
  readonly key: string;
  /** Event time at which the condition first held. */
  readonly time: number;
  /** By the fields of `group-by`. */
  readonly group: ReadonlyMap<string, string>;
}

const NONE: readonly string[] = [];

class MatchPoint<E extends CorrelatedEvent> implements Point<E> {
  readonly rule: string;
  readonly event: E;
  readonly principal: string;
  readonly #values: RuleMatch['values'];

  constructor({ rule, event, values, principal }: Match<E>) {
    this.rule = rule;
    this.event = event;
    this.principal = principal;
    this.#values = values;
  }

  // Getters, so that a million points take less room.
  get time(): number {
    return this.event.time;
  }

  get unit(): object {
    return this;
  }

  get place(): string {
    return '';
  }

  texts(field: string): readonly string[] {
    if (field === 'principal') return principalTexts(this.principal);
    return Object.hasOwn(this.#values, field) ? (this.#values[field] ?? NONE) : NONE;
  }

  /** The same with somebody else behind it. */
  by(principal: string): MatchPoint<E> {
    return new MatchPoint({ rule: this.rule, event: this.event, values: this.#values, principal });
  }
}

class EpisodePoint<E extends CorrelatedEvent> implements Point<E> {
  readonly rule: string;
  readonly time: number;
  readonly event: E;
  readonly unit: Episode;
  /** The point of the episode. */
  readonly inner: Point<E>;

  constructor(episode: Episode, inner: Point<E>) {
    this.rule = episode.correlation.id;
    this.time = Math.max(inner.time, episode.time);
    this.event = inner.event;
    this.unit = episode;
    this.inner = inner;
  }

  get place(): string {
    return `${this.unit.key}\n${this.inner.rule}\n${this.inner.place}`;
  }

  texts(field: string): readonly string[] {
    const common = this.unit.group.get(field);
    return common === undefined ? valuesOf(this.inner, this.unit.correlation, field) : [common];
  }
}

export type { EpisodePoint, MatchPoint };

/** What a match is to a correlation that names its rule. */
export function pointOfMatch<E extends CorrelatedEvent>(match: Match<E>): MatchPoint<E> {
  return new MatchPoint(match);
}

/**
 * What an event of an episode is to the correlations built on the one that found it: each event at its time, though none before the
 * condition held. However many events an episode has, it is one.
 */
export function pointOfEpisode<E extends CorrelatedEvent>(episode: Episode, inner: Point<E>): EpisodePoint<E> {
  return new EpisodePoint(episode, inner);
}

/** The text of the field `principal`; none where an event does not say who acted. */
const principalTexts = (principal: string): readonly string[] => (principal === UNKNOWN_PRINCIPAL ? NONE : [principal]);

/**
 * The texts of a field, or of an alias, of a match that a correlation takes. Of another correlation's episode, a field by which
 * that one groups has the group's value; any other has what the event has.
 */
export function valuesOf<E>(point: Point<E>, correlation: CorrelationRule, name: string): readonly string[] {
  return point.texts(correlation.aliases.get(name)?.get(point.rule) ?? name);
}

/** Order of time, then of event id, then of rule. */
export function comparePoints<E extends CorrelatedEvent>(one: Point<E>, other: Point<E>): number {
  return (
    one.time - other.time ||
    compareTexts(one.event.id, other.event.id) ||
    compareTexts(one.rule, other.rule) ||
    compareTexts(one.place, other.place)
  );
}
