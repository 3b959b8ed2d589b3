/** Records of places have some 100 values; ten thousand are no record of one address. */
const MOST_VALUES = 10_000;
/** What the last byte of a control says to be added to a size that did not fit: of one, two and three more bytes. */
const SIZES = [29, 285, 65_821] as const;
/** The same of pointers. */
const POINTERS = [0, 2048, 526_336, 0] as const;
const POINTER = 1;
const MAP = 7;
const ARRAY = 11;
const BOOLEAN = 14;

/**
 * Whether a value of a file in MaxMind DB format is made of so few values, those behind pointers included, that it can be read: a file of some bytes
 * can claim arrays of millions, point to one value from many others, or lead in circles.
 * https://maxmind.github.io/MaxMind-DB/, Data Field Format
 * @param start where the value is
 * @param base where pointers count from
 */
export function isReadable(bytes: Buffer, start: number, base: number): boolean {
  const places = [start];
  let values = 0;
  for (let at = places.pop(); at !== undefined; at = places.pop()) {
    for (let left = 1; left > 0; left--) {
      values += 1;
      if (values + left > MOST_VALUES) return false;
      const control = bytes[at++] ?? 0;
      if (control >> 5 === POINTER) {
        const length = (control >> 3) & 3;
        const high = length === 3 ? 0 : (control & 7) * 256 ** (length + 1);
        places.push(base + (POINTERS[length] ?? 0) + high + numberAt(bytes, at, length + 1));
        at += length + 1;
        continue;
      }
      const type = control >> 5 === 0 ? 7 + (bytes[at++] ?? 0) : control >> 5;
      const more = Math.max(0, (control & 31) - 28);
      const size = more === 0 ? control & 31 : (SIZES[more - 1] ?? 0) + numberAt(bytes, at, more);
      at += more;
      if (type === MAP) left += 2 * size;
      else if (type === ARRAY) left += size;
      else if (type !== BOOLEAN) at += size;
    }
  }
  return true;
}

/** Nothing where the file ends before. */
const numberAt = (bytes: Buffer, at: number, length: number): number =>
  at + length <= bytes.length ? bytes.readUIntBE(at, length) : 0;
