import { arrayOf, objectOf } from '../../platform/json.ts';
import type { GraphClient } from './graph-client.ts';
import { findServicePrincipal } from './service-principals.ts';
import { guidOf, labelOf } from './values.ts';

/** What offers permissions, Microsoft Graph or any other application; or what is given them. */
export interface Resource {
  /** Made safe to show; the id where there is no name to be had. */
  readonly label: string;
  /** The client id of its application; undefined where it was not asked for or is gone. */
  readonly appId: string | undefined;
  /** Names of its application permissions by id. */
  readonly roles: ReadonlyMap<string, string>;
}

const MOST_LOOKUPS = 20;

/** Names of resources, each asked for once; only so many of them, and the ids of the others. */
export class Resources {
  readonly #graph: GraphClient;
  readonly #known = new Map<string, Resource>();

  constructor(graph: GraphClient) {
    this.#graph = graph;
  }

  /** @param id a GUID @throws ActionError where the directory is away */
  async get(id: string): Promise<Resource> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const found = this.#known.size < MOST_LOOKUPS ? await findServicePrincipal(this.#graph, { id }) : undefined;
    const roles = (arrayOf(found?.raw['appRoles']) ?? []).flatMap((role) => {
      const { id: roleId, value } = objectOf(role) ?? {};
      const [key, name] = [guidOf(roleId), labelOf(value)];
      return key === undefined || name === undefined ? [] : ([[key, name]] as const);
    });
    const resource = { label: found?.label ?? id, appId: found?.appId, roles: new Map(roles) };
    this.#known.set(id, resource);
    return resource;
  }
}
