import { compileRanges } from '../../sigma/address-ranges.ts';
import type { PlaceOf } from './impossible-travel.ts';

/** A network of one's own, or one that many people come from. */
export interface KnownNetwork {
  /** Range of addresses in CIDR notation. */
  readonly cidr: string;
  /** Who comes from it may be anywhere: a VPN, a proxy, the gateway of a company. */
  readonly egress?: boolean | undefined;
  /** Where it is, in degrees, whatever the source says of its addresses. */
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
}

/** For so many addresses it is remembered in which network they are. */
const MAX_ADDRESSES = 10_000;

/**
 * Where somebody was who came from an address: the place of the first known network that holds it, or what the source says; nowhere,
 * where it is an egress network.
 */
export function placesOf(networks: readonly KnownNetwork[]): PlaceOf {
  const known = networks.map((network) => ({ ...network, holds: compileRanges([network.cidr]) }));
  const byAddress = new Map<string, KnownNetwork | undefined>();
  const networkOf = (address: string): KnownNetwork | undefined => {
    if (byAddress.has(address)) return byAddress.get(address);
    const network = known.find(({ holds }) => holds(address));
    if (byAddress.size >= MAX_ADDRESSES) byAddress.clear();
    byAddress.set(address, network);
    return network;
  };
  return ({ ip, latitude, longitude }) => {
    const network = ip === undefined ? undefined : networkOf(ip);
    if (network?.egress === true) return undefined;
    return place(network?.latitude, network?.longitude) ?? place(latitude, longitude);
  };
}

const place = (latitude: number | undefined, longitude: number | undefined): ReturnType<PlaceOf> =>
  latitude === undefined || longitude === undefined ? undefined : { latitude, longitude };
