import { BlockList, isIP } from 'node:net';

const RANGE = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/;

/** A range of addresses in CIDR notation, IPv4 or IPv6; undefined where the text is no such range. */
export function parseRange(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', digits = ''] = RANGE.exec(text) ?? [];
  const version = isIP(address);
  const prefix = Number(digits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/**
 * Compiles ranges in CIDR notation into a test of an address. An IPv4 address written as IPv6 (`::ffff:203.0.113.7`) is in the
 * ranges of IPv4; what is no address is in none.
 * @param ranges each read by {@link parseRange}
 */
export function compileRanges(ranges: readonly string[]): (address: string) => boolean {
  // Apart, for a list of both takes `::/0` for a range that holds every IPv4 address.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of ranges) {
    const range = parseRange(text);
    if (range !== undefined) lists[range.family].addSubnet(range.address, range.prefix, range.family);
  }
  return (text) => {
    const [address = ''] = text.length > 64 ? [] : text.trim().split('%');
    const version = isIP(address);
    if (version === 4) return lists.ipv4.check(address, 'ipv4');
    return version === 6 && (lists.ipv6.check(address, 'ipv6') || lists.ipv4.check(address, 'ipv6'));
  };
}
