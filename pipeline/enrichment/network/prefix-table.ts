import { maskOf, parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';

/** A network that holds an address, and what is known of it. */
export interface PrefixMatch<V> {
  readonly prefix: IpPrefix;
  readonly value: V;
}

/** A word of IPv4; the words of IPv6 as text. */
type Key = number | string;

/**
 * What is known of networks, found by address: one table for each prefix length there is, so that a look-up takes time with the number
 * of different lengths, not of networks.
 */
export class PrefixTable<V> {
  /** By version and length, the longest first. */
  readonly #tables = { 4: new Map<number, Map<Key, V>>(), 6: new Map<number, Map<Key, V>>() };
  #size = 0;

  /** How many networks it has. */
  get size(): number {
    return this.#size;
  }

  /** What is known of a network itself. */
  get(prefix: IpPrefix): V | undefined {
    return this.#tables[prefix.version].get(prefix.length)?.get(keyOf(prefix.words, prefix.length));
  }

  /** The networks that it has. */
  *prefixes(): Generator<IpPrefix> {
    for (const version of [4, 6] as const) {
      for (const [length, table] of this.#tables[version]) {
        for (const key of table.keys()) yield { version, words: wordsOf(key), length };
      }
    }
  }

  /** Puts what is known of a network in the place of what was. */
  set(prefix: IpPrefix, value: V): void {
    const { version, words, length } = prefix;
    let table = this.#tables[version].get(length);
    if (table === undefined) {
      table = new Map();
      const tables = [...this.#tables[version], [length, table] as const].sort(([one], [other]) => other - one);
      this.#tables[version] = new Map(tables);
    }
    const before = table.size;
    table.set(keyOf(words, length), value);
    this.#size += table.size - before;
  }

  /** Whether a network lies wholly within one of those that are known, itself included. */
  holds({ version, words, length: most }: IpPrefix): boolean {
    for (const [length, table] of this.#tables[version]) {
      if (length <= most && table.has(keyOf(words, length))) return true;
    }
    return false;
  }

  /** The networks that hold an address, the smallest first; none where the text is no address. */
  matches(address: string): PrefixMatch<V>[] {
    const one = parsePrefix(address);
    if (one === undefined) return [];
    const found: PrefixMatch<V>[] = [];
    for (const [length, table] of this.#tables[one.version]) {
      if (length > one.length) continue;
      const value = table.get(keyOf(one.words, length));
      if (value === undefined) continue;
      const words = one.words.map((word, at) => word & maskOf(length - at * 32));
      found.push({ prefix: { version: one.version, words, length }, value });
    }
    return found;
  }
}

const wordsOf = (key: Key): number[] =>
  typeof key === 'number' ? [key] : key.split(',').map((word) => Number.parseInt(word, 36));

function keyOf(words: readonly number[], length: number): Key {
  const [first = 0] = words;
  if (words.length === 1) return first & maskOf(length);
  return words.map((word, at) => (word & maskOf(length - at * 32)).toString(36)).join();
}
