import { isDeepStrictEqual } from 'node:util';
import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';
import { afterRemoved, metadataOf, reconcile, type ClusterState } from './kubernetes/controllers.ts';
import { withFieldManagers } from './kubernetes/field-managers.ts';
import { mergePatched } from './kubernetes/merge-patch.ts';
import { placeOf, type Place, type ResourceKind } from './kubernetes/resources.ts';

/** What somebody may do: as access reviews ask. */
export interface Access {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface FakeKubernetesOptions {
  /** Manifests of what there is at the beginning. */
  readonly objects: readonly JsonObject[];
  /** The one token that is accepted; `local` unless told. */
  readonly token?: string | undefined;
  /** What the token may do; everything unless told. */
  readonly may?: ((access: Access) => boolean) | undefined;
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const USER = 'crosstrail-responder';

/** The API of a cluster: objects with versions and uids, merge patches, preconditions, dry runs, access reviews, and the controllers that undo half of what one does. */
export class FakeKubernetes extends FakeService {
  readonly #objects = new Map<string, JsonObject>();
  readonly #token: string;
  readonly #may: (access: Access) => boolean;
  readonly #state: ClusterState;
  #count = 0;

  constructor({ objects, token = 'local', may = () => true }: FakeKubernetesOptions) {
    super();
    this.#token = token;
    this.#may = may;
    this.#state = {
      all: (kind) => this.all(kind),
      create: (manifest) => void this.#create(manifest),
      change: (object, patch) => void this.#replace(object, objectOf(mergePatched(object, patch)) ?? {}),
      remove: (object) => {
        this.#objects.delete(keyOf(object));
        afterRemoved(object, this.#state);
      },
    };
    for (const manifest of objects) this.#create(manifest);
    reconcile(this.#state);
  }

  /** All objects of a kind, in order of their making. */
  all(kind: string): readonly JsonObject[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind);
  }

