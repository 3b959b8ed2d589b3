import { liesWithin, parsePrefix, type IpPrefix } from '../../../platform/ip-prefix.ts';

/** A network that is never blocked. */
export interface ProtectedNetwork {
  readonly network: IpPrefix;
  readonly what: string;
}

/**
 * What no attacker comes from over the internet, and what platforms need: blocking it would cut off one's own. The special-purpose registries of IANA
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry) name more; networks that are
 * for documentation are left out, because they are used by nobody. The narrower stand first, for they say better what it is.
 */
const BUILT_IN: readonly (readonly [network: string, what: string])[] = [
  // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ['168.63.129.16/32', 'Azure’s platform: name resolution, the agent of machines and health probes of load balancers'],
  ['169.254.169.254/32', 'the metadata service of clouds'],
  ['169.254.169.253/32', 'name resolution of AWS'],
  ['169.254.169.123/32', 'the time service of AWS'],
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
  ['fd00:ec2::254/128', 'the metadata service of AWS'],
  // https://docs.cloud.google.com/load-balancing/docs/health-check-concepts
  ['35.191.0.0/16', 'health probes of Google Cloud'],
  ['130.211.0.0/22', 'health probes of Google Cloud'],
  ['0.0.0.0/8', 'no address: this network'],
  ['10.0.0.0/8', 'a private network'],
  ['100.64.0.0/10', 'a network shared behind a provider’s translation'],
  ['127.0.0.0/8', 'the machine itself'],
  ['169.254.0.0/16', 'a link-local network'],
  ['172.16.0.0/12', 'a private network'],
  ['192.0.0.0/24', 'a network of protocols'],
  ['192.168.0.0/16', 'a private network'],
  ['198.18.0.0/15', 'a network for measurements'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, and broadcast'],
  ['::/128', 'no address'],
  ['::1/128', 'the machine itself'],
  ['64:ff9b:1::/48', 'a network of translations'],
  ['100::/64', 'a network that discards'],
  ['fc00::/7', 'a private network'],
  ['fe80::/10', 'a link-local network'],
  ['fec0::/10', 'a private network'],
  ['ff00::/8', 'multicast'],
];

/** IPv6 networks of which an IPv4 address is part, and after how many bits it stands: IPv4-compatible, translated (RFC 7915), NAT64 (RFC 6052) and 6to4 (RFC 3056). */
const EMBEDDING: readonly (readonly [network: string, after: number])[] = [
  ['::/96', 96],
  ['::ffff:0:0:0/96', 96],
  ['64:ff9b::/96', 96],
  ['2002::/16', 16],
];

/** @throws Error where a line of the tables above cannot be read, which is a fault of this file */
function read(text: string): IpPrefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is no network`);
  return prefix;
}

export const PROTECTED_NETWORKS: readonly ProtectedNetwork[] = BUILT_IN.map(([text, what]) => ({
  network: read(text),
  what,
}));

const EMBEDDINGS = EMBEDDING.map(([text, after]) => ({ network: read(text), after }));

/** Whether two networks have an address in common: then one contains the other. */
export const overlap = (one: IpPrefix, other: IpPrefix): boolean => liesWithin(one, other) || liesWithin(other, one);

/** A network, and the IPv4 networks that its addresses are another writing of. */
export function writingsOf(network: IpPrefix): IpPrefix[] {
  const embedded = EMBEDDINGS.filter((each) => overlap(network, each.network)).map(({ after }): IpPrefix => {
    const [high = 0, second = 0, , last = 0] = network.words;
    const length = Math.max(0, Math.min(32, network.length - after));
    const word = after === 96 ? last : (high << 16) | (second >>> 16);
    return { version: 4, words: [length === 0 ? 0 : word & (-1 << (32 - length))], length };
  });
  return [network, ...embedded];
}
