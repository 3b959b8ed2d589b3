import type { SourceId } from '../../timeline/event.ts';
import type { ActionOrigin } from '../../timeline/observation.ts';
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

/** A detection rule that fired on an event. */
export interface Match<E> {
  readonly rule: string;
  readonly event: E;
  /** The texts of the fields that correlations need of it, by the name that they give the field. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Matches of one group over which the condition of a correlation holds; see `episodes.ts`. */
export interface Episode<E> {
  readonly correlation: CorrelationRule;
  /** By the fields of `group-by`. */
  readonly group: ReadonlyMap<string, string>;
  /** The matches of all windows of the episode, in order of time; no other episode of the group has any of them. */
  readonly points: readonly Point<E>[];
  /** The first moment at which the condition holds. */
  readonly time: number;
}

/** One match of a rule, or of another correlation, as a correlation sees it. */
export interface Point<E> {
  /** The id of the rule or of the correlation. */
  readonly rule: string;
  readonly time: number;
  readonly event: E;
  /** What is counted: points that have the same are one. */
  readonly unit: object;
  readonly from: Match<E> | { readonly episode: Episode<E>; readonly point: Point<E> };
}

export function pointOfMatch<E extends CorrelatedEvent>(match: Match<E>): Point<E> {
  return { rule: match.rule, time: match.event.time, event: match.event, unit: match, from: match };
}

/**
 * What an episode is to the correlations built on its own: its events, each at its time, though none before the condition held.
 * However many events it has, it is one.
 */
export function pointsOfEpisode<E>(episode: Episode<E>): Point<E>[] {
  return episode.points.map((point) => ({
    rule: episode.correlation.id,
    time: Math.max(point.time, episode.time),
    event: point.event,
    unit: episode,
    from: { episode, point },
  }));
}

const NONE: readonly string[] = [];

/**
 * The texts of a field, or of an alias, of a match that a correlation takes. Of another correlation's episode, a field by which
 * that one groups has the group's value; any other has what the event has.
 */
export function valuesOf<E>(point: Point<E>, correlation: CorrelationRule, name: string): readonly string[] {
  const field = correlation.aliases.get(name)?.get(point.rule) ?? name;
  if ('values' in point.from) return point.from.values.get(field) ?? NONE;
  const { episode, point: inner } = point.from;
  const common = episode.group.get(field);
  return common === undefined ? valuesOf(inner, episode.correlation, field) : [common];
}
