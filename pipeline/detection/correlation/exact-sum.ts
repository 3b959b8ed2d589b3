/** Doubles are whole multiples of 2 to the power of -1074, the smallest of them. */
const SCALE = 1074n;
const MANTISSA_BITS = 52n;

const view = new DataView(new ArrayBuffer(8));

/**
 * The sum of numbers that come and go, exact until it is read: so it depends neither on the order in which they come, nor on what has
 * been there and left, however large.
 */
export class ExactSum {
  /** Of whole numbers, as long as they are exact. */
  #whole = 0;
  /** Of all others, in units of the smallest double. */
  #rest = 0n;
  #infinite = { above: 0, below: 0 };

  /** Rounded to the nearest double, once. */
  get value(): number {
    const { above, below } = this.#infinite;
    if (above > 0 || below > 0) return (above > 0 ? Infinity : 0) + (below > 0 ? -Infinity : 0);
    return this.#rest === 0n ? this.#whole : rounded(this.#rest + (BigInt(this.#whole) << SCALE));
  }

  add(number: number): void {
    this.#change(number, 1);
  }

  remove(number: number): void {
    this.#change(-number, -1);
  }

  clear(): void {
    this.#whole = 0;
    this.#rest = 0n;
    this.#infinite = { above: 0, below: 0 };
  }

  /** @param by -1 where what was added goes: an infinite number cannot be subtracted, only counted */
  #change(number: number, by: 1 | -1): void {
    const whole = this.#whole + number;
    if (Number.isSafeInteger(number) && Number.isSafeInteger(whole)) this.#whole = whole;
    else if (Number.isFinite(number)) this.#rest += scaled(number);
    else if (number * by > 0) this.#infinite.above += by;
    else this.#infinite.below += by;
  }
}

/** In units of the smallest double: exact. */
function scaled(number: number): bigint {
  view.setFloat64(0, number);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> MANTISSA_BITS) & 0x7ffn;
  const fraction = bits & ((1n << MANTISSA_BITS) - 1n);
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << MANTISSA_BITS)) << (exponent - 1n);
  return number < 0 ? -magnitude : magnitude;
}

/** The nearest double; of two as near, the one whose last bit is 0. */
function rounded(units: bigint): number {
  if (units < 0n) return -rounded(-units);
  const bits = units.toString(16).length * 4;
  const dropped = BigInt(Math.max(0, bits - 64));
  const kept = units >> dropped;
  // A bit that says that more follows, so that rounding goes the right way.
  const sticky = kept << dropped === units ? kept : kept | 1n;
  return Number(sticky) * 2 ** (Number(dropped) - Number(SCALE));
}
