import type { Measure } from './measures.ts';
import type { Point } from './point.ts';

/** Which points of a group belong to an episode, and when its condition first held. */
export interface Span {
  readonly start: number;
  /** The first that does not belong to it. */
  readonly end: number;
  readonly time: number;
}

/**
 * Slides a window over the points of a group. At each moment at which something happens, the window holds what happened then
 * and within the timespan before, both ends included. Moments at which the condition holds, none further than the timespan from
 * the one before, are one episode: so no point is in two of them, however often the condition turns.
 * @param points in order of time
 */
export function episodesOf<E>(points: readonly Point<E>[], timespan: number, measure: Measure<E>): Span[] {
  const spans: Span[] = [];
  let open: { start: number; end: number; time: number; last: number } | undefined;
  let oldest = 0;
  let next = 0;
  for (let first = points[0]; first !== undefined; first = points[next]) {
    const now = first.time;
    const moment: Point<E>[] = [];
    for (let point = points[next]; point?.time === now; point = points[next]) {
      moment.push(point);
      next += 1;
    }
    measure.add(moment);
    for (let point = points[oldest]; point !== undefined && point.time < now - timespan; point = points[oldest]) {
      measure.remove(point);
      oldest += 1;
    }
    if (!measure.holds(now - timespan)) continue;
    if (open === undefined || now - open.last > timespan) {
      open = { start: oldest, end: next, time: now, last: now };
      spans.push(open);
    } else {
      open.end = next;
      open.last = now;
    }
  }
  return spans;
}
