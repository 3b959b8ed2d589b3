import type { JsonObject } from '../../../platform/json.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';
import { flagOf, lowered, textsOf } from '../values.ts';
import { deletion, ownerBefore, request, result, split, type Operations } from './operation.ts';

/** Who may reach a storage account or key vault, by `publicNetworkAccess` and the default of its firewall. */
function reach(id: string, properties: JsonObject): readonly PostureChange[] {
  const place: Place = { condition: 'network-open', resource: armKey(id) };
  const [access] = textsOf(properties['publicnetworkaccess']);
  if (access === 'disabled' || access === 'securedbyperimeter') return [mends(place, 'lets no public network in')];
  switch (textsOf(lowered(properties['networkacls'])['defaultaction'])[0]) {
    case 'allow':
      return [weakens(place, 'lets every network in')];
    case 'deny':
      return [mends(place, 'lets chosen networks in')];
    default:
      return [];
  }
}

/** No container of an account that forbids it is public, so that forbidding it clears these too. */
function account(id: string, properties: JsonObject): readonly PostureChange[] {
  const place: Place = { condition: 'storage-public', resource: armKey(id) };
  const allowed = flagOf(properties['allowblobpublicaccess']);
  if (allowed === undefined) return reach(id, properties);
  const change = allowed
    ? weakens(place, 'lets containers be opened to everyone')
    : mends(place, 'lets no container be open to everyone');
  return [change, ...reach(id, properties)];
}

const CONTAINERS = 'blobservices/default/containers';

const containerOf = (id: string): Place => {
  const [owner, name] = split(id, CONTAINERS);
  return { condition: 'storage-public', resource: armKey(owner), part: `container ${name}` };
};

function container(id: string, properties: JsonObject): readonly PostureChange[] {
  const [access] = textsOf(properties['publicaccess']);
  if (access === undefined) return [];
  return [
    access === 'none'
      ? mends(containerOf(id), 'lets nobody read without signing in')
      : weakens(containerOf(id), 'lets everyone read without signing in'),
  ];
}

const DELETED_IS_KEPT = [
  ['deleteretentionpolicy', 'soft delete of blobs'],
  ['containerdeleteretentionpolicy', 'soft delete of containers'],
] as const;

/** Whether what is deleted from blobs and containers can be had back. */
function blobService(id: string, properties: JsonObject): readonly PostureChange[] {
  const resource = ownerBefore('blobservices')(id);
  return DELETED_IS_KEPT.flatMap(([name, part]) => {
    const on = flagOf(lowered(properties[name])['enabled']);
    if (on === undefined) return [];
    const place: Place = { condition: 'protection-off', resource, part };
    return [on ? mends(place, 'keeps what is deleted') : weakens(place, 'keeps nothing that is deleted')];
  });
}

/** https://learn.microsoft.com/rest/api/storagerp/storage-accounts/create */
export const STORAGE: Operations = {
  'microsoft.storage/storageaccounts/write': request(['storage-public', 'network-open'], account),
  'microsoft.storage/storageaccounts/delete': deletion('storage-public', 'network-open', 'protection-off'),
  'microsoft.storage/storageaccounts/blobservices/containers/write': request(
    ['storage-public'],
    container,
    ownerBefore(CONTAINERS),
  ),
  'microsoft.storage/storageaccounts/blobservices/containers/delete': result(containerOf, 'mends', 'is deleted'),
  'microsoft.storage/storageaccounts/blobservices/write': request(
    ['protection-off'],
    blobService,
    ownerBefore('blobservices'),
  ),
  'microsoft.keyvault/vaults/write': request(['network-open'], reach),
  'microsoft.keyvault/vaults/delete': deletion('network-open'),
};
