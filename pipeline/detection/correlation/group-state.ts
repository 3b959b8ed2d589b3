import type { JsonObject } from '../../../platform/json.ts';
import type { Point } from './point.ts';

/** One time that a correlation rule fired in a group. */
export interface Found<E> {
  /** Event time at which its condition first held; no two of a group have the same. */
  readonly time: number;
  /** In order of time, then of event id, then of rule. */
  readonly points: readonly Point<E>[];
}

/**
 * What a correlation rule knows of one group: a function of the points that it holds, in whatever order they came and went. The same
 * point is given once; see `point.ts` for what a point is, and `valuesOf` there for its fields.
 */
export interface GroupState<E> {
  /** Takes a point, at whatever time between those that are held. */
  add(point: Point<E>): void;
  /** Takes back a point that was added. Without effect where it was forgotten since, or never added. */
  remove(point: Point<E>): void;
  /**
   * All that stands now, in order of time. What has not changed since the last call is best the same object again: then nobody has to
   * compare its points.
   * @param decided event time up to which no further point is expected. What a point to come could undo is told only up to there
   */
  found(decided: number): readonly Found<E>[];
  /**
   * Drops what no window from a time on can hold: nothing earlier is added any more. Whatever was found and cannot change any more is
   * dropped as well, and counts as settled for good.
   * @param before event time
   */
  forget(before: number): void;
  /** How many points, or what stands for points, are held; 0: the group can be dropped. */
  readonly size: number;
  /** The least `decided` at which `found` may say more than it last did, though no point comes or goes; undefined where there is none. */
  readonly awaits?: number | undefined;
  /** Points before this time are held no more, and none of them counts if it is added again. Not there: the rule's timespan before the last `forget`. */
  readonly heldFrom?: number | undefined;
  /** What must outlive a restart beside the points from the last `forget` on: plain data. Undefined where there is nothing. */
  summary?(): JsonObject | undefined;
  /**
   * Takes what `summary` gave, also that of another group, whose principal turned out to be this one's: what both know counts. Points
   * that the summary holds already change nothing.
   */
  restore?(summary: JsonObject): void;
}

/** What must outlive a restart beside the events that are held: plain data, under a key. */
export interface Summary {
  readonly key: string;
  readonly value: JsonObject;
}
