import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { Json } from '../../../platform/json.ts';
import { BoundedCache } from './bounded-cache.ts';

/** Where a call came from: an IP address in canonical text, or a name (a cloud service, a host) where there is none. */
export interface Address {
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly name?: string | undefined;
}

const NOTHING: Address = {};
const EMPTY = new Set(['', '<null>', 'null', 'none', '-', 'n/a', 'unknown']);
const PLAIN_IPV4 = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const WITH_PORT = /^(?:(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})|\[([0-9A-Fa-f:.]+)\]):(\d{1,5})$/;
/** Some Azure services write a two-letter mark before an IPv6 address. */
const MARKED_IPV6 = /^[A-Za-z]{2}:([0-9A-Fa-f:.]*::?[0-9A-Fa-f:.]*)$/;
/** Nothing longer is an address or a name of the DNS; the patterns here are not made for more. */
const LONGEST = 255;

const addresses = new BoundedCache(read);

/**
 * Reads a caller's address as the clouds write it: an IPv4 or IPv6 address, either with a port, an IPv6 address in
 * brackets or with a two-letter mark before it, the name of a service (`cloudtrail.amazonaws.com`, `AWS Internal`), or one of the words for nothing
 * (`<null>`, empty).
 */
export function parseAddress(value: Json | undefined): Address {
  if (typeof value !== 'string') return NOTHING;
  return value.length > LONGEST ? { name: value.slice(0, LONGEST) } : addresses.get(value);
}

function read(value: string): Address {
  if (PLAIN_IPV4.test(value) && isIPv4(value)) return { ip: value };
  const text = value.trim();
  if (EMPTY.has(text.toLowerCase())) return NOTHING;
  if (isIP(text)) return { ip: canonical(text) };
  const ported = WITH_PORT.exec(text);
  if (ported) {
    const host = ported[1] ?? ported[2] ?? '';
    const port = Number(ported[3]);
    if (isIP(host) && port <= 65_535) return { ip: canonical(host), port };
  }
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : MARKED_IPV6.exec(text)?.[1];
  if (bare !== undefined && isIPv6(bare)) return { ip: canonical(bare) };
  return { name: text };
}

/** IPv6 in the compressed lower-case form of RFC 5952, without a zone; an IPv4-mapped address as the IPv4 address it is. */
function canonical(ip: string): string {
  if (isIPv4(ip)) return ip;
  const bare = ip.replace(/%.*$/, '');
  if (!URL.canParse(`http://[${bare}]`)) return bare.toLowerCase();
  const short = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short);
  if (!mapped) return short;
  const [high = 0, low = 0] = mapped.slice(1).map((part) => parseInt(part, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
