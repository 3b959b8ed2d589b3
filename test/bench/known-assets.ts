import { AssetInventory } from '../../pipeline/enrichment/assets/asset-inventory.ts';
import type { Inventory, StatedAsset } from '../../pipeline/enrichment/assets/inventory.ts';
import { armKey, ipKey, servicePrincipalKey } from '../../pipeline/timeline/entity-keys.ts';

const ASSETS = 20_000;
const SUBSCRIPTIONS = 20;
const GROUPS = 400;
const IDENTITIES = 2000;
const TENANT = '00000000-0000-4000-8000-00000000c0de';

const subscription = (at: number): string =>
  `/subscriptions/00000000-0000-4000-8000-${String(at % SUBSCRIPTIONS).padStart(12, '0')}`;

function machine(at: number): StatedAsset {
  const group = `${subscription(at)}/resourceGroups/rg-${at % GROUPS}`;
  const network = `${group}/providers/Microsoft.Network`;
  return {
    key: armKey(`${group}/providers/Microsoft.Compute/virtualMachines/vm-${at}`),
    name: `vm-${at}`,
    environment: at % 3 === 0 ? 'production' : 'test',
    exposure: at % 10 === 0 ? 'internet' : 'internal',
    identities: [servicePrincipalKey(TENANT, `identity-${at % IDENTITIES}`)],
    behind: [
      armKey(`${network}/networkInterfaces/nic-${at}`),
      armKey(`${network}/networkSecurityGroups/nsg-${at % GROUPS}`),
      ipKey(`203.0.${at >> 8}.${at & 255}`),
    ],
  };
}

/** 20,000 machines of Azure in 20 subscriptions, and the rights of 2,000 identities. */
export function benchInventory(): AssetInventory {
  const inventory: Inventory = {
    source: 'azure',
    by: 'cloud',
    assets: Array.from({ length: ASSETS }, (_, at) => machine(at)),
    grants: Array.from({ length: IDENTITIES }, (_, at) => ({
      principal: servicePrincipalKey(TENANT, `identity-${at}`),
      scope: armKey(subscription(at)),
      role: 'Reader',
    })),
    missing: [],
  };
  return new AssetInventory([inventory]);
}
