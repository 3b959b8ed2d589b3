import { domainToASCII } from 'node:url';
import { canonicalAddress } from '../../../platform/ip-address.ts';
import { parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';

/** What an indicator is of. */
export type IndicatorValue =
  | { readonly kind: 'network'; readonly prefix: IpPrefix; readonly url?: string | undefined }
  /** In lower case, without a last dot. `url`: the address of a page there that was meant, where it was not the whole host. */
  | { readonly kind: 'domain'; readonly domain: string; readonly url?: string | undefined };

/** Nothing longer is looked at. */
const LONGEST = 2048;
const LONGEST_DOMAIN = 253;
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/;
const URL_START = /^[a-z][a-z0-9+.-]{1,15}:\/\//i;

/**
 * Reads what an indicator is of: an address, a network in CIDR notation, a domain (with or without `*.`), or the address of a page, which is
 * read as its host. What was made harmless for reading (`hxxps://`, `evil[.]example`) is read as what it was.
 * @returns undefined for anything else
 */
export function readIndicatorValue(text: string): IndicatorValue | undefined {
  if (text.length > LONGEST) return undefined;
  const value = text.trim().replaceAll('[.]', '.').replaceAll('(.)', '.').replace(/^hxxp/i, 'http');
  const prefix = parsePrefix(value);
  if (prefix !== undefined) return { kind: 'network', prefix };
  if (!URL_START.test(value)) return domainValue(value.replace(/^\*?\./, ''));
  if (!URL.canParse(value)) return undefined;
  const { hostname, pathname, search } = new URL(value);
  const url = pathname.length <= 1 && search === '' ? undefined : value;
  const address = canonicalAddress(hostname.replace(/^\[|\]$/g, ''));
  const host = address === undefined ? undefined : parsePrefix(address);
  if (host !== undefined) return { kind: 'network', prefix: host, url };
  const named = domainValue(hostname);
  return named && { ...named, url };
}

function domainValue(text: string): IndicatorValue | undefined {
  const domain = asciiDomain(text);
  const labels = domain.split('.');
  if (domain.length > LONGEST_DOMAIN || !labels.every((label) => LABEL.test(label))) return undefined;
  // What ends in digits is a broken address, not a name.
  return /^\d+$/.test(labels.at(-1) ?? '') ? undefined : { kind: 'domain', domain };
}

/** A domain as the DNS has it: in lower case, without a last dot, other letters than ASCII as `xn--…`. Empty where these make no name. */
export const asciiDomain = (text: string): string =>
  (/^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : domainToASCII(text.slice(0, LONGEST))).replace(/\.$/, '');
