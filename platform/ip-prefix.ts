import { canonicalAddress } from './ip-address.ts';

/** A network: an IPv4 or IPv6 address of which the first bits count. An address is the network that it is alone in. */
export interface IpPrefix {
  readonly version: 4 | 6;
  /** 32 bits each, from the left, as signed integers: one for IPv4, four for IPv6. Bits that do not count are 0. */
  readonly words: readonly number[];
  /** How many bits count. */
  readonly length: number;
}

/**
 * Reads an address, or a network in CIDR notation. Bits that do not count may be anything. What is IPv4 mapped into IPv6 is read as IPv4.
 * @returns undefined for anything else
 */
export function parsePrefix(text: string): IpPrefix | undefined {
  const slash = text.indexOf('/');
  const written = slash < 0 ? text : text.slice(0, slash);
  const address = canonicalAddress(written);
  if (address === undefined) return undefined;
  const words = wordsOf(address);
  const version = words.length === 1 ? 4 : 6;
  const most = words.length * 32;
  if (slash < 0) return { version, words, length: most };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return undefined;
  const mapped = version === 4 && written.includes(':');
  const length = Number(digits) - (mapped ? 96 : 0);
  if (length < 0 || length > most) return undefined;
  return { version, words: words.map((word, at) => word & maskOf(length - at * 32)), length };
}

/** The network in CIDR notation, in canonical text; an address alone without a length. */
export function prefixText({ version, words, length }: IpPrefix): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const address =
    version === 4
      ? words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]).join('.')
      : canonicalAddress(groups.map((group) => group.toString(16)).join(':'));
  return length === words.length * 32 ? (address ?? '') : `${address ?? ''}/${length}`;
}

/** Whether all addresses of one network are in another. */
export function liesWithin(inner: IpPrefix, outer: IpPrefix): boolean {
  return (
    inner.version === outer.version &&
    inner.length >= outer.length &&
    outer.words.every((word, at) => word === ((inner.words[at] ?? 0) & maskOf(outer.length - at * 32)))
  );
}

/** A word of which the first bits are set. @param bits how many; less than 0 is 0, more than 32 is 32 */
export const maskOf = (bits: number): number => (bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits));

/** @param address in canonical text */
function wordsOf(address: string): number[] {
  if (!address.includes(':')) return [address.split('.').reduce((word, part) => (word << 8) | Number(part), 0)];
  const [left = '', right] = address.split('::');
  const groupsOf = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groupsOf(left), groupsOf(right ?? '')];
  const groups = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return [0, 2, 4, 6].map((at) => ((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0));
}
