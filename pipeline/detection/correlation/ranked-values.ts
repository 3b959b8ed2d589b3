/**
 * Numbers that come and go, in order of size (a Fenwick tree over the ranks of all numbers that may come): each step costs the
 * logarithm of their count.
 */
export class RankedValues {
  readonly #values: Float64Array;
  /** For each place, how many are there of the numbers of the last `place & -place` ranks up to it; places from 1. */
  readonly #counts: Int32Array;
  readonly #highestBit: number;
  #size = 0;

  /** @param all the numbers that may come; repeated ones count once */
  constructor(all: Iterable<number>) {
    this.#values = Float64Array.from(new Set(all)).sort();
    this.#counts = new Int32Array(this.#values.length + 1);
    this.#highestBit = 2 ** Math.floor(Math.log2(Math.max(1, this.#values.length)));
  }

  /** How many are there. */
  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    this.#change(value, 1);
  }

  remove(value: number): void {
    this.#change(value, -1);
  }

  /** The number of which so many, itself among them, are no greater; `rank` from 1 to {@link size}. */
  at(rank: number): number {
    let place = 0;
    let left = rank;
    for (let step = this.#highestBit; step > 0; step >>= 1) {
      const count = this.#counts[place + step];
      if (count === undefined || count >= left) continue;
      place += step;
      left -= count;
    }
    return this.#values[place] ?? NaN;
  }

  #change(value: number, by: number): void {
    this.#size += by;
    for (let place = this.#rankOf(value); place < this.#counts.length; place += place & -place) {
      this.#counts[place] = (this.#counts[place] ?? 0) + by;
    }
  }

  #rankOf(value: number): number {
    let low = 0;
    let high = this.#values.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#values[middle] ?? NaN) < value) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  }
}
