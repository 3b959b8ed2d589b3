import { isIPv4, isIPv6 } from 'node:net';
import { canonicalAddress } from '../../../platform/ip-address.ts';
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
  const whole = canonicalAddress(text);
  if (whole !== undefined) return { ip: whole };
  const ported = WITH_PORT.exec(text);
  if (ported) {
    const ip = canonicalAddress(ported[1] ?? ported[2] ?? '');
    const port = Number(ported[3]);
    if (ip !== undefined && port <= 65_535) return { ip, port };
  }
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : MARKED_IPV6.exec(text)?.[1];
  if (bare !== undefined && isIPv6(bare)) return { ip: canonicalAddress(bare) };
  return { name: text };
}
