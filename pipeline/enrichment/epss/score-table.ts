import type { EpssScore } from '../epss.ts';
import { BEFORE_FIRST_YEAR, BILLION, isCanonical, type RowReader } from './row-reader.ts';

/** So much of the table is filled at most. */
const FILLED = 0.7;

/** Scores by vulnerability: an open-addressing table in four arrays, 13 bytes a place. */
export class ScoreTable {
  readonly #places: number;
  /** Since {@link BEFORE_FIRST_YEAR}; 0 where a place is empty. */
  readonly #years: Uint8Array;
  readonly #numbers: Uint32Array;
  readonly #probabilities: Uint32Array;
  readonly #percentiles: Uint32Array;
  /** Another in each table, so that no file can be written whose rows all want the same place. */
  readonly #seed = Math.trunc(Math.random() * 2 ** 32);
  size = 0;

  /** @param rows how many there will be at most */
  constructor(rows: number) {
    this.#places = Math.ceil(rows / FILLED) + 1;
    this.#years = new Uint8Array(this.#places);
    this.#numbers = new Uint32Array(this.#places);
    this.#probabilities = new Uint32Array(this.#places);
    this.#percentiles = new Uint32Array(this.#places);
  }

  /** @returns false where the vulnerability has a score already */
  add({ year, number, probability, percentile }: RowReader): boolean {
    const place = this.#placeOf(year, number);
    if (this.#years[place] !== 0) return false;
    this.#years[place] = year - BEFORE_FIRST_YEAR;
    this.#numbers[place] = number;
    this.#probabilities[place] = probability;
    this.#percentiles[place] = percentile;
    this.size++;
    return true;
  }

  get(cve: string): EpssScore | undefined {
    if (cve.charCodeAt(NUMBER - 1) !== HYPHEN || !/^cve-/i.test(cve)) return undefined;
    const [year, number] = [digitsOf(cve, YEAR, NUMBER - 1), digitsOf(cve, NUMBER, cve.length)];
    const canonical = isCanonical(cve.length - NUMBER, cve.charCodeAt(NUMBER) === ZERO);
    if (!canonical || Number.isNaN(year) || Number.isNaN(number)) return undefined;
    const place = this.#placeOf(year, number);
    return this.#years[place] === 0 ? undefined : this.#scoreAt(place);
  }

  *scores(): Generator<readonly [string, EpssScore]> {
    for (let place = 0; place < this.#places; place++) {
      const year = this.#years[place] ?? 0;
      if (year === 0) continue;
      const number = String(this.#numbers[place]).padStart(4, '0');
      yield [`CVE-${year + BEFORE_FIRST_YEAR}-${number}`, this.#scoreAt(place)];
    }
  }

  /** Dividing gives the very number that the decimals stand for. */
  #scoreAt(place: number): EpssScore {
    return {
      probability: (this.#probabilities[place] ?? 0) / BILLION,
      percentile: (this.#percentiles[place] ?? 0) / BILLION,
    };
  }

  /** Where a vulnerability stands, or would. */
  #placeOf(year: number, number: number): number {
    const held = year - BEFORE_FIRST_YEAR;
    let place = Math.floor((mixed(number ^ Math.imul(held, 0x9e3779b1), this.#seed) / 2 ** 32) * this.#places);
    while (this.#years[place] !== 0 && (this.#numbers[place] !== number || this.#years[place] !== held)) {
      place = place + 1 < this.#places ? place + 1 : 0;
    }
    return place;
  }
}

const [HYPHEN, ZERO] = [45, 48];
/** Where in `CVE-2026-1234` its numbers begin. */
const [YEAR, NUMBER] = [4, 9];

/** Part of a text as a number; NaN where it is anything but digits. */
function digitsOf(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Spreads whole numbers over 32 bits, by multiplying and folding twice, the seed between. */
function mixed(value: number, seed: number): number {
  let bits = Math.imul(value ^ seed, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15) ^ seed, 0xc2b2ae35);
  bits ^= bits >>> 13;
  return bits >>> 0;
}
