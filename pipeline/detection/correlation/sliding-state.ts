import { isObject, type JsonObject } from '../../../platform/json.ts';
import type { Found, GroupState } from './group-state.ts';
import type { Measure } from './measures.ts';
import { comparePoints, type CorrelatedEvent, type Point } from './point.ts';

/** What the groups of one correlation have in common. */
export interface SlidingWindow<E> {
  /** Milliseconds. */
  readonly timespan: number;
  /** A point more can only make the condition hold where it did not, so nobody has to wait for those that may come. */
  readonly monotone: boolean;
  /** The points of one time must be measured at once. */
  readonly ordered: boolean;
  /** With fewer points the condition never holds. */
  readonly least: number;
  measure(): Measure<E>;
  /** For groups that are measured anew each time; empty between. */
  readonly scratch: Measure<E>;
  /** Moments before are settled for good; -Infinity: none. */
  from: number;
  /** Event time up to which no further point is expected. */
  decided: number;
}

/** Groups of no more points are measured anew each time, and remember no measure. */
const FEW = 8;

/** Of an episode that goes on for longer than points are held, so many of the earliest are kept. */
const MAX_HEAD = 1000;

/**
 * Moments at which the condition holds, none further than the timespan from the one before. Its points are all that are no more than
 * the timespan before the first and not after the last: those of all its windows.
 */
interface Episode<E> {
  readonly time: number;
  last: number;
  found: Found<E> | undefined;
}

/** How far the window has slid. */
interface Tail<E> {
  readonly measure: Measure<E>;
  /** The first point in the window, and the first that it has not met. */
  oldest: number;
  next: number;
}

interface Firing<E> {
  /** All moments at which the condition holds, but for those settled for good. */
  readonly moments: number[];
  /** In order of time. */
  readonly episodes: Episode<E>[];
  /** The last episode that is settled for good, as long as it may go on, and its earliest points of those not held any more. */
  settled?: { readonly time: number; readonly last: number; head: Point<E>[] } | undefined;
}

/** What came out of order, or is to go, since the window last slid. */
interface Pending<E> {
  readonly late: Set<Point<E>>;
  readonly removed: Set<Point<E>>;
  /** The earliest time of these. */
  earliest: number;
}

/**
 * Slides a window over the points of a group. At each moment at which something happens, the window holds what happened then and within
 * the timespan before, both ends included. What comes in order moves the window on; what comes late, or goes, moves it back to there.
 */
export class SlidingState<E extends CorrelatedEvent> implements GroupState<E> {
  readonly #window: SlidingWindow<E>;
  /** In order of time; within one time, as they came. */
  #points: Point<E>[] = [];
  #tail: Tail<E> | undefined;
  #firing: Firing<E> | undefined;
  #pending: Pending<E> | undefined;

  constructor(window: SlidingWindow<E>) {
    this.#window = window;
  }

  get size(): number {
    const { settled } = this.#firing ?? {};
    return (
      this.#points.length + (this.#pending?.late.size ?? 0) + (settled === undefined ? 0 : 1 + settled.head.length)
    );
  }

  get awaits(): number | undefined {
    const { monotone, decided } = this.#window;
    return monotone || decided === Infinity ? undefined : this.#points[this.#placeAfter(decided)]?.time;
  }

  add(point: Point<E>): void {
    const { from, timespan, ordered } = this.#window;
    const { time } = point;
    if (time < from - timespan) {
      this.#changeHead((head, start) =>
        time < start ? head : [...head, point].sort(comparePoints).slice(0, MAX_HEAD),
      );
      return;
    }
    const last = this.#points.at(-1);
    if (this.#pending?.removed.delete(point) === true) return;
    if (last === undefined) this.#points = [point];
    else if (last.time < time || (last.time === time && !ordered)) this.#points.push(point);
    else this.#pendingFrom(time).late.add(point);
  }

