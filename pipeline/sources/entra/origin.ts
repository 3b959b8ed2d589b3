import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { deviceKey, ipKey } from '../../timeline/entity-keys.ts';
import type { Device, Location, NetworkEndpoint, Os } from '../../timeline/ocsf/types.ts';
import { parseAddress, type Address } from '../shared/address.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import { labelOf } from './parties.ts';
import { idOf, numberBetween } from './values.ts';

interface Origin {
  readonly address: Address;
  readonly entity: Entity | undefined;
}

const origins = new BoundedCache<Origin>((text) => {
  const address = parseAddress(text);
  const { ip } = address;
  return { address, entity: ip === undefined ? undefined : { kind: 'ip', key: ipKey(ip), part: 'origin', label: ip } };
});

const NOWHERE: Origin = { address: {}, entity: undefined };

/** Where a record came from: the first of its values that holds an address or a name. */
export function originOf(best: Json | undefined, second: Json | undefined, last?: Json): Origin {
  return known(best) ?? known(second) ?? known(last) ?? NOWHERE;
}

function known(value: Json | undefined): Origin | undefined {
  if (typeof value !== 'string') return undefined;
  const origin = origins.get(value);
  return origin.entity === undefined && origin.address.name === undefined ? undefined : origin;
}

/** The endpoint at an address; undefined where the record gives no address, for a place alone is no endpoint. */
export function endpointOf(
  { address }: Origin,
  place: Json | undefined,
  asn: Json | undefined,
): NetworkEndpoint | undefined {
  const { ip, port, name } = address;
  if (ip === undefined && name === undefined) return undefined;
  return {
    ip,
    port,
    domain: name,
    location: locationOf(place),
    autonomous_system: autonomousSystemOf(asn),
  };
}

/** A number, or in the column form the digits of one; 0 where Entra knows none. */
function autonomousSystemOf(value: Json | undefined): { number: number } | undefined {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  const valid = numberBetween(1, 4_294_967_295, number);
  return valid !== undefined && Number.isInteger(valid) ? { number: valid } : undefined;
}

/** Entra writes empty names and the coordinates 0, 0 where it knows no place. */
function locationOf(place: Json | undefined): Location | undefined {
  if (!isObject(place)) return undefined;
  const city = textOf(place.city);
  const region = textOf(place.state);
  const country = textOf(place.countryOrRegion);
  if (city === undefined && region === undefined && country === undefined) return undefined;
  const coordinates = objectOf(place.geoCoordinates);
  return {
    city,
    region,
    country,
    lat: numberBetween(-90, 90, coordinates?.latitude),
    long: numberBetween(-180, 180, coordinates?.longitude),
  };
}

/** The device of a sign-in, where Entra knows it by id or name. */
export function deviceOf(detail: JsonObject | undefined): Device | undefined {
  if (detail === undefined) return undefined;
  const uid = idOf(detail.deviceId);
  const name = textOf(detail.displayName);
  if (uid === undefined && name === undefined) return undefined;
  return {
    uid,
    name,
    type_id: 0,
    type: 'Unknown',
    os: operatingSystemOf(detail.operatingSystem),
    is_compliant: booleanOf(detail.isCompliant),
    is_managed: booleanOf(detail.isManaged),
  };
}

/** The device of a sign-in as an entity; only its id identifies it. */
export function deviceEntity({ uid, name }: Device): Entity | undefined {
  return uid === undefined ? undefined : { kind: 'device', key: deviceKey(uid), part: 'origin', label: labelOf(name) };
}

const booleanOf = (value: Json | undefined): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** Beginnings of the names that Entra gives operating systems, in lower case. */
const SYSTEMS: readonly (readonly [string, Os['type_id']])[] = [
  ['windows', 100],
  ['macos', 300],
  ['ios', 301],
  ['ipados', 302],
  ['android', 201],
  ['linux', 200],
];

const systems = new BoundedCache<Os>((name) => {
  const folded = name.toLowerCase();
  return { name, type_id: SYSTEMS.find(([beginning]) => folded.startsWith(beginning))?.[1] ?? 99 };
});

function operatingSystemOf(value: Json | undefined): Os | undefined {
  const name = textOf(value);
  return name === undefined ? undefined : systems.get(name);
}
