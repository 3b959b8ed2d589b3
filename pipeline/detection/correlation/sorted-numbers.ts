/** A part is split when it gets longer than this. */
const MAX_PART = 512;

/**
 * Numbers that come and go, in order of size: in parts of a few hundred, each in order, so that no step moves more than a part and
 * the list of parts.
 */
export class SortedNumbers {
  #parts: number[][] = [];
  #size = 0;

  /** How many are there. */
  get size(): number {
    return this.#size;
  }

  add(value: number): void {
    this.#size += 1;
    const at = Math.min(this.#partOf(value), this.#parts.length - 1);
    const part = this.#parts[at];
    if (part === undefined) {
      this.#parts = [[value]];
      return;
    }
    part.splice(placeOf(part, value), 0, value);
    if (part.length > MAX_PART) this.#parts.splice(at, 1, part.slice(0, MAX_PART / 2), part.slice(MAX_PART / 2));
  }

  /** @param value one that is there */
  remove(value: number): void {
    const at = this.#partOf(value);
    const part = this.#parts[at];
    if (part === undefined) return;
    this.#size -= 1;
    part.splice(placeOf(part, value), 1);
    if (part.length === 0) this.#parts.splice(at, 1);
  }

  clear(): void {
    this.#parts = [];
    this.#size = 0;
  }

  /** The number of which so many, itself among them, are no greater; `rank` from 1 to {@link size}. */
  at(rank: number): number {
    let left = rank;
    for (const part of this.#parts) {
      if (left <= part.length) return part[left - 1] ?? NaN;
      left -= part.length;
    }
    return NaN;
  }

  /** The first part whose last number is not below the value. */
  #partOf(value: number): number {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#parts[middle]?.at(-1) ?? Infinity) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Where the first number stands that is not below the value. */
function placeOf(part: readonly number[], value: number): number {
  let low = 0;
  let high = part.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((part[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
