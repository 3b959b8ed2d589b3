import { textOf, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { awsServiceKey, ipKey } from '../../timeline/entity-keys.ts';
import type { NetworkEndpoint } from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { parseArn } from '../shared/arn.ts';
import type { Place } from '../shared/aws-place.ts';

/** What a `sourceIPAddress` says. */
interface Source {
  readonly endpoint: NetworkEndpoint;
  /** The address as an entity; undefined where a service or nobody is named. */
  readonly ip: Entity | undefined;
  readonly service: string | undefined;
}

const sources = new BoundedCache<Source>((text) => {
  const { ip, port, name } = parseAddress(text);
  if (ip !== undefined) {
    return {
      endpoint: { ip, port },
      ip: { kind: 'ip', key: ipKey(ip), part: 'origin', label: ip },
      service: undefined,
    };
  }
  const service = name !== undefined && SERVICE_NAME.test(name) ? name : undefined;
  // `AWS Internal` is no host name.
  const endpoint = service === undefined ? { svc_name: name ?? UNKNOWN } : { domain: service, svc_name: service };
  return { endpoint, ip: undefined, service };
});

const UNKNOWN = 'unknown';
const LONGEST_NAME = 128;
const SERVICE_NAME = /^[a-z0-9.-]{1,100}\.amazonaws\.com(?:\.cn)?$/;

/**
 * Where a call came from. OCSF requires a source of every API call: where the record has no address, it is the service that made
 * the call, or else the one that was called.
 */
export function originOf(record: JsonObject, place: Place, entities: EntityList): NetworkEndpoint {
  const address = textOf(record['sourceIPAddress']);
  const source = sources.get(address ?? fallbackName(record));
  if (address !== undefined) {
    entities.add(source.ip);
    if (source.service !== undefined) entities.add(serviceEntity(place.account, source.service, 'origin'));
  }
  const endpointId = textOf(record['vpcEndpointId']);
  if (endpointId === undefined) return source.endpoint;
  const owner = textOf(record['vpcEndpointAccountId']) ?? place.account;
  const arn = `arn:${place.partition}:ec2:${place.region}:${owner}:vpc-endpoint/${endpointId}`;
  const known = parseArn(arn);
  if (known !== undefined) entities.add({ ...known.asTarget, part: 'origin' });
  return { ...source.endpoint, uid: endpointId };
}

function fallbackName(record: JsonObject): string {
  const identity = record['userIdentity'];
  const invokedBy =
    typeof identity === 'object' && identity !== null && !Array.isArray(identity)
      ? textOf(identity['invokedBy'])
      : undefined;
  return invokedBy ?? textOf(record['eventSource']) ?? UNKNOWN;
}

/** A service of AWS that acts in an account. */
export function serviceEntity(account: string, service: string, part: 'actor' | 'origin'): Entity {
  const label = service.slice(0, LONGEST_NAME);
  return { kind: 'service-principal', key: awsServiceKey(account, label), part, label };
}
