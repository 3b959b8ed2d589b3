/** Rows of Azure Resource Graph, in the shape that the queries give them, for tests. */
import type { JsonObject } from '../../../../platform/json.ts';

export const TENANT = '00000000-0000-4000-8000-00000000c0de';
export const SHOP = '00000000-0000-4000-8000-0000000005ab';
export const LAB = '00000000-0000-4000-8000-0000000001ab';
export const WEB_IDENTITY = '00000000-0000-4000-8000-0000000000d2';
export const JOB_IDENTITY = '00000000-0000-4000-8000-0000000000d3';
export const GROUP = `/subscriptions/${SHOP}/resourceGroups/rg-shop`;
export const NETWORK = `${GROUP}/providers/Microsoft.Network`;
export const COMPUTE = `${GROUP}/providers/Microsoft.Compute`;
export const JOB_IDENTITY_RESOURCE = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-job`;

/** A row as the service gives it: what a type has not is null. */
export const row = (type: string, id: string, more: JsonObject = {}): JsonObject => ({
  id,
  name: id.slice(id.lastIndexOf('/') + 1),
  type: type.toLowerCase(),
  tags: null,
  tenantId: TENANT,
  identity: null,
  sku: null,
  networkInterfaces: null,
  ipConfigurations: null,
  securityRules: null,
  publicNetworkAccess: '',
  ...more,
});

/** A subscription, within the management groups of the shop and of all. */
export const subscriptionRow = (id: string, groups: readonly string[]): JsonObject => ({
  id: `/subscriptions/${id}`,
  name: id === SHOP ? 'shop' : 'lab',
  type: 'microsoft.resources/subscriptions',
  tags: null,
  tenantId: TENANT,
  ancestors: groups.map((name) => ({ name, displayName: name })),
});

const rule = (priority: number, more: JsonObject): JsonObject => ({
  name: `rule-${priority}`,
  properties: { priority, direction: 'Inbound', access: 'Allow', protocol: 'Tcp', destinationPortRange: '*', ...more },
});
export const OPEN_443 = rule(100, { sourceAddressPrefix: 'Internet', destinationPortRange: '443' });
export const OFFICE_ONLY = rule(100, { sourceAddressPrefix: '198.51.100.0/24', destinationPortRange: '22' });
export const DENY_ALL = rule(90, { access: 'Deny', protocol: '*', sourceAddressPrefix: '*' });

export const guard = (name: string, securityRules: JsonObject[], subnets: readonly string[] = []): JsonObject =>
  row('Microsoft.Network/networkSecurityGroups', `${NETWORK}/networkSecurityGroups/${name}`, {
    securityRules,
    subnets: subnets.map((id) => ({ id })),
  });

export const address = (name: string, ipAddress: string | null, sku = 'Standard'): JsonObject =>
  row('Microsoft.Network/publicIPAddresses', `${NETWORK}/publicIPAddresses/${name}`, { ipAddress, sku });

interface InterfaceParts {
  readonly publicAddress?: string;
  readonly guard?: string;
  readonly subnet?: string;
  readonly pool?: string;
}

export const networkInterface = (name: string, parts: InterfaceParts): JsonObject =>
  row('Microsoft.Network/networkInterfaces', `${NETWORK}/networkInterfaces/${name}`, {
    securityGroup: parts.guard === undefined ? null : `${NETWORK}/networkSecurityGroups/${parts.guard}`,
    ipConfigurations: [
      {
        name: 'ipconfig1',
        properties: {
          privateIPAddress: '10.0.0.4',
          ...(parts.subnet !== undefined && { subnet: { id: parts.subnet } }),
          ...(parts.publicAddress !== undefined && {
            publicIPAddress: { id: `${NETWORK}/publicIPAddresses/${parts.publicAddress}` },
          }),
          ...(parts.pool !== undefined && { loadBalancerBackendAddressPools: [{ id: parts.pool }] }),
        },
      },
    ],
  });

export const machine = (name: string, networkInterfaceName: string, more: JsonObject = {}): JsonObject =>
  row('Microsoft.Compute/virtualMachines', `${COMPUTE}/virtualMachines/${name}`, {
    networkInterfaces: [{ id: `${NETWORK}/networkInterfaces/${networkInterfaceName}` }],
    ...more,
  });
