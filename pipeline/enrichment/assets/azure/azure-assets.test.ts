import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf, type Json, type JsonObject } from '../../../../platform/json.ts';
import { armKey, entraObjectKey, entraUserKey, servicePrincipalKey } from '../../../timeline/entity-keys.ts';
import type { StatedAsset } from '../inventory.ts';
import { azureAssets } from './azure-assets.ts';
import {
  address,
  DENY_ALL,
  GROUP,
  guard,
  JOB_IDENTITY,
  JOB_IDENTITY_RESOURCE,
  LAB,
  machine,
  NETWORK,
  networkInterface,
  OFFICE_ONLY,
  OPEN_443,
  row,
  SHOP,
  subscriptionRow,
  TENANT,
  WEB_IDENTITY,
} from './azure-samples.ts';
import { azureGrants } from './role-assignments.ts';

const TAGS = { owner: ['owner'], environment: ['env'], importance: ['criticality'], dataClass: ['data-class'] };
const SUBNET = `${NETWORK}/virtualNetworks/vnet/subnets/web`;
const BALANCER = `${NETWORK}/loadBalancers/lb-web`;

/** The asset of the first row, among the others. */
function assetOf(...rows: readonly JsonObject[]): StatedAsset | undefined {
  return azureAssets(rows, TAGS).find(({ key }) => key === armKey(textOf(rows[0]?.['id']) ?? ''));
}

describe('machines', () => {
  const web = machine('vm-web', 'nic-web');
  const nic = (parts: Parameters<typeof networkInterface>[1]) => networkInterface('nic-web', parts);

  it.each<[string, readonly JsonObject[], string]>([
    [
      'an address of its own, and a security group that lets everybody in',
      [web, nic({ publicAddress: 'pip', guard: 'nsg' }), address('pip', '203.0.113.4'), guard('nsg', [OPEN_443])],
      'public address 203.0.113.4, and nsg lets every address in to 443',
    ],
    [
      'the security group of its subnet',
      [web, nic({ publicAddress: 'pip', subnet: SUBNET }), address('pip', '203.0.113.4'), guard('nsg', [OPEN_443], [SUBNET])],
      'public address 203.0.113.4, and nsg lets every address in to 443',
    ],
    [
      'a load balancer with a public address',
      [
        web,
        nic({ guard: 'nsg', pool: `${BALANCER}/backendAddressPools/web` }),
        row('Microsoft.Network/loadBalancers', BALANCER, {
          frontends: [{ properties: { publicIPAddress: { id: `${NETWORK}/publicIPAddresses/pip` } } }],
        }),
        address('pip', null),
        guard('nsg', [OPEN_443]),
      ],
      'public address pip, and nsg lets every address in to 443',
    ],
    [
      'a basic address that nothing guards',
      [web, nic({ publicAddress: 'pip' }), address('pip', '203.0.113.4', 'Basic')],
      'public address 203.0.113.4, and no security group guards it',
    ],
  ])('internet: %s', (_why, rows, exposedBy) => {
    expect(assetOf(...rows)).toMatchObject({ exposure: 'internet', exposedBy });
  }); // prettier-ignore

  it.each<[string, readonly JsonObject[], string]>([
    ['no address', [web, nic({ guard: 'nsg' }), guard('nsg', [OPEN_443])], 'it has no public address'],
    ['no interface that is known', [web], 'it has no public address'],
    [
      'a security group that lets some in',
      [web, nic({ publicAddress: 'pip', guard: 'nsg' }), address('pip', '203.0.113.4'), guard('nsg', [OFFICE_ONLY])],
      'public address 203.0.113.4, but no security group lets every address in',
    ],
    [
      'a security group that keeps all out before it lets them in',
      [web, nic({ publicAddress: 'pip', guard: 'nsg' }), address('pip', '203.0.113.4'), guard('nsg', [OPEN_443, DENY_ALL])],
      'public address 203.0.113.4, but no security group lets every address in',
    ],
    [
      'one of two security groups that lets nobody in',
      [
        web,
        nic({ publicAddress: 'pip', guard: 'nsg', subnet: SUBNET }),
        address('pip', '203.0.113.4'),
        guard('nsg', [OPEN_443]),
        guard('nsg-subnet', [], [SUBNET]),
      ],
      'public address 203.0.113.4, but no security group lets every address in',
    ],
    [
      'a standard address that nothing guards, which lets nothing in',
      [web, nic({ publicAddress: 'pip' }), address('pip', '203.0.113.4')],
      'public address 203.0.113.4, but no security group lets every address in',
    ],
  ])('internal: %s', (_why, rows, exposedBy) => {
    expect(assetOf(...rows)).toMatchObject({ exposure: 'internal', exposedBy });
  }); // prettier-ignore

  it('are behind what gives them addresses and guards them, and act as their identities', () => {
    const identity = {
      type: 'SystemAssigned, UserAssigned',
      principalId: WEB_IDENTITY,
      tenantId: TENANT,
      userAssignedIdentities: { [JOB_IDENTITY_RESOURCE]: { principalId: JOB_IDENTITY, clientId: 'x' } },
    };
    const asset = assetOf(
      machine('vm-web', 'nic-web', { identity, tags: { Owner: 'shop', ENV: 'Production', criticality: 'high', 'data-class': 'odd' } }),
      nic({ publicAddress: 'pip', guard: 'nsg' }),
      address('pip', '203.0.113.4'),
      guard('nsg', [OPEN_443]),
    ); // prettier-ignore
    expect(asset).toMatchObject({
      name: 'vm-web',
      owner: 'shop',
      environment: 'production',
      importance: 0.7,
      dataClass: undefined,
      identities: [
        servicePrincipalKey(TENANT, WEB_IDENTITY),
        servicePrincipalKey(TENANT, JOB_IDENTITY),
        armKey(JOB_IDENTITY_RESOURCE),
      ],
      behind: [
        armKey(`${NETWORK}/networkInterfaces/nic-web`),
        armKey(`${NETWORK}/networkSecurityGroups/nsg`),
        armKey(`${NETWORK}/publicIPAddresses/pip`),
        'ip:203.0.113.4',
      ],
    });
  });
});