  /** One object; undefined where there is none. */
  object(kind: string, name: string, namespace = ''): JsonObject | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`);
  }

  /** Changes an object as somebody else would. */
  change(kind: string, name: string, namespace: string, patch: JsonObject): void {
    const object = this.object(kind, name, namespace);
    if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
    const patched = objectOf(mergePatched(object, patch)) ?? {};
    this.#replace(object, withFieldManagers(object, patched, 'kubectl'));
    reconcile(this.#state);
  }

  /** Removes an object as somebody else would. */
  remove(kind: string, name: string, namespace = ''): void {
    const object = this.object(kind, name, namespace);
    if (object !== undefined) this.#state.remove(object);
    reconcile(this.#state);
  }

  /** Makes an object as somebody else would. */
  add(manifest: JsonObject): void {
    this.#create(manifest);
    reconcile(this.#state);
  }

  protected override answer(request: FakeRequest): FakeAnswer {
    if (request.headers.authorization !== `Bearer ${this.#token}`) return status(401, 'Unauthorized', 'Unauthorized');
    if (request.path === REVIEWS) return this.#review(request);
    const place = placeOf(request.path);
    if (place === undefined) return status(404, 'NotFound', 'the server could not find the requested resource');
    const access = accessOf(request, place);
    if (!this.#may(access)) return forbidden(access);
    switch (request.method) {
      case 'GET':
        return place.name === '' ? this.#list(place, request) : this.#get(place, request);
      case 'POST':
        return this.#post(place, request);
      case 'PATCH':
        return this.#patch(place, request);
      case 'DELETE':
        return this.#delete(place, request);
      default:
        return status(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
    }
  }

  #review({ body }: FakeRequest): FakeAnswer {
    const asked = objectOf(objectOf(objectOf(body)?.spec)?.resourceAttributes) ?? {};
    const part = (name: string): string => textOf(asked[name]) ?? '';
    const [verb, group, resource, namespace, name] = ['verb', 'group', 'resource', 'namespace', 'name'].map(part);
    const access = {
      verb: verb ?? '',
      group: group ?? '',
      resource: resource ?? '',
      namespace: namespace ?? '',
      name: name ?? '',
    };
    return { status: 201, body: { ...objectOf(body), status: { allowed: this.#may(access) } } };
  }

  #get(place: Place, request: FakeRequest): FakeAnswer {
    const object = this.#at(place);
    return object === undefined ? notFound(place) : { status: 200, body: asAsked(object, request) };
  }

  #list({ of, namespace }: Place, request: FakeRequest): FakeAnswer {
    const { query } = request;
    const fields = (query.get('fieldSelector') ?? '').split(',').filter((part) => part !== '');
    const found = this.all(of.kind).filter(
      (object) =>
        (namespace === '' || metadataOf(object).namespace === namespace) &&
        fields.every((field) => hasField(object, field)),
    );
    const from = Number(query.get('continue') ?? 0);
    const limit = Number(query.get('limit') ?? found.length);
    const next = from + limit < found.length ? { continue: String(from + limit) } : {};
    const { root, kind } = of;
    const items = found.slice(from, from + limit).map((object) => asAsked(object, request));
    return { status: 200, body: { apiVersion: versionOf(root), kind: `${kind}List`, metadata: next, items } };
  }

  #post(place: Place, { body, query }: FakeRequest): FakeAnswer {
    const manifest = objectOf(body);
    const name = textOf(metadataOf(manifest ?? {}).name);
    if (manifest === undefined || name === undefined) return status(422, 'Invalid', 'name is required');
    const { of, namespace } = place;
    if (this.object(of.kind, name, namespace) !== undefined) {
      return status(409, 'AlreadyExists', `${of.resource} "${name}" already exists`);
    }
    const made = { ...manifest, apiVersion: versionOf(of.root), kind: of.kind };
    const full = of.namespaced ? { ...made, metadata: { ...metadataOf(made), namespace } } : made;
    if (query.get('dryRun') === 'All') return { status: 201, body: full };
    const object = this.#create(full);
    this.wrote(`create ${of.resource}`, nameOf({ of, namespace, name }));
    reconcile(this.#state);
    return { status: 201, body: object };
  }

  #patch(place: Place, { headers, body, query }: FakeRequest): FakeAnswer {
    if (headers['content-type'] !== 'application/merge-patch+json') {
      return status(415, 'UnsupportedMediaType', 'this fake takes merge patches only');
    }
    const object = this.#at(place);
    if (object === undefined) return notFound(place);
    const refusal = preconditionFailed(object, objectOf(objectOf(body)?.metadata), place);
    if (refusal !== undefined) return refusal;
    const patched = objectOf(mergePatched(object, body ?? {})) ?? {};
    if (!isDeepStrictEqual(patched.roleRef, object.roleRef)) {
      return status(422, 'Invalid', `${place.of.kind} "${place.name}" is invalid: roleRef: cannot change roleRef`);
    }
    if (query.get('dryRun') === 'All' || isDeepStrictEqual(patched, object)) return { status: 200, body: patched };
    const escalation = this.#escalation(place, object);
    if (escalation !== undefined) return escalation;
    const replaced = this.#replace(object, withFieldManagers(object, patched, query.get('fieldManager') ?? USER));
    this.wrote(`patch ${place.of.resource}`, nameOf(place));
    reconcile(this.#state);
    return { status: 200, body: replaced };
  }

  /** Who writes a binding must be allowed to bind its role, whatever they write. https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update */
  #escalation({ of, namespace, name }: Place, { roleRef }: JsonObject): FakeAnswer | undefined {
    const role = objectOf(roleRef);
    if (role === undefined) return undefined;
    const resource = role.kind === 'Role' ? 'roles' : 'clusterroles';
    const bound = textOf(role.name) ?? '';
    if (this.#may({ verb: 'bind', group: groupOf(of), resource, namespace, name: bound })) return undefined;
    const reason = `user "${USER}" is attempting to grant RBAC permissions not currently held`;
    return status(403, 'Forbidden', `${of.resource} "${name}" is forbidden: ${reason}`);
  }

  #delete(place: Place, { body, query }: FakeRequest): FakeAnswer {
    const object = this.#at(place);
    if (object === undefined) return notFound(place);
    const refusal = preconditionFailed(object, objectOf(objectOf(body)?.preconditions), place);
    if (refusal !== undefined) return refusal;
    const { of, name } = place;
    const done = status(200, '', `${of.resource} "${name}" deleted`);
    if (query.get('dryRun') === 'All') return done;
    this.wrote(`delete ${of.resource}`, nameOf(place));
    this.#state.remove(object);
    reconcile(this.#state);
    return done;
  }

  #at({ of, namespace, name }: Place): JsonObject | undefined {
    return this.object(of.kind, name, namespace);
  }

  #create(manifest: JsonObject): JsonObject {
    const metadata = metadataOf(manifest);
    const number = ++this.#count;
    const id = number.toString(16).padStart(12, '0');
    const object: JsonObject = {
      ...manifest,
      metadata: {
        ...metadata,
        name: metadata.name ?? `${textOf(metadata.generateName) ?? ''}${id.slice(-5)}`,
        uid: metadata.uid ?? `00000000-0000-4000-8000-${id}`,
        resourceVersion: String(number),
        creationTimestamp: '2026-11-21T08:00:00Z',
      },
    };
    this.#objects.set(keyOf(object), object);
    return object;
  }

