import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { activityRow, changesOf, GROUP, SUBSCRIPTION } from '../posture-samples.ts';

const arm = (id: string): string => `arm:${id.toLowerCase()}`;
const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-shop`;
const STORE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/stshop`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop`;
const SSH = { access: 'Allow', direction: 'Inbound', sourceAddressPrefix: '*', destinationPortRange: '22' };

describe('the Activity log: network security groups', () => {
  const rule = (properties: unknown, more: Partial<Parameters<typeof activityRow>[0]> = {}): JsonObject =>
    activityRow({
      operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write',
      id: `${NSG}/securityRules/Ssh`,
      body: { properties },
      ...more,
    });
  const PLACE = { condition: 'network-open', resource: arm(NSG), part: 'ssh' };

  it('a rule that lets everybody in is asked for, and made', () => {
    const change = { ...PLACE, weakened: true, what: 'lets every address in' };
    expect(changesOf(rule(SSH))).toEqual([{ ...change, stage: 'requested' }]);
    expect(changesOf(rule(SSH, { result: 'Success' }))).toEqual([change]);
  });

  it.each([
    [{ ...SSH, sourceAddressPrefix: 'Internet', destinationPortRange: '20-25' }],
    [{ ...SSH, sourceAddressPrefix: '0.0.0.0/0', destinationPortRange: '80-443' }],
    [
      {
        ...SSH,
        sourceAddressPrefix: '',
        sourceAddressPrefixes: ['203.0.113.0/24', '0.0.0.0/1'],
        destinationPortRanges: ['443', '*'],
      },
    ],
    [{ Access: 'allow', DIRECTION: 'inbound', sourceaddressprefix: '::/0', DestinationPortRange: '3389' }],
  ])('is open: %j', (properties) => {
    expect(changesOf(rule(properties))).toMatchObject([{ weakened: true }]);
  });

  it.each([
    [{ ...SSH, sourceAddressPrefix: '203.0.113.0/24' }],
    [{ ...SSH, sourceAddressPrefix: '10.0.0.0/10' }],
    [{ ...SSH, access: 'Deny' }],
    [{ ...SSH, direction: 'Outbound' }],
    [{ ...SSH, destinationPortRange: '', destinationPortRanges: ['80', '443'] }],
    [{ ...SSH, protocol: 'Icmp', destinationPortRange: '*' }],
  ])('is closed: %j', (properties) => {
    expect(changesOf(rule(properties))).toMatchObject([{ ...PLACE, weakened: false }]);
  });

  it('a group written anew has the rules that it names, and no others', () => {
    const securityRules = [
      { name: 'Web', properties: { ...SSH, destinationPortRange: '443' } },
      { name: 'Rdp', properties: { ...SSH, destinationPortRange: '3389' } },
    ];
    const row = activityRow({
      operation: 'Microsoft.Network/networkSecurityGroups/write',
      id: NSG,
      body: { properties: { securityRules } },
    });
    expect(changesOf(row).map(({ part, weakened }) => [part, weakened])).toEqual([
      [undefined, false],
      ['rdp', true],
    ]);
  });

  it('tags of a group change nothing', () => {
    const operation = 'Microsoft.Network/networkSecurityGroups/write';
    expect(changesOf(activityRow({ operation, id: NSG, body: { tags: { owner: 'shop' } } }))).toEqual([]);
  });

  it('a rule or a group is deleted, once it is', () => {
    const deletion = (result: 'Start' | 'Success'): JsonObject =>
      rule(undefined, { operation: 'Microsoft.Network/networkSecurityGroups/securityRules/delete', result });
    expect(changesOf(deletion('Start'))).toEqual([]);
    expect(changesOf(deletion('Success'))).toMatchObject([{ ...PLACE, weakened: false }]);
    const group = { operation: 'Microsoft.Network/networkSecurityGroups/delete', id: NSG, result: 'Success' } as const;
    expect(changesOf(activityRow(group))).toEqual([
      { condition: 'network-open', resource: arm(NSG), weakened: false, what: 'is deleted' },
    ]);
  });

  it('what was refused takes back what was asked for', () => {
    const { part: _, ...group } = PLACE;
    expect(changesOf(rule(undefined, { result: 'Failure' }))).toEqual([
      { ...group, weakened: false, what: 'was refused', stage: 'refused' },
    ]);
  });

  it('a body that is none changes nothing', () => {
    const row = rule(SSH);
    for (const requestbody of ['{"properties":{"access":"Allow"', '["Allow"]', 7, null]) {
      expect(changesOf({ ...row, properties: { entity: NSG, requestbody } })).toEqual([]);
    }
  });
});

describe('the Activity log: public addresses', () => {
  const NETWORK = `${GROUP}/providers/Microsoft.Network`;
  const COMPUTE = `${GROUP}/providers/Microsoft.Compute`;
  const written = (type: string, id: string, properties: unknown): readonly unknown[] =>
    changesOf(activityRow({ operation: `${type}/write`, id, body: { properties }, result: 'Success' })).map(
      ({ condition, resource, weakened }) => [condition, resource, weakened],
    );
  const NIC = `${NETWORK}/networkInterfaces/nic-web`;
  const ipConfiguration = (more: object) => ({ name: 'ipconfig1', properties: { subnet: { id: 'x' }, ...more } });
  const withAddress = [
    ipConfiguration({}),
    ipConfiguration({ publicIPAddress: { id: `${NETWORK}/publicIPAddresses/p` } }),
  ];
  const made = [
    {
      name: 'nic',
      properties: { ipConfigurations: [ipConfiguration({ publicIPAddressConfiguration: { name: 'p' } })] },
    },
  ];
  const VM = `${COMPUTE}/virtualMachines/vm-web`;
  const SET = `${COMPUTE}/virtualMachineScaleSets/vmss-web`;
  const CONTAINERS = `${GROUP}/providers/Microsoft.ContainerInstance/containerGroups/ci-web`;

  it.each<[string, string, object, boolean]>([
    ['Microsoft.Network/networkInterfaces', NIC, { ipConfigurations: withAddress }, true],
    [
      'Microsoft.Network/networkInterfaces',
      NIC,
      { ipConfigurations: [ipConfiguration({ publicIPAddress: null })] },
      false,
    ],
    ['Microsoft.Network/loadBalancers', `${NETWORK}/loadBalancers/lb`, { frontendIPConfigurations: withAddress }, true],
    ['Microsoft.Network/loadBalancers', `${NETWORK}/loadBalancers/lb`, { frontendIPConfigurations: [] }, false],
    [
      'Microsoft.Network/applicationGateways',
      `${NETWORK}/applicationGateways/gw`,
      { frontendIPConfigurations: withAddress },
      true,
    ],
    ['Microsoft.Compute/virtualMachines', VM, { networkProfile: { networkInterfaceConfigurations: made } }, true],
    [
      'Microsoft.Compute/virtualMachineScaleSets',
      SET,
      { virtualMachineProfile: { networkProfile: { networkInterfaceConfigurations: made } } },
      true,
    ],
    [
      'Microsoft.Compute/virtualMachineScaleSets',
      SET,
      { virtualMachineProfile: { networkProfile: { networkInterfaceConfigurations: [] } } },
      false,
    ],
    ['Microsoft.ContainerInstance/containerGroups', CONTAINERS, { ipAddress: { type: 'Public', ports: [] } }, true],
    ['Microsoft.ContainerInstance/containerGroups', CONTAINERS, { ipAddress: { type: 'Private' } }, false],
  ])('%s of %s with %j', (type, id, properties, weakened) => {
    expect(written(type, id, properties)).toEqual([['public-address', arm(id), weakened]]);
  });

  it.each<[string, string, object]>([
    ['Microsoft.Network/networkInterfaces', NIC, { networkSecurityGroup: { id: NSG } }],
    ['Microsoft.Compute/virtualMachines', VM, { networkProfile: { networkInterfaces: [{ id: NIC }] } }],
    ['Microsoft.Network/publicIPAddresses', `${NETWORK}/publicIPAddresses/p`, { publicIPAllocationMethod: 'Static' }],
  ])('%s of %s with %j says nothing of it', (type, id, properties) => {
    expect(written(type, id, properties)).toEqual([]);
  });

  it('end with what has them', () => {
    const operation = 'Microsoft.Network/networkInterfaces/delete';
    expect(changesOf(activityRow({ operation, id: NIC, result: 'Success' }))).toEqual([
      { condition: 'public-address', resource: arm(NIC), weakened: false, what: 'is deleted' },
    ]);
  });
});

describe('the Activity log: storage', () => {
  const account = (properties: unknown): readonly unknown[] =>
    changesOf(
      activityRow({
        operation: 'Microsoft.Storage/storageAccounts/write',
        id: STORE,
        body: { properties },
        result: 'Success',
      }),
    ).map(({ condition, weakened }) => `${condition} ${weakened}`);

  it.each([
    [{ allowBlobPublicAccess: true }, ['storage-public true']],
    [{ allowBlobPublicAccess: false }, ['storage-public false']],
    [{ networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow' } }, ['network-open true']],
    [{ networkAcls: { defaultAction: 'Deny' }, publicNetworkAccess: 'Enabled' }, ['network-open false']],
    [{ networkAcls: { defaultAction: 'Allow' }, publicNetworkAccess: 'Disabled' }, ['network-open false']],
    [{ minimumTlsVersion: 'TLS1_2' }, []],
    [
      { allowBlobPublicAccess: false, networkAcls: { defaultAction: 'Allow' } },
      ['storage-public false', 'network-open true'],
    ],
  ])('an account with %j', (properties, expected) => {
    expect(account(properties)).toEqual(expected);
  });

  it('the answer shows more than the request changed', () => {
    const row = activityRow({ operation: 'Microsoft.Storage/storageAccounts/write', id: STORE, result: 'Success' });
    const responseBody = JSON.stringify({ properties: { networkAcls: { defaultAction: 'Allow' } } });
    expect(changesOf({ ...row, properties: { entity: STORE, responseBody } })).toEqual([]);
  });

  it.each([
    ['Blob', true],
    ['Container', true],
    ['None', false],
  ])('a container that lets %s be read', (publicAccess, weakened) => {
    const operation = 'Microsoft.Storage/storageAccounts/blobServices/containers/write';
    const id = `${STORE}/blobServices/default/containers/payroll`;
    const row = activityRow({ operation, id, body: { properties: { publicAccess } }, result: 'Success' });
    expect(changesOf(row)).toMatchObject([
      { condition: 'storage-public', resource: arm(STORE), part: 'container payroll', weakened },
    ]);
  });

  it('soft delete', () => {
    const properties = { deleteRetentionPolicy: { enabled: false }, containerDeleteRetentionPolicy: { enabled: true } };
    const operation = 'Microsoft.Storage/storageAccounts/blobServices/write';
    const row = activityRow({
      operation,
      id: `${STORE}/blobServices/default`,
      body: { properties },
      result: 'Success',
    });
    expect(changesOf(row).map(({ resource, part, weakened }) => [resource, part, weakened])).toEqual([
      [arm(STORE), 'soft delete of blobs', true],
      [arm(STORE), 'soft delete of containers', false],
    ]);
  });
});

describe('the Activity log: logs and protection', () => {
  const SETTINGS = `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/to-siem`;

  it.each([
    'Microsoft.Insights/diagnosticSettings',
    'Microsoft.KeyVault/vaults/providers/Microsoft.Insights/diagnosticSettings',
  ])('settings are deleted, and written again (%s)', (type) => {
    const place = { condition: 'logging-off', resource: arm(VAULT), part: 'to-siem' };
    expect(changesOf(activityRow({ operation: `${type}/delete`, id: SETTINGS, result: 'Success' }))).toMatchObject([
      { ...place, weakened: true },
    ]);
    const write = (enabled: boolean): JsonObject =>
      activityRow({
        operation: `${type}/write`,
        id: SETTINGS,
        body: { properties: { logs: [{ category: 'AuditEvent', enabled }], metrics: [] } },
      });
    expect(changesOf(write(true))).toMatchObject([{ ...place, weakened: false }]);
    expect(changesOf(write(false))).toMatchObject([{ ...place, weakened: true }]);
  });

  it.each([
    [`${SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/all`, arm(SUBSCRIPTION)],
    ['/providers/Microsoft.aadiam/diagnosticSettings/all', 'arm:/providers/microsoft.aadiam'],
  ])('settings %s', (id, resource) => {
    const type = id.includes('aadiam') ? 'Microsoft.aadiam' : 'Microsoft.Insights';
    const row = activityRow({ operation: `${type}/diagnosticSettings/delete`, id, result: 'Success' });
    expect(changesOf(row)).toMatchObject([{ resource, part: 'all', weakened: true }]);
  });

  it('a lock is deleted, and made again', () => {
    const id = `${GROUP}/providers/Microsoft.Authorization/locks/keep`;
    const place = { condition: 'protection-off', resource: arm(GROUP), part: 'lock keep' };
    const row = { id, result: 'Success' } as const;
    const [off, on] = [
      { ...row, operation: 'Microsoft.Authorization/locks/delete' },
      { ...row, operation: 'Microsoft.Authorization/locks/write' },
    ];
    expect(changesOf(activityRow(off))).toMatchObject([{ ...place, weakened: true }]);
    expect(changesOf(activityRow(on))).toMatchObject([{ ...place, weakened: false }]);
    expect(changesOf(activityRow({ ...off, result: 'Failure' }))).toEqual([]);
  });

  it.each([
    ['Microsoft.EventHub/namespaces/delete', 'logging-off', true],
    ['Microsoft.OperationalInsights/workspaces/write', 'logging-off', false],
    [
      'Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete',
      'protection-off',
      true,
    ],
    ['Microsoft.DataProtection/backupVaults/write', 'protection-off', false],
  ])('%s', (operation, condition, weakened) => {
    const id = `${GROUP}/providers/Microsoft.Invented/things/one`;
    expect(changesOf(activityRow({ operation, id, result: 'Success' }))).toMatchObject([
      { condition, resource: arm(id), weakened },
    ]);
  });

  it.each([
    ['Microsoft.RecoveryServices/vaults/backupconfig/write', { softDeleteFeatureState: 'Disabled' }, true],
    ['Microsoft.RecoveryServices/vaults/backupconfig/write', { softDeleteFeatureState: 'AlwaysON' }, false],
    ['Microsoft.Security/pricings/write', { pricingTier: 'Free' }, true],
    ['Microsoft.Network/networkWatchers/flowLogs/write', { enabled: false }, true],
    ['Microsoft.Network/networkWatchers/flowLogs/write', { enabled: true }, false],
  ])('%s with %j', (operation, properties, weakened) => {
    const row = activityRow({ operation, id: `${GROUP}/x/y`, body: { properties }, result: 'Success' });
    expect(changesOf(row)).toMatchObject([{ weakened }]);
  });

  it('other operations change nothing', () => {
    expect(
      changesOf(activityRow({ operation: 'Microsoft.Compute/virtualMachines/write', id: GROUP, body: SSH })),
    ).toEqual([]);
  });
});
