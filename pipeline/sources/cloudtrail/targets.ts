import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import type { ResourceDetails } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { parseArn, personOf, type Arn } from '../shared/arn.ts';
import { accessKeyOf, addSourceIdentity } from './identity.ts';
import type { Place } from '../shared/aws-place.ts';
import { LISTED_PARAMETERS, TARGET_PARAMETERS } from './target-parameters.ts';

/** How many parameters of a request, or elements of a response, are looked at. */
const MOST_PROPERTIES = 64;
/** Names that may stand in an ARN; a person may call a resource anything. */
const RESOURCE_NAME = /^[\w+=,.@/:$-]{1,512}$/;

const written = new BoundedCache(parseArn);

/** One kind of name that a parameter holds: gives the ARN that a name stands for in an account and region. */
class ResourceNames {
  readonly #tokens: readonly string[];
  readonly #known = new WeakMap<Place, BoundedCache<Arn | undefined>>();

  constructor(template: string) {
    this.#tokens = template.split(/(\$[prav])/);
  }

  get(name: string, place: Place): Arn | undefined {
    let known = this.#known.get(place);
    if (known === undefined) {
      known = new BoundedCache(
        (text) => (RESOURCE_NAME.test(text) ? parseArn(this.#write(text, place)) : undefined),
        512,
      );
      this.#known.set(place, known);
    }
    return known.get(name);
  }

  #write(name: string, place: Place): string {
    let arn = '';
    for (const token of this.#tokens) {
      if (token === '$p') arn += place.partition;
      else if (token === '$r') arn += place.region;
      else if (token === '$a') arn += place.account;
      // A name that is a path (`/app/password`) loses its first slash behind another.
      else if (token === '$v') arn += arn.endsWith('/') && name.startsWith('/') ? name.slice(1) : name;
      else arn += token;
    }
    return arn;
  }
}

/** Finds the resources that one service's parameters name. */
interface ServiceParameters {
  readonly names: ReadonlyMap<string, ResourceNames>;
  readonly listed: ReadonlyMap<string, string>;
}

const NONE: ServiceParameters = { names: new Map(), listed: new Map() };

const BY_SERVICE: ReadonlyMap<string, ServiceParameters> = new Map(
  Object.entries(TARGET_PARAMETERS).map(([service, parameters]) => [
    service,
    {
      names: new Map(Object.entries(parameters).map(([name, template]) => [name, new ResourceNames(template)])),
      listed: new Map(Object.entries(LISTED_PARAMETERS[service] ?? {})),
    },
  ]),
);

/**
 * Names what an API call was made on or gave out: `resources`, the ARNs and known parameters of the request, the ARNs, the
 * session and the access keys of the response.
 * @param service the first part of `eventSource`
 */
export function addTargets(record: JsonObject, service: string, place: Place, entities: EntityList): void {
  const resources = arrayOf(record['resources']);
  if (resources !== undefined) addListed(resources, entities);
  const request = record['requestParameters'];
  if (isObject(request)) addRequested(request, service, place, entities);
  const response = record['responseElements'];
  if (isObject(response)) addAnswered(response, service, place, entities);
}

function addListed(resources: readonly Json[], entities: EntityList): void {
  for (let i = 0; i < resources.length && i < MOST_PROPERTIES && !entities.full; i++) {
    const resource = resources[i];
    if (isObject(resource)) addArn(resource['ARN'], entities);
  }
}

function addArn(value: Json | undefined, entities: EntityList): void {
  if (typeof value === 'string') entities.add(written.get(value)?.asTarget);
}

function addRequested(request: JsonObject, service: string, place: Place, entities: EntityList): void {
  addNamed(request, BY_SERVICE.get(service) ?? NONE, place, entities);
  if (service === 'sts') {
    // The session that the call opens: its name may say who it is for, its source identity who stays behind it.
    const name = textOf(request['roleSessionName']);
    if (name !== undefined) entities.add(personOf(name, 'target'));
    if (request['sourceIdentity'] !== undefined)
      addSourceIdentity(request['sourceIdentity'], place.account, 'target', entities);
  } else if (service === 'iam') {
    const accessKeyId = textOf(request['accessKeyId']);
    if (accessKeyId !== undefined) entities.add(accessKeyOf(accessKeyId)?.asTarget);
  }
}

function addAnswered(response: JsonObject, service: string, place: Place, entities: EntityList): void {
  const issued = objectOf(response['credentials']) ?? objectOf(response['accessKey']);
  const accessKeyId = issued === undefined ? undefined : textOf(issued['accessKeyId']);
  if (accessKeyId !== undefined) entities.add(accessKeyOf(accessKeyId)?.asTarget);
  addNamed(response, BY_SERVICE.get(service) ?? NONE, place, entities);
}

/** Adds what the properties of a request or a response name: ARNs, objects with an `arn`, and the parameters known for the service. */
function addNamed(object: JsonObject, { names, listed }: ServiceParameters, place: Place, entities: EntityList): void {
  let seen = 0;
  for (const name in object) {
    if (++seen > MOST_PROPERTIES || entities.full) return;
    const value = object[name];
    if (typeof value === 'string') {
      if (value.startsWith('arn:')) addArn(value, entities);
      else addNamedResource(value, names.get(name), place, entities);
    } else if (Array.isArray(value)) {
      const each = names.get(name);
      for (let i = 0; i < value.length && i < MAX_ENTITIES; i++) addNamedResource(value[i], each, place, entities);
    } else if (isObject(value)) {
      addArn(value['arn'], entities);
      const property = listed.get(name);
      if (property !== undefined) addItems(value['items'], property, names.get(property), place, entities);
    }
  }
}

function addItems(
  items: Json | undefined,
  property: string,
  names: ResourceNames | undefined,
  place: Place,
  entities: EntityList,
): void {
  if (!Array.isArray(items)) return;
  for (let i = 0; i < items.length && i < MAX_ENTITIES; i++) {
    const item = items[i];
    if (isObject(item)) addNamedResource(item[property], names, place, entities);
  }
}

function addNamedResource(
  value: Json | undefined,
  names: ResourceNames | undefined,
  place: Place,
  entities: EntityList,
): void {
  if (typeof value !== 'string') return;
  if (value.startsWith('arn:')) addArn(value, entities);
  else if (names !== undefined) entities.add(names.get(value, place)?.asTarget);
}

/** The resources of a record as OCSF lists them; undefined where it lists none, or more than can be listed. */
export function resourcesOf(record: JsonObject): ResourceDetails[] | undefined {
  const listed = arrayOf(record['resources']);
  if (listed === undefined || listed.length > MOST_PROPERTIES) return undefined;
  const resources: ResourceDetails[] = [];
  for (const resource of listed) {
    const uid = isObject(resource) ? (textOf(resource['ARN']) ?? textOf(resource['ARNPrefix'])) : undefined;
    if (!isObject(resource) || uid === undefined) return undefined;
    const account = textOf(resource['accountId']);
    resources.push({
      uid,
      type: textOf(resource['type']),
      owner: account === undefined ? undefined : { account: { uid: account, type: 'AWS Account', type_id: 10 } },
    });
  }
  return resources;
}
