import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { ipKey } from '../../timeline/entity-keys.ts';
import type { Entity } from '../../timeline/entity.ts';
import type { Evidences, Location } from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import { listAt, objectAt } from './fields.ts';
import type { Matter } from './finding.ts';

/**
 * What a detection of GuardDuty and its like says of the attack: from where, and by which call.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/asff-top-level-attributes.html#asff-action
 * @param actors who is said to have acted
 */
export function asffThreat(record: JsonObject, actors: readonly Entity[]): Matter {
  const action = objectOf(record.Action);
  const call = objectOf(action?.AwsApiCallAction);
  const remotes = [
    objectOf(call?.RemoteIpDetails),
    objectOf(objectOf(action?.NetworkConnectionAction)?.RemoteIpDetails),
    ...listAt(objectOf(action?.PortProbeAction), 'PortProbeDetails').map((probe) =>
      objectAt(objectOf(probe), 'RemoteIpDetails'),
    ),
    objectOf(objectOf(action?.KubernetesApiCallAction)?.RemoteIpDetails),
    remoteInProductFields(record),
  ];
  const origins: Entity[] = [];
  const evidences: Evidences[] = [];
  for (const remote of remotes) {
    const { ip } = parseAddress(remote?.IpAddressV4);
    const { ip: ip6 } = parseAddress(remote?.IpAddressV6);
    const address = ip ?? ip6;
    if (remote === undefined || address === undefined || origins.some(({ label }) => label === address)) continue;
    origins.push({ kind: 'ip', key: ipKey(address), part: 'origin', label: address });
    evidences.push({ src_endpoint: endpointOf(address, remote) });
  }
  const operation = textOf(call?.Api);
  if (operation !== undefined) {
    const service = textOf(call?.ServiceName);
    evidences.push({ api: { operation, service: service === undefined ? undefined : { name: service } } });
  }
  return { is: 'threat', actors, origins, evidences };
}

function endpointOf(ip: string, remote: JsonObject): NonNullable<Evidences['src_endpoint']> {
  const organization = objectOf(remote.Organization);
  const asn = organization?.Asn;
  const number = typeof asn === 'number' && Number.isInteger(asn) && asn > 0 && asn < 2 ** 32 ? asn : undefined;
  return {
    ip,
    location: locationOf(remote),
    autonomous_system: number === undefined ? undefined : { number, name: textOf(organization?.AsnOrg) },
  };
}

function locationOf(remote: JsonObject): Location | undefined {
  const country = textOf(objectOf(remote.Country)?.CountryCode);
  const city = textOf(objectOf(remote.City)?.CityName);
  if (country === undefined && city === undefined) return undefined;
  const place = objectOf(remote.GeoLocation);
  return { country, city, lat: within(place?.Lat, 90), long: within(place?.Lon, 180) };
}

const within = (value: Json | undefined, most: number): number | undefined =>
  typeof value === 'number' && Math.abs(value) <= most ? value : undefined;

const REMOTE =
  /^aws\/guardduty\/service\/action\/[A-Za-z]{1,40}\/(?:portProbeDetails\.0_\/)?remoteIpDetails\/ipAddressV4$/;

/** GuardDuty writes it into the fields of its own, too, which is where findings that are older have it alone. */
function remoteInProductFields(record: JsonObject): JsonObject | undefined {
  const fields = objectOf(record.ProductFields);
  if (!isObject(fields)) return undefined;
  const name = Object.keys(fields)
    .slice(0, 200)
    .find((field) => REMOTE.test(field));
  return name === undefined ? undefined : { IpAddressV4: textOf(fields[name]) };
}
