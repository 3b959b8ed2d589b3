import { isIP, isIPv4 } from 'node:net';

/** Nothing longer is an address, its zone included. */
const LONGEST = 255;

/**
 * An IP address in canonical text: IPv6 in the compressed lower-case form of RFC 5952, without a zone; an IPv4-mapped address as the IPv4
 * address that it is. Undefined for anything else.
 */
export function canonicalAddress(text: string): string | undefined {
  if (text.length > LONGEST || isIP(text) === 0) return undefined;
  if (isIPv4(text)) return text;
  const bare = text.replace(/%.*$/, '');
  if (!URL.canParse(`http://[${bare}]`)) return bare.toLowerCase();
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high = 0, low = 0] = mapped.slice(1).map((part) => parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