  remove(point: Point<E>): void {
    const { from, timespan } = this.#window;
    if (this.#pending?.late.delete(point) === true) return;
    if (point.time >= from - timespan) this.#pendingFrom(point.time).removed.add(point);
    else this.#changeHead((head) => head.filter((one) => one !== point));
  }

  found(decided: number): readonly Found<E>[] {
    this.#window.decided = decided;
    this.#settlePending();
    this.#slide(this.#window.monotone ? Infinity : decided);
    return this.#firing?.episodes.map((episode) => (episode.found ??= this.#foundOf(episode))) ?? [];
  }

  forget(before: number): void {
    const { timespan } = this.#window;
    this.#settlePending();
    const floor = before - timespan;
    const dropped = this.#placeOf(floor);
    this.#settle(before, this.#points.slice(0, dropped));
    if (dropped === 0) return;
    const tail = this.#tail;
    if (tail !== undefined) {
      for (; tail.oldest < dropped && tail.oldest < tail.next; tail.oldest += 1) {
        const point = this.#points[tail.oldest];
        if (point !== undefined) tail.measure.remove(point);
      }
      tail.oldest = Math.max(0, tail.oldest - dropped);
      tail.next = Math.max(0, tail.next - dropped);
    }
    this.#points = this.#points.slice(dropped);
    if (this.#points.length <= FEW) this.#tail = undefined;
  }

  /** The episode that may still go on, where it is known no longer from the points alone. */
  summary(): JsonObject | undefined {
    const { settled } = this.#firing ?? {};
    return settled && { time: settled.time, last: settled.last };
  }

  restore(summary: JsonObject): void {
    const { time, last } = isObject(summary) ? summary : {};
    if (typeof time !== 'number' || typeof last !== 'number') return;
    const settled = { time, last, head: [] };
    this.#firing = { moments: [], episodes: [{ time, last, found: undefined }], settled };
  }

  /** Of an episode that goes on, the earliest points are kept, though no window holds them any more. */
  #changeHead(change: (head: Point<E>[], start: number) => Point<E>[]): void {
    const { settled, episodes: [first] = [] } = this.#firing ?? {};
    if (settled === undefined) return;
    settled.head = change(settled.head, settled.time - this.#window.timespan);
    if (first?.time === settled.time) first.found = undefined;
  }

  #pendingFrom(time: number): Pending<E> {
    this.#pending ??= { late: new Set(), removed: new Set(), earliest: time };
    this.#pending.earliest = Math.min(this.#pending.earliest, time);
    return this.#pending;
  }

  /** Brings in order what came out of order, and takes the window back to before it. */
  #settlePending(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const { late, removed, earliest } = pending;
    const from = this.#placeOf(earliest);
    const later = this.#points.slice(from).filter((point) => !removed.has(point));
    const coming = [...late].sort(byTime);
    this.#points.length = from;
    for (let at = 0, next = 0; at < later.length || next < coming.length;) {
      const [one, other] = [later[at], coming[next]];
      if (one !== undefined && (other === undefined || one.time <= other.time)) {
        this.#points.push(one);
        at += 1;
      } else if (other !== undefined) {
        this.#points.push(other);
        next += 1;
      }
    }
    this.#rewind(earliest);
  }

  /** Takes the window back to before a time, as if nothing from there on had been met. */
  #rewind(time: number): void {
    const start = Math.max(time, this.#window.from);
    this.#undo(start, time);
    const tail = this.#tail;
    if (tail === undefined || tail.next <= this.#placeOf(time)) return;
    tail.measure.clear();
    tail.oldest = this.#placeOf(start - this.#window.timespan);
    tail.next = tail.oldest;
    const next = this.#placeOf(start);
    while (tail.next < next) this.#measureMoment(tail);
  }

  /** Forgets what was found from a time on. @param changed from when on points may be others */
  #undo(start: number, changed = start): void {
    const firing = this.#firing;
    if (firing === undefined) return;
    const { moments, episodes, settled } = firing;
    while (moments.length > 0 && (moments.at(-1) ?? NaN) >= start) moments.pop();
    while (episodes.length > 0 && (episodes.at(-1)?.time ?? NaN) >= start) episodes.pop();
    const open = episodes.at(-1);
    if (open === undefined || open.last < changed) return;
    if (open.last >= start) open.last = Math.max(open.time, moments.at(-1) ?? settled?.last ?? open.time);
    open.found = undefined;
  }

