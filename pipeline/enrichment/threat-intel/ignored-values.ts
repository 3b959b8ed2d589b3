import { liesWithin, parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';
import { PrefixTable } from '../network/prefix-table.ts';
import { readIndicatorValue, type IndicatorValue } from './indicator-value.ts';

/** Addresses, networks and domains that are one's own or a partner's: never an attacker's, whatever anybody says of them. */
export class IgnoredValues {
  readonly #networks = new PrefixTable<true>();
  readonly #domains = new Set<string>();

  /**
   * @param values addresses, networks in CIDR notation, domains; what lies within or below them is ignored too
   * @throws RangeError naming a value that is none of them
   */
  constructor(values: readonly string[]) {
    for (const text of values) {
      const value = readIndicatorValue(text);
      if (value === undefined) {
        throw new RangeError(
          `${JSON.stringify(text)} is no address, network or domain; write one, such as contoso.example`,
        );
      }
      if (value.kind === 'network') this.#networks.set(value.prefix, true);
      else this.#domains.add(value.domain);
    }
  }

  /** Whether a value lies wholly within what is ignored. */
  has(value: IndicatorValue): boolean {
    return value.kind === 'domain' ? this.hasDomain(value.domain) : this.#networks.holds(value.prefix);
  }

  /** @param address in canonical text */
  hasAddress(address: string): boolean {
    const prefix = this.#networks.size === 0 ? undefined : parsePrefix(address);
    return prefix !== undefined && this.#networks.holds(prefix);
  }

  /** @param domain in lower case, without a last dot */
  hasDomain(domain: string): boolean {
    for (let rest = domain; this.#domains.size > 0; rest = rest.slice(rest.indexOf('.') + 1)) {
      if (this.#domains.has(rest)) return true;
      if (!rest.includes('.')) return false;
    }
    return false;
  }
}

/** Ranges that are nobody's on the internet. https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry */
const NOT_PUBLIC = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  // Every virtual machine of Azure speaks with it. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ...[
    '168.63.129.16',
    '198.18.0.0/15',
    '224.0.0.0/4',
    '240.0.0.0/4',
    '::/128',
    '::1/128',
    'fc00::/7',
    'fe80::/10',
    'ff00::/8',
  ],
].flatMap((text) => parsePrefix(text) ?? []);

const notPublic = new PrefixTable<true>();
for (const range of NOT_PUBLIC) notPublic.set(range, true);

/** Whether a network holds addresses that are nobody's on the internet, or lies within them. */
export function isNotPublic(prefix: IpPrefix): boolean {
  const isAddress = prefix.length === prefix.words.length * 32;
  return notPublic.holds(prefix) || (!isAddress && NOT_PUBLIC.some((range) => liesWithin(range, prefix)));
}
