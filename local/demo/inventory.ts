import type { Inventory } from '../../pipeline/enrichment/assets/inventory.ts';
import { armKey, imageKey, servicePrincipalKey } from '../../pipeline/timeline/entity-keys.ts';
import { resource } from './records.ts';
import { PIPELINE, REGISTRY, TENANT } from './tenant.ts';

const keyOf = (path: string): string => armKey(resource(path));

const CLUSTER = keyOf('Microsoft.ContainerService/managedClusters/shop');
const ORDERS = keyOf('Microsoft.Storage/storageAccounts/shoporders');
const CLUSTER_IDENTITY = servicePrincipalKey(TENANT, '00000000-0000-4000-8000-0000000000c1');

/** What the invented company has: what somebody there would have written down, or its clouds tell. */
export const DEMO_INVENTORY: Inventory = {
  source: 'demo',
  by: 'person',
  assets: [
    {
      ...{ key: CLUSTER, kind: 'cluster', name: 'cluster shop', owner: 'shop team', environment: 'production' },
      ...{ importance: 0.8, exposure: 'internet', exposedBy: 'ingress shop.contoso.example' },
      identities: [CLUSTER_IDENTITY],
      behind: [imageKey(`${REGISTRY}/shop/web`)],
    },
    {
      ...{ key: keyOf('Microsoft.ContainerService/managedClusters/batch'), kind: 'cluster', name: 'cluster batch' },
      ...{ owner: 'shop team', environment: 'production', importance: 0.4, exposure: 'internal' },
      behind: [imageKey(`${REGISTRY}/shop/batch`)],
    },
    {
      ...{ key: keyOf('Microsoft.KeyVault/vaults/kv-shop'), kind: 'secrets', name: 'key vault kv-shop' },
      ...{
        owner: 'shop team',
        environment: 'production',
        importance: 0.9,
        dataClass: 'restricted',
        exposure: 'internal',
      },
    },
    {
      ...{ key: ORDERS, kind: 'storage', name: 'storage shoporders', owner: 'shop team', environment: 'production' },
      ...{ importance: 1, dataClass: 'restricted', exposure: 'internal' },
    },
    { key: CLUSTER_IDENTITY, kind: 'identity', name: 'identity of cluster shop' },
    {
      ...{ key: servicePrincipalKey(TENANT, PIPELINE.objectId), kind: 'identity', name: PIPELINE.name },
      ...{ owner: 'platform team', importance: 0.7 },
    },
  ],
  grants: [
    { principal: CLUSTER_IDENTITY, scope: ORDERS, role: 'Storage Blob Data Contributor' },
    {
      ...{ principal: CLUSTER_IDENTITY, scope: keyOf('Microsoft.KeyVault/vaults/kv-shop') },
      role: 'Key Vault Secrets User',
    },
  ],
  missing: [],
};
