/** Keys longer than this are not kept: what is that long rarely comes again, and the cache stays small. */
const LONGEST_KEY = 256;

/**
 * Remembers what was made of a text that many records repeat: an ARN, an address, the name of an operation. Bounded:
 * when it is full it forgets everything and begins anew, so that hostile input costs time, never memory.
 */
export class BoundedCache<V> {
  readonly #made = new Map<string, V>();
  readonly #make: (key: string) => V;
  readonly #limit: number;
  /** The last answer: neighbours in a batch often say the same, and comparing is cheaper than hashing. */
  #lastKey: string | undefined;
  #last: V | undefined;

  /**
   * @param make must depend on nothing but the key; what it gives is shared, so it must not be changed; undefined is not kept
   * @param limit how many are kept
   */
  constructor(make: (key: string) => V, limit = 4096) {
    this.#make = make;
    this.#limit = limit;
  }

  get(key: string): V {
    if (key === this.#lastKey && this.#last !== undefined) return this.#last;
    const known = this.#made.get(key);
    const value = known === undefined ? this.#remember(key) : known;
    this.#lastKey = key;
    this.#last = value;
    return value;
  }

  #remember(key: string): V {
    const made = this.#make(key);
    if (key.length <= LONGEST_KEY) {
      if (this.#made.size >= this.#limit) this.#made.clear();
      this.#made.set(key, made);
    }
    return made;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#made.size;
  }
}
