import type { ActionOrigin } from '../../timeline/observation.ts';
import { bounded, quoted } from './quoted.ts';

const LONGEST_PLACE = 40;

/** Without what names of places do not have, such as a bracket by which a sentence could go on. */
const placeName = (name: string): string => bounded(name, LONGEST_PLACE).replace(/[^\p{L}\p{M}\p{N} .,'…-]/gu, '?');

/** Where an action came from, for people: `198.51.100.23 (Oslo, NO, AS64500)`; undefined where nothing is known. */
export function shownOrigin({ ip, city, country, asn }: ActionOrigin): string | undefined {
  const place = [city, country].flatMap((name) => (name === undefined || name === '' ? [] : [placeName(name)]));
  if (asn !== undefined) place.push(`AS${asn}`);
  if (ip === undefined) return place.length === 0 ? undefined : place.join(', ');
  return place.length === 0 ? quoted(ip) : `${quoted(ip)} (${place.join(', ')})`;
}

/**
 * Whether two origins are in one network: of one provider and one country, as far as both tell; where they tell neither, of one range of
 * addresses (/24 of IPv4, /48 of IPv6). Undefined where they cannot be compared.
 */
export function inOneNetwork(one: ActionOrigin, other: ActionOrigin): boolean | undefined {
  const provider = same(one.asn, other.asn);
  const country = same(one.country, other.country);
  if (provider === false || country === false) return false;
  if (provider === true && country === true) return true;
  const range = same(rangeOf(one.ip), rangeOf(other.ip));
  return range ?? provider ?? country;
}

const same = <T>(one: T | undefined, other: T | undefined): boolean | undefined =>
  one === undefined || other === undefined ? undefined : one === other;

function rangeOf(ip: string | undefined): string | undefined {
  if (ip === undefined) return undefined;
  if (!ip.includes(':')) return ip.split('.', 3).join('.');
  const [head = '', tail] = ip.split('::', 2);
  const groups = head.split(':').filter((group) => group !== '');
  // What `::` leaves out are zeroes.
  if (tail !== undefined) while (groups.length < 3) groups.push('0');
  return groups.slice(0, 3).join(':');
}
