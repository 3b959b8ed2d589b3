import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { armKey, boundedKey, imageKey, servicePrincipalKey } from '../../../timeline/entity-keys.ts';
import type { StatedAsset } from '../inventory.ts';
import { objectsIn } from '../json-lists.ts';
import { saidByTags, type TagNames } from '../tags.ts';
import { AzureNetwork, type Reach } from './network.ts';

type Exposed = Partial<Reach>;

/**
 * Assets of the rows of Resource Graph (`graph-queries.ts`): subscriptions, resource groups and resources; whether they can be reached from the
 * internet, whom they can act as, what stands before them, and what their tags say.
 */
export function azureAssets(rows: readonly JsonObject[], tags: TagNames): StatedAsset[] {
  const network = new AzureNetwork(rows);
  const reaches = new Map<string, Exposed>();
  for (const row of rows) reaches.set(keyOf(row), reachOf(row, network));
  return rows.flatMap((row) => {
    const id = textOf(row['id']);
    if (id === undefined || row['type'] === 'microsoft.network/publicipaddresses') return [];
    const key = boundedKey(armKey(id));
    // A database is reached by its server.
    const server =
      row['type'] === 'microsoft.sql/servers/databases' ? key.slice(0, key.lastIndexOf('/databases/')) : key;
    const { exposure, exposedBy, behind = [] } = reaches.get(server) ?? {};
    return {
      key,
      name: textOf(row['name'])?.slice(0, 256),
      ...saidByTags(objectOf(row['tags']), tags),
      exposure,
      exposedBy,
      identities: identitiesOf(row),
      behind: [...behind, ...imagesOf(row)],
    };
  });
}

const keyOf = (row: JsonObject): string => armKey(textOf(row['id']) ?? '');

const open = (exposedBy: string): Exposed => ({ exposure: 'internet', exposedBy });
const closed = (exposedBy: string): Exposed => ({ exposure: 'internal', exposedBy });

function reachOf(row: JsonObject, network: AzureNetwork): Exposed {
  switch (row['type']) {
    case 'microsoft.compute/virtualmachines':
      return network.reachOfMachine(row['networkInterfaces']);
    case 'microsoft.compute/virtualmachinescalesets':
      return network.reachOfScaleSet(row['instanceInterfaces']);
    case 'microsoft.storage/storageaccounts':
    case 'microsoft.keyvault/vaults':
      return reachOfFirewall(row);
    case 'microsoft.documentdb/databaseaccounts':
      return unreachable(row) ?? reachOfAccount(row);
    case 'microsoft.sql/managedinstances':
      return row['publicDataEndpoint'] === true ? {} : closed('it has no public endpoint');
    case 'microsoft.web/sites':
      return unreachable(row) ?? open('its host name is public');
    case 'microsoft.app/containerapps':
      return row['externalIngress'] === true ? open('its ingress is external') : closed('it has no external ingress');
    case 'microsoft.containerinstance/containergroups':
      return lower(objectOf(row['ipAddress'])?.['type']) === 'public'
        ? open('it has a public address')
        : closed('it has no public address');
    case 'microsoft.containerservice/managedclusters':
      return reachOfCluster(row);
    default:
      // Of servers of databases Resource Graph does not tell the rules of the firewall.
      return unreachable(row) ?? network.reachOfNetwork(keyOf(row)) ?? {};
  }
}

const lower = (value: Json | undefined): string => textOf(value)?.toLowerCase() ?? '';

function unreachable({ publicNetworkAccess }: JsonObject): Exposed | undefined {
  const access = lower(publicNetworkAccess);
  return access === 'disabled' || access === 'securedbyperimeter'
    ? closed('no public network may reach it')
    : undefined;
}

function reachOfFirewall(row: JsonObject): Exposed {
  const shut = unreachable(row);
  if (shut !== undefined) return shut;
  if (lower(row['defaultAction']) === 'deny') return closed('its firewall lets only chosen networks in');
  const anonymous = row['allowBlobPublicAccess'] === true ? ', and containers may be open to everyone' : '';
  return open(`its firewall lets every network in${anonymous}`);
}

function reachOfAccount({ ipRules, networkFilter }: JsonObject): Exposed {
  const chosen = (arrayOf(ipRules) ?? []).length > 0 || networkFilter === true;
  return chosen ? closed('its firewall lets only chosen networks in') : open('its firewall lets every network in');
}

function reachOfCluster({ privateCluster, authorizedRanges }: JsonObject): Exposed {
  if (privateCluster === true) return closed('its API server is private');
  const ranges = arrayOf(authorizedRanges) ?? [];
  return ranges.length > 0 && !ranges.includes('0.0.0.0/0')
    ? closed('its API server lets only chosen networks in')
    : open('its API server lets every network in');
}

/** Keys of the managed identities of a resource: their service principals, and those that are resources of their own by these too. */
function identitiesOf({ identity, tenantId, kubelet }: JsonObject): readonly string[] {
  const { principalId, tenantId: own, userAssignedIdentities } = objectOf(identity) ?? {};
  const tenant = textOf(own) ?? textOf(tenantId);
  const principals = [principalId, kubelet].flatMap((id) => textOf(id) ?? []);
  const assigned = Object.entries(objectOf(userAssignedIdentities) ?? {}).slice(0, MOST_IDENTITIES);
  const ofAssigned = assigned.flatMap(([id, value]) => {
    const principal = textOf(objectOf(value)?.['principalId']);
    return tenant === undefined || principal === undefined
      ? [armKey(id)]
      : [servicePrincipalKey(tenant, principal), armKey(id)];
  });
  return [...(tenant === undefined ? [] : principals.map((id) => servicePrincipalKey(tenant, id))), ...ofAssigned];
}

const MOST_IDENTITIES = 100;

/** Keys of the images that a resource runs. */
function imagesOf({ containers, linuxFxVersion }: JsonObject): readonly string[] {
  const [, ofSite] = /^docker\|(.+)$/i.exec(textOf(linuxFxVersion) ?? '') ?? [];
  const images = objectsIn(containers).flatMap(
    ({ image, properties }) => textOf(image) ?? textOf(objectOf(properties)?.['image']) ?? [],
  );
  return [...images, ...(ofSite === undefined ? [] : [ofSite])].map((image) =>
    imageKey(image.split('@', 1)[0] ?? image),
  );
}

/** Ids of the subscriptions among rows of containers. */
export const subscriptionsIn = (containers: readonly JsonObject[]): readonly string[] =>
  containers
    .filter(({ type }) => type === 'microsoft.resources/subscriptions')
    .flatMap((row) => subscriptionOf(textOf(row['id']) ?? '') ?? []);

/** The subscription of a resource id or key, in lower case. */
export const subscriptionOf = (id: string): string | undefined =>
  /\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase();
