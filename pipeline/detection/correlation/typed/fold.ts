import type { JsonObject } from '../../../../platform/json.ts';
import type { CorrelatedEvent, Point } from '../point.ts';

/** Points of a group for which a rule fires. */
export interface Firing<E> {
  /** Event time at which it fires. */
  readonly time: number;
  readonly points: readonly Point<E>[];
  /** Event time up to which all must have come for this not to be undone by a late point; left out: it is told at once. */
  readonly decidedBy?: number | undefined;
}

/** What a rule makes of the points of one group, taken in order of time. */
export interface Fold<E> {
  /** Takes all points of one time, which is later than that of all before. */
  take(moment: readonly Point<E>[]): readonly Firing<E>[];
  /** What fires if nothing comes any more. Changes nothing. */
  pending?(): readonly Firing<E>[];
  /** What of all that was taken counts from a time on, as plain data; undefined where nothing does. Not there: nothing ever does. */
  summary?(from: number): JsonObject | undefined;
  /** Adds what a summary holds to what is known, before anything later is taken. */
  restore?(summary: JsonObject): void;
}

/** A rule, for all groups. */
export interface FoldedRule<E extends CorrelatedEvent> {
  start(): Fold<E>;
  /** For how long before a firing its points themselves are needed, milliseconds. */
  readonly lookback: number;
  /** For how long after a firing points may still be added to it, milliseconds. */
  readonly open?: number;
  /** Points before this time can be summed up where none from the given time on fires with them; no later than the given time. */
  cut?(time: number): number;
}