  #replace(object: JsonObject, by: JsonObject): JsonObject {
    const replaced = { ...by, metadata: { ...metadataOf(by), resourceVersion: String(++this.#count) } };
    this.#objects.set(keyOf(object), replaced);
    return replaced;
  }
}

function keyOf(object: JsonObject): string {
  const { name, namespace } = metadataOf(object);
  return `${textOf(object.kind) ?? ''}/${textOf(namespace) ?? ''}/${textOf(name) ?? ''}`;
}

/** Whole, or only metadata where that is asked for. */
const asAsked = (object: JsonObject, { headers }: FakeRequest): JsonObject =>
  headers.accept?.includes('PartialObjectMetadata') === true
    ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: metadataOf(object) }
    : object;

const versionOf = (root: string): string => root.replace(/^\/apis?\//, '');

const nameOf = ({ namespace, name }: Place): string => (namespace === '' ? name : `${namespace}/${name}`);

/** `spec.nodeName=aks-1`, of what the API lets one select by. */
function hasField(object: Json, field: string): boolean {
  const [path = '', value = ''] = field.split('=');
  let found: Json | undefined = object;
  for (const part of path.split('.')) found = isObject(found) ? found[part] : undefined;
  return found === value;
}

/** Where a uid or a version is named that is not the object's. */
function preconditionFailed(object: JsonObject, named: JsonObject | undefined, { of, name }: Place) {
  const { uid, resourceVersion } = metadataOf(object);
  const fits = (named?.uid ?? uid) === uid && (named?.resourceVersion ?? resourceVersion) === resourceVersion;
  if (fits) return undefined;
  return status(409, 'Conflict', `Operation cannot be fulfilled on ${of.resource} "${name}": the object was modified`);
}

const VERBS = new Map([
  ['POST', 'create'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

const groupOf = ({ root }: ResourceKind): string => root.split('/').slice(2, -1)[0] ?? '';

function accessOf({ method }: FakeRequest, { of, namespace, name }: Place): Access {
  const verb = VERBS.get(method) ?? (name === '' ? 'list' : 'get');
  return { verb, group: groupOf(of), resource: of.resource, namespace, name };
}

function forbidden({ verb, group, resource, namespace, name }: Access): FakeAnswer {
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = name === '' ? resource : `${resource} "${name}"`;
  const reason = `User "${USER}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  return status(403, 'Forbidden', `${what} is forbidden: ${reason}`);
}

const notFound = ({ of, name }: Place): FakeAnswer => status(404, 'NotFound', `${of.resource} "${name}" not found`);

function status(code: number, reason: string, message: string): FakeAnswer {
  const outcome = code < 400 ? 'Success' : 'Failure';
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: outcome, message, reason, code };
  return { status: code, body };
}
