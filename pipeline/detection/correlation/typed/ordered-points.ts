import { comparePoints, type CorrelatedEvent, type Point } from '../point.ts';

/** Points in their order, whatever the order in which they come. What comes last in order costs least. */
export class OrderedPoints<E extends CorrelatedEvent> {
  #points: Point<E>[] = [];

  get size(): number {
    return this.#points.length;
  }

  add(point: Point<E>): void {
    const last = this.#points.at(-1);
    if (last === undefined || comparePoints(last, point) <= 0) this.#points.push(point);
    else this.#points.splice(this.#placeOf(point), 0, point);
  }

  /** @returns whether the point was there */
  remove(point: Point<E>): boolean {
    const place = this.#placeOf(point);
    const found = this.#points[place];
    if (found === undefined || comparePoints(found, point) !== 0) return false;
    this.#points.splice(place, 1);
    return true;
  }

  /** The points of each time from a place on, in order. */
  *moments(from = 0): Generator<readonly Point<E>[]> {
    for (let at = from; at < this.#points.length;) {
      const time = this.#points[at]?.time;
      let end = at + 1;
      while (this.#points[end]?.time === time) end += 1;
      yield this.#points.slice(at, end);
      at = end;
    }
  }

  /** Takes away all points before a time. */
  takeBefore(time: number): OrderedPoints<E> {
    const at = this.#points.findIndex((point) => point.time >= time);
    const taken = new OrderedPoints<E>();
    taken.#points = this.#points.splice(0, at < 0 ? this.#points.length : at);
    return taken;
  }

  /** The first place at which no point before this one in order stands. */
  #placeOf(point: Point<E>): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#points[middle];
      if (there !== undefined && comparePoints(there, point) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
