import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { entraObjectIdKey, entraUserKey, ipKey, kubernetesObjectKey, upnKey } from '../../timeline/entity-keys.ts';
import type { Evidences, Location, NetworkEndpoint } from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import { parseArmId } from '../shared/arm-id.ts';
import { imageOf } from '../shared/container-image.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { guidOf, upnOf } from '../shared/entra-names.ts';
import { awsPlace, azurePlace, type Place } from './place.ts';

/** No more entities of an alert are looked at, and no more become evidence. */
const MAX_LOOKED_AT = 64;
const MAX_EVIDENCES = 16;
const LONGEST_LABEL = 256;

/** What an alert's entities say, beside the entities themselves. */
export interface AlertParties {
  /** What it happened to. */
  readonly places: readonly Place[];
  /** Keys of who is said to have acted, the strongest for each. */
  readonly actors: readonly string[];
  readonly evidences: readonly Evidences[];
}

/**
 * Reads the `Entities` of an alert: accounts, addresses, resources, machines, pods, images. An entity that was written before is referred to by its
 * number (`{"$ref": "5"}`), which one document may use several times; the last one before counts.
 * https://learn.microsoft.com/azure/sentinel/entities-reference
 * @param tenant in lower case, where the alert names it: that of accounts which do not
 * @param asset what the alert is about, where it says so beside its entities
 * @param list takes the entities
 */
export function alertParties(
  entities: Json | undefined,
  tenant: string | undefined,
  asset: Place | undefined,
  list: EntityList,
): AlertParties {
  const known = new Map<string, JsonObject>();
  const places: Place[] = asset === undefined ? [] : [asset];
  const actors: string[] = [];
  const evidences: Evidences[] = [];
  for (const place of places) list.add(place.entity);
  for (const entity of (arrayOf(entities) ?? []).slice(0, MAX_LOOKED_AT)) {
    if (!isObject(entity) || textOf(entity.$ref) !== undefined) continue;
    note(entity, known);
    const place = placeOf(entity, known);
    if (place !== undefined) places.push(place);
    list.add(place?.entity);
    const evidence = evidenceOf(entity, tenant, list, actors);
    if (evidence !== undefined && evidences.length < MAX_EVIDENCES) evidences.push(evidence);
    list.add(imageIn(entity));
    list.add(podOf(entity, known, places));
  }
  return { places, actors, evidences };
}

/** Remembers an entity and those written within it by their numbers. */
function note(entity: JsonObject, known: Map<string, JsonObject>): void {
  for (const candidate of [...Object.values(entity), entity]) {
    const id = isObject(candidate) ? textOf(candidate.$id) : undefined;
    if (id !== undefined && isObject(candidate)) known.set(id, candidate);
  }
}

function resolved(value: Json | undefined, known: ReadonlyMap<string, JsonObject>): JsonObject | undefined {
  const object = objectOf(value);
  const reference = textOf(object?.$ref);
  return reference === undefined ? object : known.get(reference);
}

const typeOf = (entity: JsonObject): string => textOf(entity.Type)?.toLowerCase() ?? '';

function placeOf(entity: JsonObject, known: ReadonlyMap<string, JsonObject>): Place | undefined {
  switch (typeOf(entity)) {
    case 'azure-resource':
      return azurePlace(entity.ResourceId);
    case 'amazon-resource':
      return awsPlace(entity.AmazonResourceId);
    case 'host':
      return azurePlace(entity.AzureID);
    case 'k8s-cluster':
      return azurePlace(resolved(entity.CloudResource, known)?.ResourceId);
    default:
      return undefined;
  }
}

/** Addresses and accounts are evidence too. Adds them to the list, and an account that is one of Entra to the actors. */
function evidenceOf(
  entity: JsonObject,
  tenant: string | undefined,
  list: EntityList,
  actors: string[],
): Evidences | undefined {
  const type = typeOf(entity);
  if (type === 'ip') {
    const { ip } = parseAddress(entity.Address);
    if (ip === undefined) return undefined;
    list.add({ kind: 'ip', key: ipKey(ip), part: 'origin', label: ip });
    return { src_endpoint: endpointOf(ip, objectOf(entity.Location)) };
  }
  return type === 'account' ? accountOf(entity, tenant, list, actors) : undefined;
}

function accountOf(
  entity: JsonObject,
  tenant: string | undefined,
  list: EntityList,
  actors: string[],
): Evidences | undefined {
  const name = textOf(entity.Name);
  const suffix = textOf(entity.UPNSuffix);
  const upn = upnOf(name === undefined || suffix === undefined || name.includes('@') ? name : `${name}@${suffix}`);
  const objectId = known(guidOf(entity.AadUserId));
  const home = known(guidOf(entity.AadTenantId)) ?? tenant;
  const label = (upn ?? name)?.slice(0, LONGEST_LABEL);
  const keys: Entity[] = [];
  // Without a name to sign in with it may as well be a workload.
  if (objectId !== undefined && upn !== undefined && home !== undefined)
    keys.push({ kind: 'user', key: entraUserKey(home, objectId), part: 'actor', label });
  else if (objectId !== undefined) keys.push({ kind: 'user', key: entraObjectIdKey(objectId), part: 'actor', label });
  if (upn !== undefined) keys.push({ kind: 'user', key: upnKey(upn), part: 'actor', label });
  for (const key of keys) list.add(key);
  if (keys[0] !== undefined) actors.push(keys[0].key);
  const uid = objectId ?? textOf(entity.Sid);
  return name === undefined && uid === undefined
    ? undefined
    : { user: { name: upn ?? name, uid, domain: textOf(entity.NTDomain) } };
}

const NIL = '00000000-0000-0000-0000-000000000000';
const known = (id: string | undefined): string | undefined => (id === NIL ? undefined : id);

function endpointOf(ip: string, place: JsonObject | undefined): NetworkEndpoint {
  const asn = place?.Asn;
  return {
    ip,
    location: place === undefined ? undefined : locationOf(place),
    autonomous_system:
      typeof asn === 'number' && Number.isInteger(asn) && asn > 0 && asn < 2 ** 32 ? { number: asn } : undefined,
  };
}

function locationOf(place: JsonObject): Location | undefined {
  const city = textOf(place.City);
  const country = textOf(place.CountryCode);
  const region = textOf(place.State);
  return city === undefined && country === undefined && region === undefined ? undefined : { city, country, region };
}

function imageIn(entity: JsonObject): Entity | undefined {
  const reference = typeOf(entity) === 'container-image' ? textOf(entity.ImageId) : undefined;
  if (reference === undefined) return undefined;
  const { key, name } = imageOf(reference, []);
  return { kind: 'resource', key, part: 'target', label: name.slice(0, LONGEST_LABEL) };
}

const CLUSTER = 'microsoft.containerservice/managedclusters';

/** A pod, in the cluster that the alert names. */
function podOf(
  entity: JsonObject,
  known: ReadonlyMap<string, JsonObject>,
  places: readonly Place[],
): Entity | undefined {
  const name = typeOf(entity) === 'k8s-pod' ? textOf(entity.Name) : undefined;
  const namespace = textOf(resolved(entity.Namespace, known)?.Name);
  const cluster = places.find(({ resource }) => resource.type === CLUSTER);
  if (name === undefined || namespace === undefined || cluster === undefined) return undefined;
  const { id } = parseArmId(cluster.entity.key.slice('arm:'.length));
  return {
    kind: 'resource',
    key: kubernetesObjectKey(id, `${namespace}/pods/${name}`),
    part: 'target',
    label: name.slice(0, LONGEST_LABEL),
  };
}
