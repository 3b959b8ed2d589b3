import { textOf, type JsonObject } from '../../../../platform/json.ts';
import { FeedError } from '../../feed-error.ts';
import { withKept } from '../inventory-copy.ts';
import type { Inventory } from '../inventory.ts';
import type { TagNames } from '../tags.ts';
import { azureAssets, subscriptionOf, subscriptionsIn } from './azure-assets.ts';
import { CONTAINERS, RESOURCES, ROLE_ASSIGNMENTS, ROLE_DEFINITIONS } from './graph-queries.ts';
import { GraphError, type GraphScope, type ResourceGraph } from './resource-graph.ts';
import { azureGrants } from './role-assignments.ts';

/** Where to read: all that the identity may, where it is neither. */
export interface AzureScopes {
  readonly subscriptions: readonly string[];
  readonly managementGroups: readonly string[];
}

/** So many subscriptions are asked for at once; the service takes 1,000. */
const AT_ONCE = 200;

interface Read {
  readonly containers: JsonObject[];
  readonly resources: JsonObject[];
  readonly assignments: JsonObject[];
  readonly definitions: JsonObject[];
  readonly missing: string[];
  /** Ids of subscriptions, in lower case, of which `missing` says why they are. */
  readonly told: Set<string>;
  grantsMissing: boolean;
}

/**
 * Reads the inventory of Azure. A scope that is refused is named in `missing`, and what was known of it stays.
 * @param before what was read last
 * @throws FeedError where nothing could be read
 */
export async function readAzure(
  graph: ResourceGraph,
  scopes: AzureScopes,
  tags: TagNames,
  before: Inventory | undefined,
): Promise<Inventory> {
  const read: Read = {
    containers: [],
    resources: [],
    assignments: [],
    definitions: [],
    missing: [],
    told: new Set(),
    grantsMissing: false,
  };
  for (const scope of scopesToAsk(scopes)) await readScope(graph, scope, read);
  const seen = new Set(subscriptionsIn(read.containers));
  for (const subscription of scopes.subscriptions) {
    const id = subscription.toLowerCase();
    if (!seen.has(id) && !read.told.has(id))
      read.missing.push(`subscription ${subscription}: it is not there, or may not be read`);
  }
  if (seen.size === 0) throw new FeedError(nothingRead(read.missing));
  const inventory: Inventory = {
    source: 'azure',
    by: 'cloud',
    assets: azureAssets(distinctRows([...read.containers, ...read.resources]), tags),
    grants: azureGrants(distinctRows(read.assignments), read.definitions, read.containers),
    missing: read.missing,
  };
  return withKept(inventory, before, {
    asset: ({ key }) => !seen.has(subscriptionOf(key) ?? ''),
    grants: read.grantsMissing,
  });
}

const nothingRead = (missing: readonly string[]): string =>
  `no subscription of Azure could be read. ${missing.slice(0, 3).join('; ') || 'Resource Graph knows none'}. Give the identity the role Reader on them.`;

function scopesToAsk({ subscriptions, managementGroups }: AzureScopes): readonly GraphScope[] {
  const scopes: GraphScope[] = managementGroups.map((group) => ({ managementGroups: [group] }));
  for (let at = 0; at < subscriptions.length; at += AT_ONCE)
    scopes.push({ subscriptions: subscriptions.slice(at, at + AT_ONCE) });
  return scopes.length === 0 ? [{}] : scopes;
}

/** Reads one scope; where several subscriptions are refused together, each by itself. */
async function readScope(graph: ResourceGraph, scope: GraphScope, read: Read): Promise<void> {
  let containers: JsonObject[];
  let resources: JsonObject[];
  try {
    containers = await graph.rows(CONTAINERS, scope);
    resources = await graph.rows(RESOURCES, scope);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    const { subscriptions = [] } = scope;
    if (error.refused && subscriptions.length > 1) {
      for (const each of subscriptions) await readScope(graph, { subscriptions: [each] }, read);
      return;
    }
    read.missing.push(`${nameOf(scope)}: ${error.message}`);
    for (const subscription of subscriptions) read.told.add(subscription.toLowerCase());
    read.grantsMissing = true;
    return;
  }
  for (const row of containers) read.containers.push(row);
  for (const row of resources) read.resources.push(row);
  try {
    for (const row of await graph.rows(ROLE_ASSIGNMENTS, scope)) read.assignments.push(row);
    for (const row of await graph.rows(ROLE_DEFINITIONS, scope)) read.definitions.push(row);
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    read.missing.push(`role assignments of ${nameOf(scope)}: ${error.message}`);
    read.grantsMissing = true;
  }
}

function nameOf({ subscriptions, managementGroups }: GraphScope): string {
  const [subscription] = subscriptions ?? [];
  if (subscription !== undefined)
    return (subscriptions?.length ?? 0) > 1
      ? `${subscriptions?.length ?? 0} subscriptions`
      : `subscription ${subscription}`;
  return managementGroups === undefined ? 'all subscriptions' : `management group ${managementGroups.join(', ')}`;
}

/** A resource in two scopes is one; a page that shifted while it was read may have one twice. */
function distinctRows(rows: readonly JsonObject[]): readonly JsonObject[] {
  return [...new Map(rows.map((row) => [textOf(row['id'])?.toLowerCase(), row])).values()];
}