describe('other resources', () => {
  const store = (more: JsonObject) =>
    row('Microsoft.Storage/storageAccounts', `${GROUP}/providers/Microsoft.Storage/storageAccounts/st`, more);
  const of = (type: string, more: JsonObject) => row(type, `${GROUP}/providers/${type.split('/')[0] ?? ''}/x/y`, more);
  const instances = (name: string, publicIPAddressConfiguration: JsonObject | null) =>
    of('Microsoft.Compute/virtualMachineScaleSets', {
      instanceInterfaces: [
        {
          properties: {
            networkSecurityGroup: { id: `${NETWORK}/networkSecurityGroups/${name}` },
            ipConfigurations: [{ properties: { publicIPAddressConfiguration } }],
          },
        },
      ],
    });

  it.each<[string, string | undefined, readonly JsonObject[]]>([
    ['storage that every network may reach', 'internet', [store({ publicNetworkAccess: 'Enabled', defaultAction: 'Allow', allowBlobPublicAccess: true })]],
    ['storage with a firewall', 'internal', [store({ publicNetworkAccess: 'Enabled', defaultAction: 'Deny' })]],
    ['storage without public network access', 'internal', [store({ publicNetworkAccess: 'Disabled', defaultAction: 'Allow' })]],
    ['a vault', 'internet', [of('Microsoft.KeyVault/vaults', {})]],
    ['a vault in a perimeter', 'internal', [of('Microsoft.KeyVault/vaults', { publicNetworkAccess: 'SecuredByPerimeter' })]],
    ['a server of databases, whose firewall is not known', undefined, [of('Microsoft.Sql/servers', { publicNetworkAccess: 'Enabled' })]],
    ['a server of databases that is closed', 'internal', [of('Microsoft.Sql/servers', { publicNetworkAccess: 'Disabled' })]],
    ['an account of Cosmos DB', 'internet', [of('Microsoft.DocumentDB/databaseAccounts', { ipRules: [], networkFilter: false })]],
    ['an account of Cosmos DB with a firewall', 'internal', [of('Microsoft.DocumentDB/databaseAccounts', { ipRules: [{ ipAddressOrRange: '198.51.100.1' }] })]],
    ['a site', 'internet', [of('Microsoft.Web/sites', {})]],
    ['a container app inside', 'internal', [of('Microsoft.App/containerApps', { externalIngress: false })]],
    ['a container app', 'internet', [of('Microsoft.App/containerApps', { externalIngress: true })]],
    ['containers', 'internet', [of('Microsoft.ContainerInstance/containerGroups', { ipAddress: { ip: '203.0.113.9', type: 'Public' } })]],
    ['containers inside', 'internal', [of('Microsoft.ContainerInstance/containerGroups', { ipAddress: { type: 'Private' } })]],
    ['a cluster', 'internet', [of('Microsoft.ContainerService/managedClusters', {})]],
    ['a cluster for the office', 'internal', [of('Microsoft.ContainerService/managedClusters', { authorizedRanges: ['198.51.100.0/24'] })]],
    ['a private cluster', 'internal', [of('Microsoft.ContainerService/managedClusters', { privateCluster: true })]],
    ['a security group', 'internet', [guard('nsg', [OPEN_443])]],
    ['a security group that is closed', 'internal', [guard('nsg', [OFFICE_ONLY])]],
    ['a load balancer inside', 'internal', [row('Microsoft.Network/loadBalancers', BALANCER, { frontends: [{ properties: { subnet: { id: SUBNET } } }] })]],
    ['instances with addresses', 'internet', [instances('nsg', { name: 'p' }), guard('nsg', [OPEN_443])]],
    ['instances without', 'internal', [instances('nsg', null), guard('nsg', [OPEN_443])]],
    ['a resource group', undefined, [row('Microsoft.Resources/subscriptions/resourceGroups', GROUP)]],
  ])('%s: %s', (_what, exposure, rows) => {
    expect(assetOf(...rows)?.exposure).toBe(exposure);
  }); // prettier-ignore

  it('a database is reached by its server', () => {
    const id = `${GROUP}/providers/Microsoft.Sql/servers/sql-shop`;
    const server = row('Microsoft.Sql/servers', id, { publicNetworkAccess: 'Disabled' });
    const database = row('Microsoft.Sql/servers/databases', `${id}/databases/orders`);
    expect(assetOf(database, server)).toMatchObject({ exposure: 'internal' });
  });

  it('names the images that run', () => {
    const images = {
      containers: [{ image: 'shop.azurecr.example/web:1@sha256:0a' }, { properties: { image: 'busybox' } }],
    };
    expect(assetOf(of('Microsoft.App/containerApps', images))?.behind).toEqual([
      'image:shop.azurecr.example/web:1',
      'image:busybox',
    ]);
    const site = of('Microsoft.Web/sites', { linuxFxVersion: 'DOCKER|shop.azurecr.example/site:2' });
    expect(assetOf(site)?.behind).toEqual(['image:shop.azurecr.example/site:2']);
  });

  it('throws nothing, whatever rows hold', () => {
    const types = ['virtualmachines', 'virtualmachinescalesets'].map((type) => `microsoft.compute/${type}`);
    const others = ['networkinterfaces', 'networksecuritygroups', 'publicipaddresses', 'loadbalancers'];
    const type = fc.constantFrom(...types, ...others.map((each) => `microsoft.network/${each}`));
    const value = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;
    const names = [
      'identity',
      'tags',
      'networkInterfaces',
      'instanceInterfaces',
      'ipConfigurations',
      'frontends',
      'securityRules',
      'subnets',
      'sku',
      'ipAddress',
    ];
    const rows = fc.array(
      fc.record({
        id: fc.constantFrom('/a', '/b', 7),
        type,
        ...Object.fromEntries(names.map((name) => [name, value])),
      }),
    );
    fc.assert(fc.property(rows, (each) => void azureAssets(each, TAGS)));
  });

  it('takes whatever it is given', () => {
    const odd: JsonObject[] = [
      {},
      { id: 7, type: null },
      { id: '/x', type: 'microsoft.compute/virtualmachines', networkInterfaces: 'x', identity: [], tags: 'x' },
      {
        id: '/y',
        type: 'microsoft.network/networkinterfaces',
        ipConfigurations: [null, 3, { properties: { subnet: 5 } }],
      },
      {
        id: '/z',
        type: 'microsoft.network/networksecuritygroups',
        securityRules: [{ properties: { direction: 4 } }],
        subnets: {},
      },
    ];
    expect(azureAssets(odd, TAGS).map(({ key }) => key)).toEqual(['arm:/x', 'arm:/y', 'arm:/z']);
  });
});

