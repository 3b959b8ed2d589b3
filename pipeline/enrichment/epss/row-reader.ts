/** Scores are held as whole numbers of billionths, which fit 32 bits and stand for every decimal that is published. */
export const BILLION = 1e9;

/** Of digits before this many no whole number loses any. */
const EXACT_DIGITS = 15;
const MOST_DIGITS = 40;

/** More decimals than these are of numbers that are 0 to nine of them. */
const POWERS_OF_TEN = Array.from({ length: 30 }, (_, power) => 10 ** power);
/** A year is held in one byte, in which 0 is none. */
export const BEFORE_FIRST_YEAR = 1989;
const LAST_YEAR = BEFORE_FIRST_YEAR + 255;

const [LINE_FEED, CARRIAGE_RETURN, COMMA, HYPHEN, DOT, ZERO] = [10, 13, 44, 45, 46, 48];
const LOWER_CASE = 32;
const [C, V, E] = [99, 118, 101];

/** Reads rows `CVE-2026-1234,0.00123,0.45678` one after the other out of bytes, and makes no text of them. */
export class RowReader {
  readonly #bytes: Uint8Array;
  #at: number;
  /** Whether what was read last is such a row. Where it is not, the rest is not to be read. */
  valid = false;
  year = 0;
  number = 0;
  /** Billionths. */
  probability = 0;
  percentile = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Reads the next row. @returns false at the end */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    this.valid = this.#cve() && this.#takes(COMMA) && this.#scores() && this.#ends();
    return true;
  }

  #cve(): boolean {
    if (!this.#takesLetter(C) || !this.#takesLetter(V) || !this.#takesLetter(E) || !this.#takes(HYPHEN)) return false;
    const yearAt = this.#at;
    this.year = this.#digits();
    if (this.#at - yearAt !== 4 || this.year <= BEFORE_FIRST_YEAR || this.year > LAST_YEAR) return false;
    if (!this.#takes(HYPHEN)) return false;
    const numberAt = this.#at;
    this.number = this.#digits();
    return isCanonical(this.#at - numberAt, this.#bytes[numberAt] === ZERO);
  }

  #scores(): boolean {
    this.probability = this.#score();
    if (!this.#takes(COMMA)) return false;
    this.percentile = this.#score();
    return this.probability >= 0 && this.percentile >= 0;
  }

  /** A number from 0 to 1 in billionths, -1 where there is none. `0.00004` may stand as `4e-05`. */
  #score(): number {
    const start = this.#at;
    let digits = this.#digits();
    let [length, decimals] = [this.#at - start, 0];
    if (length === 0) return -1;
    if (this.#takes(DOT)) {
      for (; isDigit(this.#bytes[this.#at]); this.#at++) {
        if (++length > MOST_DIGITS) return -1;
        if (length > EXACT_DIGITS) continue;
        digits = digits * 10 + (this.#bytes[this.#at] ?? 0) - ZERO;
        decimals++;
      }
    }
    if (this.#takesLetter(E)) {
      const exponentAt = this.#takes(HYPHEN) ? this.#at : Infinity;
      decimals += this.#digits();
      if (!(this.#at > exponentAt)) return -1;
    }
    const value = (digits * BILLION) / (POWERS_OF_TEN[decimals] ?? Infinity);
    return value <= BILLION ? Math.round(value) : -1;
  }

  /** As many digits as there are, as a number; where there are very many, one too large for anything. */
  #digits(): number {
    const end = this.#at + MOST_DIGITS;
    let value = 0;
    for (; this.#at < end && isDigit(this.#bytes[this.#at]); this.#at++) {
      value = value * 10 + (this.#bytes[this.#at] ?? 0) - ZERO;
    }
    return value;
  }

  #ends(): boolean {
    this.#takes(CARRIAGE_RETURN);
    return this.#takes(LINE_FEED) || this.#at >= this.#bytes.length;
  }

  #takes(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** In either case. */
  #takesLetter(lower: number): boolean {
    if (((this.#bytes[this.#at] ?? 0) | LOWER_CASE) !== lower) return false;
    this.#at++;
    return true;
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

/** Numbers of fewer than four digits have zeros before them, and no others do; so one vulnerability has one spelling. */
export const isCanonical = (length: number, beginsWithZero: boolean): boolean =>
  length === 4 || (length > 4 && length <= 9 && !beginsWithZero);
