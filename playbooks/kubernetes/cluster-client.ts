import { z } from 'zod';
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { RestClient, type RestAnswer, type RestRequest } from '../../platform/rest/rest-client.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import { asked, unless } from '../contract/refusal.ts';
import { clusterAccess } from './cluster-access.ts';
import { clusterName } from './cluster-name.ts';

/** Objects of one resource of the API, and what is read of them. */
export interface ObjectKind<T> {
  /** `/api/v1`, or `/apis/<group>/<version>`. */
  readonly root: string;
  readonly resource: string;
  readonly schema: z.ZodType<T>;
  /** Whether only metadata is asked for: what else the objects hold stays in the cluster. */
  readonly onlyMetadata?: boolean | undefined;
}

/** Where an object is in its cluster. */
export interface Place {
  /** Empty for what has none. */
  readonly namespace: string;
  readonly name: string;
}

/** What makes an object this one, and in this state. */
export interface Identity {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What is read of the metadata of any object. */
export const metadataSchema = z.object({
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

/** How one object is changed without overwriting what others write at the same time. */
export interface Update<T> {
  readonly of: ObjectKind<T>;
  readonly at: Place;
  /** The change as a merge patch (RFC 7386) of the object as it was read; undefined where nothing is to be changed. @throws ActionError */
  readonly decide: (object: T | undefined) => JsonObject | undefined;
}

/** Conflicts with others, until they are believed to write all the time. */
const ATTEMPTS = 5;
/** The most that is read of a list, and at once. */
const MOST = 20_000;
const PAGE = 250;
/** As who the cluster notes the fields that are written. */
export const FIELD_MANAGER = 'crosstrail';
const WRITTEN = { fieldManager: FIELD_MANAGER };

/**
 * The API of one cluster, for one piece of work that has an end. Plain REST: the client library for Node takes half a second and 70 MB to import, follows redirects with the
 * token, knows no deadline, and promises types of objects that it does not check.
 */
export class ClusterClient {
  readonly #rest: RestClient;
  readonly #cluster: string;

  private constructor(rest: RestClient, cluster: string) {
    this.#rest = rest;
    this.#cluster = cluster;
  }

  /** @param cluster its ARM id in lower case. @throws ActionError where it cannot be reached */
  static async of(cluster: string, context: ActionContext): Promise<ClusterClient> {
    const { server, httpClient, authorization } = await clusterAccess(cluster, context);
    const { clock, deadline } = context;
    return new ClusterClient(new RestClient({ base: server, authorization, clock, deadline, httpClient }), cluster);
  }

  /** Undefined where there is none. @throws ActionError */
  async get<T>(of: ObjectKind<T>, at: Place): Promise<T | undefined> {
    const headers = acceptedOf(of, 'PartialObjectMetadata');
    const answer = await this.#send({ method: 'GET', path: pathOf(of, at), headers, repeatable: true }, [404]);
    return answer === undefined ? undefined : this.#read(of, answer.body);
  }

  /** @param namespace empty for what has none. @throws ActionError where the list is too long to be read whole, too */
  async list<T>(of: ObjectKind<T>, namespace: string, fieldSelector?: string): Promise<readonly T[]> {
    const path = pathOf(of, { namespace, name: '' });
    const query = { limit: String(PAGE), ...(fieldSelector === undefined ? {} : { fieldSelector }) };
    const members: T[] = [];
    let next: string | undefined;
    do {
      const page: Record<string, string> = next === undefined ? query : { ...query, continue: next };
      const headers = acceptedOf(of, 'PartialObjectMetadataList');
      const answer = await this.#send({ method: 'GET', path, query: page, headers, repeatable: true });
      const list = objectOf(answer?.body);
      for (const item of arrayOf(list?.['items']) ?? []) members.push(this.#read(of, item));
      if (members.length > MOST) throw this.#failed(`has more than ${MOST} ${of.resource}: they cannot be read whole`);
      next = textOf(objectOf(list?.['metadata'])?.['continue']);
    } while (next !== undefined);
    return members;
  }

  /** @returns whether it was made; false where there is one of that name. @throws ActionError */
  async create(of: ObjectKind<unknown>, namespace: string, body: JsonObject): Promise<boolean> {
    const path = pathOf(of, { namespace, name: '' });
    // Sent twice, it is made once: it has a name.
    const answer = await this.#send({ method: 'POST', path, query: WRITTEN, body, repeatable: true }, [409]);
    return answer !== undefined;
  }

  /**
   * Deletes that object in that state, and no other that took its name or its place.
   * @returns whether it is gone; false where it is another by now. @throws ActionError
   */
  async delete(of: ObjectKind<unknown>, at: Place, { uid, resourceVersion }: Identity): Promise<boolean> {
    const body = { preconditions: { uid, resourceVersion } };
    const answer = await this.#send({ method: 'DELETE', path: pathOf(of, at), body, repeatable: true }, [404, 409]);
    return answer !== undefined || (await this.get(of, at)) === undefined;
  }

  /** Reads, decides, and writes only where the object is still as it was read; otherwise again. @throws ActionError of kind `conflict` where others write all the time */
  async update<T extends { readonly metadata: Identity }>({ of, at, decide }: Update<T>): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const object = await this.get(of, at);
      const change = decide(object);
      if (change === undefined || object === undefined) return;
      const { uid, resourceVersion } = object.metadata;
      const body = { ...change, metadata: { ...objectOf(change['metadata']), uid, resourceVersion } };
      const contentType = 'application/merge-patch+json';
      const request = {
        method: 'PATCH',
        path: pathOf(of, at),
        query: WRITTEN,
        body,
        contentType,
        repeatable: true,
      } as const;
      if ((await this.#send(request, [409])) !== undefined) return;
    }
    const what = `${of.resource} ${at.name} was changed by others ${ATTEMPTS} times while it was to be changed`;
    throw new ActionError('conflict', `cluster ${clusterName(this.#cluster)}: ${what}; try again`);
  }

  /** @param expected statuses that give undefined */
  #send(request: RestRequest, expected: readonly number[] = []): Promise<RestAnswer | undefined> {
    return asked(unless(this.#rest.send(request), ...expected), {
      service: `cluster ${clusterName(this.#cluster)}`,
      credential: 'the cluster did not accept the token',
      // Its message names user, verb and resource.
      permission: 'grant it with a ClusterRole and a binding',
    });
  }

  #read<T>({ schema, resource }: ObjectKind<T>, body: Json): T {
    const object = schema.safeParse(body);
    if (object.success) return object.data;
    throw this.#failed(`gives ${resource} in a form that is not known`);
  }

  #failed(what: string): ActionError {
    return new ActionError('failed', `the cluster ${clusterName(this.#cluster)} ${what}`);
  }
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
function pathOf({ root, resource }: ObjectKind<unknown>, { namespace, name }: Place): string {
  const within = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${within}/${resource}${name === '' ? '' : `/${encodeURIComponent(name)}`}`;
}

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
const acceptedOf = ({ onlyMetadata = false }: ObjectKind<unknown>, as: string): Readonly<Record<string, string>> =>
  onlyMetadata ? { accept: `application/json;as=${as};g=meta.k8s.io;v=v1` } : {};