describe('role assignments', () => {
  const containers = [subscriptionRow(SHOP, ['mg-shop', 'mg-all']), subscriptionRow(LAB, ['mg-all'])];
  const READER = 'acdd72a7-0000-4000-8000-000000000001';
  const definitions = [
    { id: `/providers/Microsoft.Authorization/RoleDefinitions/${READER}`, roleName: 'Storage Blob Data Reader' },
  ];
  const assignment = (scope: string, principalType: string, role = READER.toUpperCase()): JsonObject => ({
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/x`,
    tenantId: TENANT,
    principalId: WEB_IDENTITY,
    principalType,
    role: `/subscriptions/${SHOP}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
    scope,
  });
  const [shop, lab] = [armKey(`/subscriptions/${SHOP}`), armKey(`/subscriptions/${LAB}`)];

  it.each([
    [GROUP, [armKey(GROUP)]],
    ['/providers/Microsoft.Management/managementGroups/MG-Shop', [shop]],
    ['/providers/Microsoft.Management/managementGroups/mg-all', [shop, lab]],
    ['/providers/Microsoft.Management/managementGroups/mg-other', []],
    ['/', [shop, lab]],
  ])('at %s hold for %j', (scope, scopes) => {
    const grants = azureGrants([assignment(scope, 'ServicePrincipal')], definitions, containers);
    const principal = servicePrincipalKey(TENANT, WEB_IDENTITY);
    expect(grants).toEqual(scopes.map((each) => ({ principal, scope: each, role: 'Storage Blob Data Reader' })));
  });

  it('name people and groups by keys of their own, and roles that are not known by id', () => {
    const of = (type: string) => azureGrants([assignment(GROUP, type, 'ffff')], definitions, containers)[0];
    expect(of('User')).toMatchObject({ principal: entraUserKey(TENANT, WEB_IDENTITY), role: 'ffff' });
    expect(of('Group')).toMatchObject({ principal: entraObjectKey(TENANT, WEB_IDENTITY) });
  });
});