  /** Moves the window on over all points up to a time. */
  #slide(until: number): void {
    const { scratch, least, timespan, from } = this.#window;
    if (this.#points.length < least && this.#firing === undefined) return;
    if (this.#tail === undefined) this.#undo(from);
    const few = this.#tail === undefined && this.#points.length <= FEW;
    const tail = few
      ? { measure: scratch, oldest: 0, next: 0 }
      : (this.#tail ??= { measure: this.#window.measure(), oldest: 0, next: 0 });
    for (
      let point = this.#points[tail.next];
      point !== undefined && point.time <= until;
      point = this.#points[tail.next]
    ) {
      const now = point.time;
      // More of a moment that was met already.
      if (tail.next > 0 && this.#points[tail.next - 1]?.time === now) this.#undo(now);
      this.#measureMoment(tail);
      for (
        let left = this.#points[tail.oldest];
        left !== undefined && left.time < now - timespan;
        left = this.#points[tail.oldest]
      ) {
        tail.measure.remove(left);
        tail.oldest += 1;
      }
      if (now >= from && tail.measure.holds(now - timespan)) this.#hold(now);
    }
    if (few) scratch.clear();
  }

  #measureMoment(tail: Tail<E>): void {
    const start = tail.next;
    const time = this.#points[start]?.time;
    let end = start + 1;
    while (end < this.#points.length && this.#points[end]?.time === time) end += 1;
    tail.measure.add(this.#points, start, end);
    tail.next = end;
  }

  #hold(now: number): void {
    this.#firing ??= { moments: [], episodes: [] };
    const { moments, episodes } = this.#firing;
    moments.push(now);
    const open = episodes.at(-1);
    if (open === undefined || now - open.last > this.#window.timespan) {
      episodes.push({ time: now, last: now, found: undefined });
    } else {
      open.last = now;
      open.found = undefined;
    }
  }

  #foundOf({ time, last }: Episode<E>): Found<E> {
    const held = this.#points.slice(this.#placeOf(time - this.#window.timespan), this.#placeAfter(last));
    const { settled } = this.#firing ?? {};
    const points = settled?.time === time ? [...settled.head, ...held] : held;
    return { time, points: inOrder(points) ? points : points.sort(comparePoints) };
  }

  /** Lets go of what was found before a time, but for the episode that may go on. @param leaving the points that are held no longer */
  #settle(before: number, leaving: readonly Point<E>[]): void {
    const firing = this.#firing;
    if (firing === undefined) return;
    const { timespan } = this.#window;
    const { moments, episodes, settled } = firing;
    const kept = moments.filter((moment) => moment >= before);
    const last = moments.findLast((moment) => moment < before) ?? settled?.last ?? -Infinity;
    const open =
      last >= before - timespan ? episodes.find((episode) => episode.time <= last && episode.last >= last) : undefined;
    const standing = episodes.filter((episode) => episode === open || episode.time >= before);
    if (standing.length === 0) {
      this.#firing = undefined;
      return;
    }
    const known = settled !== undefined && settled.time === open?.time ? settled.head : [];
    const head = open && [...known, ...leaving.filter(({ time }) => time >= open.time - timespan).sort(comparePoints)];
    if (open !== undefined && head !== undefined && head.length > MAX_HEAD) open.found = undefined;
    this.#firing = {
      moments: kept,
      episodes: standing,
      settled: open && head && { time: open.time, last, head: head.slice(0, MAX_HEAD) },
    };
  }

  /** The place of the first point that is not before a time. */
  #placeOf(time: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#points[middle]?.time ?? Infinity) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The place of the first point that is after a time. */
  #placeAfter(time: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#points[middle]?.time ?? Infinity) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const byTime = <E>(one: Point<E>, other: Point<E>): number => one.time - other.time;

function inOrder<E extends CorrelatedEvent>(points: readonly Point<E>[]): boolean {
  let before: Point<E> | undefined;
  for (const point of points) {
    if (before !== undefined && before.time >= point.time && comparePoints(before, point) > 0) return false;
    before = point;
  }
  return true;
}
