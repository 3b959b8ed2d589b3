import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { decodeObservation, encodeObservation } from '../timeline/observation-codec.ts';
import {
  ACCOUNT,
  activityRow,
  auditEntry,
  changesOf,
  GROUP,
  observed,
  SUBSCRIPTION,
  TENANT,
  trailRecord,
} from './posture-samples.ts';

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

describe('CloudTrail: public addresses', () => {
  const EC2 = `aws:arn:aws:ec2:eu-west-1:${ACCOUNT}`;
  const DATABASE = `aws:arn:aws:rds:eu-west-1:${ACCOUNT}:db:orders`;
  const BALANCER = `arn:aws:elasticloadbalancing:eu-west-1:${ACCOUNT}:loadbalancer/app/web/0aaa`;
  const ASSOCIATION = `${EC2}:elastic-ip-association/eipassoc-0aaa`;
  const instances = { instancesSet: { items: [{ instanceId: 'i-0aaa' }, { instanceId: 'i-0bbb' }] } };
  const given = { associationId: 'eipassoc-0aaa', _return: true };

  it.each<[string, string, JsonObject, JsonObject | null, readonly (readonly [string, string | undefined, boolean])[]]>(
    [
      [
        'ec2',
        'AssociateAddress',
        { allocationId: 'eipalloc-0aaa', instanceId: 'i-0aaa' },
        given,
        [[ASSOCIATION, 'instance/i-0aaa', true]],
      ],
      [
        'ec2',
        'AssociateAddress',
        { allocationId: 'eipalloc-0aaa', networkInterfaceId: 'eni-0aaa' },
        given,
        [[ASSOCIATION, 'network-interface/eni-0aaa', true]],
      ],
      ['ec2', 'AssociateAddress', { publicIp: '203.0.113.4' }, given, []],
      ['ec2', 'AssociateAddress', { instanceId: 'i-0aaa' }, null, []],
      [
        'ec2',
        'DisassociateAddress',
        { associationId: 'eipassoc-0aaa' },
        { _return: true },
        [[ASSOCIATION, undefined, false]],
      ],
      [
        'ec2',
        'RunInstances',
        { networkInterfaceSet: { items: [{ deviceIndex: 0, associatePublicIpAddress: true }] } },
        instances,
        [
          [`${EC2}:instance/i-0aaa`, undefined, true],
          [`${EC2}:instance/i-0bbb`, undefined, true],
        ],
      ],
      [
        'ec2',
        'RunInstances',
        { networkInterfaceSet: { items: [{ deviceIndex: 0, associatePublicIpAddress: false }] } },
        instances,
        [],
      ],
      ['ec2', 'RunInstances', { networkInterfaceSet: {} }, instances, []],
      [
        'ec2',
        'TerminateInstances',
        { instancesSet: { items: [{ instanceId: 'i-0aaa' }] } },
        null,
        [[`${EC2}:instance/i-0aaa`, undefined, false]],
      ],
      [
        'rds',
        'CreateDBInstance',
        { dBInstanceIdentifier: 'Orders', publiclyAccessible: true },
        null,
        [[DATABASE, undefined, true]],
      ],
      [
        'rds',
        'ModifyDBInstance',
        { dBInstanceIdentifier: 'orders', publiclyAccessible: true },
        { dBInstanceArn: DATABASE.slice(4) },
        [[DATABASE, undefined, true]],
      ],
      [
        'rds',
        'ModifyDBInstance',
        { dBInstanceIdentifier: 'orders', publiclyAccessible: false },
        null,
        [[DATABASE, undefined, false]],
      ],
      ['rds', 'ModifyDBInstance', { dBInstanceIdentifier: 'orders', allocatedStorage: 20 }, null, []],
      ['rds', 'DeleteDBInstance', { dBInstanceIdentifier: 'orders' }, null, [[DATABASE, undefined, false]]],
      [
        'elasticloadbalancing',
        'CreateLoadBalancer',
        { name: 'web' },
        { loadBalancers: [{ loadBalancerArn: BALANCER, scheme: 'internet-facing' }] },
        [[`aws:${BALANCER}`, undefined, true]],
      ],
      [
        'elasticloadbalancing',
        'CreateLoadBalancer',
        { name: 'web' },
        { loadBalancers: [{ loadBalancerArn: BALANCER, scheme: 'internal' }] },
        [],
      ],
      ['elasticloadbalancing', 'CreateLoadBalancer', { loadBalancerName: 'classic' }, { dNSName: 'x' }, []],
      [
        'elasticloadbalancing',
        'DeleteLoadBalancer',
        { loadBalancerArn: BALANCER },
        null,
        [[`aws:${BALANCER}`, undefined, false]],
      ],
    ],
  )('%s %s %j', (source, name, request, response, expected) => {
    const changes = changesOf(trailRecord({ source, name, request, response }));
    expect(changes.every(({ condition }) => condition === 'public-address')).toBe(true);
    expect(changes.map(({ resource, part, weakened }) => [resource, part, weakened])).toEqual(expected);
    expect(changesOf(trailRecord({ source, name, request, response, error: 'UnauthorizedOperation' }))).toEqual([]);
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

describe('Entra', () => {
  const POLICY = '00000000-0000-4000-8000-000000000ca1';
  const policy = (activity: string, before: string | null, after: string | null, result = 'success'): JsonObject =>
    auditEntry({
      activity,
      result,
      target: {
        id: POLICY,
        displayName: 'Second factor for everyone',
        type: 'Policy',
        modifiedProperties: [
          {
            displayName: 'ConditionalAccessPolicy',
            oldValue: before && JSON.stringify({ id: POLICY, state: before }),
            newValue: after && JSON.stringify({ id: POLICY, state: after }),
          },
        ],
      },
    });
  const REPORTING = 'enabledForReportingButNotEnforced';
  const UPDATE = 'Update conditional access policy';

  it.each([
    [UPDATE, 'enabled', 'disabled', [[true, 'is switched off']]],
    [UPDATE, 'enabled', REPORTING, [[true, 'only reports']]],
    [UPDATE, 'disabled', 'enabled', [[false, 'is in force']]],
    [UPDATE, REPORTING, 'disabled', []],
    ['Delete conditional access policy', 'enabled', null, [[true, 'is deleted']]],
    ['Delete conditional access policy', REPORTING, null, []],
    ['Delete conditional access policy', null, null, [[true, 'is deleted']]],
    ['Add conditional access policy', null, 'disabled', []],
    ['Add conditional access policy', null, 'enabled', [[false, 'is in force']]],
  ])('%s from %s to %s', (activity, before, after, expected) => {
    const changes = changesOf(policy(activity, before, after));
    expect(changes.map(({ weakened, what }) => [weakened, what])).toEqual(expected);
    for (const { condition, resource } of changes) {
      expect([condition, resource]).toEqual(['conditional-access-off', `entra-object:${TENANT}/${POLICY}`]);
    }
  });

  it('what failed changes nothing', () => {
    expect(changesOf(policy(UPDATE, 'enabled', 'disabled', 'failure'))).toEqual([]);
  });

  const domain = (activity: string, displayName: string, newValue: string): JsonObject =>
    auditEntry({
      activity,
      target: {
        id: null,
        displayName: 'Contoso.example',
        type: 'Domain',
        modifiedProperties: [{ displayName, oldValue: '""', newValue }],
      },
    });

  it.each([
    ['Set domain authentication', 'LiveType', '["Federated"]', true],
    ['Set domain authentication', 'LiveType', '["Managed"]', false],
    ['Set domain authentication', 'LiveType', '"Managed"', false],
    ['Set domain authentication', 'LiveType', 'Managed', false],
    ['Set domain authentication', 'LiveType', '["Federated"],"value":["Managed"]', true],
    ['Set federation settings on domain', 'IssuerUri', '"http://idp.fabrikam.example/adfs"', true],
    ['Set federation settings on domain', 'IssuerUri', '["Managed"]', true],
    ['Remove verified domain', 'Name', '""', false],
  ])('%s: %s is %s', (activity, property, value, weakened) => {
    expect(changesOf(domain(activity, property, value))).toMatchObject([
      { condition: 'federation-changed', resource: `entra-object:${TENANT}/contoso.example`, weakened },
    ]);
  });
});

describe('CloudTrail', () => {
  const shown = (call: Parameters<typeof trailRecord>[0]): readonly string[] =>
    changesOf(trailRecord(call)).map(
      ({ condition, resource, part, also, weakened }) =>
        `${weakened ? '+' : '-'} ${condition} ${resource} ${part ?? '*'}${also === undefined ? '' : ` = ${also}`}`,
    );
  const TRAIL = `logging-off aws:arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/organization`;
  const arnOfTrail = `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/organization`;
  const selectors = (includeManagementEvents: boolean): JsonObject => ({
    trailName: 'organization',
    eventSelectors: [{ readWriteType: 'All', includeManagementEvents, dataResources: [] }],
  });
  const advanced = (equals: string, name = 'selector'): JsonObject => ({
    trailName: 'organization',
    advancedEventSelectors: [{ name, fieldSelectors: [{ field: 'eventCategory', equals: [equals] }] }],
  });

  it.each([
    ['StopLogging', { name: 'organization' }, [`+ ${TRAIL} recording`]],
    ['StopLogging', { name: arnOfTrail }, [`+ ${TRAIL} recording`]],
    ['DeleteTrail', { name: 'organization' }, [`+ ${TRAIL} recording`]],
    ['StartLogging', { name: arnOfTrail }, [`- ${TRAIL} recording`]],
    ['CreateTrail', { name: 'organization' }, []],
    ['UpdateTrail', { name: 'organization', isMultiRegionTrail: false }, [`+ ${TRAIL} all regions`]],
    ['UpdateTrail', { name: 'organization', isMultiRegionTrail: true }, [`- ${TRAIL} all regions`]],
    ['UpdateTrail', { name: 'organization', s3BucketName: 'contoso-logs' }, []],
    ['PutEventSelectors', selectors(false), [`+ ${TRAIL} management events`]],
    ['PutEventSelectors', selectors(true), [`- ${TRAIL} management events`]],
    ['PutEventSelectors', advanced('Data', 'Management'), [`+ ${TRAIL} management events`]],
    ['PutEventSelectors', advanced('Management'), [`- ${TRAIL} management events`]],
    ['GetTrailStatus', { name: 'organization' }, []],
  ])('%s %j', (name, request, expected) => {
    expect(shown({ source: 'cloudtrail', name, request })).toEqual(expected);
  });

  it('what was denied changes nothing', () => {
    expect(
      shown({ source: 'cloudtrail', name: 'StopLogging', request: { name: 'organization' }, error: 'AccessDenied' }),
    ).toEqual([]);
  });

  it.each([
    ['guardduty', 'DeleteDetector', { detectorId: 'd1' }, '+', 'GuardDuty'],
    ['guardduty', 'CreateDetector', { enable: true }, '-', 'GuardDuty'],
    ['guardduty', 'UpdateDetector', { detectorId: 'd1', enable: false }, '+', 'GuardDuty'],
    ['securityhub', 'DisableSecurityHub', null, '+', 'Security Hub'],
    ['config', 'StartConfigurationRecorder', { configurationRecorderName: 'default' }, '-', 'Config'],
  ])('%s: %s', (source, name, request, sign, service) => {
    expect(shown({ source, name, request })).toEqual([
      `${sign} logging-off aws-account:${ACCOUNT} ${service} in eu-west-1`,
    ]);
  });

  it('a detector that publishes more often changes nothing', () => {
    const request = { detectorId: 'd1', findingPublishingFrequency: 'FIFTEEN_MINUTES' };
    expect(shown({ source: 'guardduty', name: 'UpdateDetector', request })).toEqual([]);
  });

  it('flow logs are deleted by their ids, and made for networks', () => {
    const made = {
      request: { CreateFlowLogsRequest: { ResourceType: 'VPC', ResourceId: { tag: 1, content: 'vpc-1' } } },
      response: { CreateFlowLogsResponse: { unsuccessful: '', flowLogIdSet: { item: 'fl-1' } } },
    };
    expect(shown({ source: 'ec2', name: 'CreateFlowLogs', ...made })).toEqual([
      `- logging-off aws-account:${ACCOUNT} flow log vpc-1 = flow log fl-1`,
    ]);
    const request = { DeleteFlowLogsRequest: { FlowLogId: { tag: 1, content: 'fl-1' } } };
    expect(shown({ source: 'ec2', name: 'DeleteFlowLogs', request })).toEqual([
      `+ logging-off aws-account:${ACCOUNT} flow log fl-1`,
    ]);
  });

  const groupId = 'sg-0123456789abcdef0';
  const SG = `network-open aws:arn:aws:ec2:eu-west-1:${ACCOUNT}:security-group/${groupId}`;
  const permission = (cidrIp: string, fromPort: number, toPort = fromPort, ipProtocol = 'tcp'): JsonObject => ({
    items: [{ ipProtocol, fromPort, toPort, groups: {}, ipRanges: { items: [{ cidrIp }] }, ipv6Ranges: {} }],
  });
  const answer = (name: string, more: JsonObject = {}): JsonObject => ({
    _return: true,
    [name]: {
      items: [
        {
          groupId,
          securityGroupRuleId: 'sgr-1',
          isEgress: false,
          ipProtocol: 'tcp',
          fromPort: 22,
          toPort: 22,
          ...more,
        },
      ],
    },
  });

  it.each([
    [permission('0.0.0.0/0', 22), ['tcp 22-22 0.0.0.0/0']],
    [permission('128.0.0.0/1', 20, 25), ['tcp 20-25 128.0.0.0/1']],
    [permission('0.0.0.0/0', -1, -1, '-1'), ['-1 -1--1 0.0.0.0/0']],
    [permission('0.0.0.0/0', 443), []],
    [permission('203.0.113.0/24', 22), []],
    [permission('0.0.0.0/0', 8000, 9000), []],
    [permission('0.0.0.0/0', -1, -1, 'icmp'), []],
  ])('a group is opened for %j', (ipPermissions, parts) => {
    const call = { source: 'ec2', name: 'AuthorizeSecurityGroupIngress', request: { groupId, ipPermissions } };
    expect(shown(call)).toEqual(parts.map((part) => `+ ${SG} ${part}`));
  });

  it('a rule goes by what it says and by its id', () => {
    const response = answer('securityGroupRuleSet', { cidrIpv4: '0.0.0.0/0' });
    const request = { groupId, ipPermissions: permission('0.0.0.0/0', 22) };
    expect(shown({ source: 'ec2', name: 'AuthorizeSecurityGroupIngress', request, response })).toEqual([
      `+ ${SG} tcp 22-22 0.0.0.0/0 = sgr-1`,
    ]);
  });

  it.each([
    [
      { groupId, ipPermissions: {}, ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0' },
      null,
      ['tcp 22-22 0.0.0.0/0'],
    ],
    [{ groupId, ipPermissions: permission('0.0.0.0/0', 22) }, { _return: true }, ['tcp 22-22 0.0.0.0/0']],
    [{ groupId, securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-1' }] } }, { _return: true }, ['sgr-1']],
    [
      { groupId, ipPermissions: {} },
      answer('revokedSecurityGroupRuleSet', { cidrIpv4: '0.0.0.0/0' }),
      ['tcp 22-22 0.0.0.0/0 = sgr-1'],
    ],
    [
      { groupId, ipPermissions: permission('0.0.0.0/0', 22) },
      { _return: true, unknownIpPermissionSet: { items: [{ ipProtocol: 'tcp' }] } },
      [],
    ],
    [{ groupId, ipPermissions: permission('203.0.113.0/24', 22) }, { _return: true }, []],
  ])('a group is closed by %j', (request, response, parts) => {
    expect(shown({ source: 'ec2', name: 'RevokeSecurityGroupIngress', request, response })).toEqual(
      parts.map((part) => `- ${SG} ${part}`),
    );
  });

  it('a rule is changed by its id', () => {
    const change = (CidrIpv4: string, IpProtocol = 'tcp'): readonly string[] =>
      shown({
        source: 'ec2',
        name: 'ModifySecurityGroupRules',
        request: {
          ModifySecurityGroupRulesRequest: {
            GroupId: groupId,
            SecurityGroupRule: {
              SecurityGroupRuleId: 'sgr-1',
              tag: 1,
              SecurityGroupRule: { CidrIpv4, FromPort: 3389, ToPort: 3389, IpProtocol },
            },
          },
        },
      });
    expect(change('0.0.0.0/0')).toEqual([`- ${SG} sgr-1`, `+ ${SG} tcp 3389-3389 0.0.0.0/0 = sgr-1`]);
    expect(change('203.0.113.0/24')).toEqual([`- ${SG} sgr-1`]);
    expect(change('0.0.0.0/0', '-1')).toEqual([`- ${SG} sgr-1`]);
  });

  const BUCKET = 'storage-public aws:arn:aws:s3:::contoso-payroll';
  const statement = (more: object): JsonObject => ({
    bucketPolicy: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', ...more }] },
  });
  const block = (BlockPublicPolicy: boolean): JsonObject => ({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy,
      RestrictPublicBuckets: true,
    },
  });
  const grant = (group: string): JsonObject => ({
    AccessControlPolicy: {
      AccessControlList: {
        Grant: [{ Grantee: { URI: `http://acs.amazonaws.com/groups/${group}` }, Permission: 'READ' }],
      },
    },
  });

  it.each([
    ['PutBucketPolicy', statement({}), ['+ policy']],
    ['PutBucketPolicy', statement({ Principal: { AWS: ['*'] } }), ['+ policy']],
    ['PutBucketPolicy', statement({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }), ['- policy']],
    ['PutBucketPolicy', statement({ Effect: 'Deny' }), ['- policy']],
    ['PutBucketPolicy', statement({ Principal: { Service: 'cloudtrail.amazonaws.com' } }), ['- policy']],
    ['DeleteBucketPolicy', {}, ['- policy']],
    ['PutBucketAcl', { 'x-amz-acl': 'public-read' }, ['+ access list']],
    ['PutBucketAcl', { 'x-amz-acl': 'private' }, ['- access list']],
    ['PutBucketAcl', grant('global/AllUsers'), ['+ access list']],
    ['PutBucketAcl', grant('s3/LogDelivery'), ['- access list']],
    [
      'PutBucketAcl',
      { 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
      ['+ access list'],
    ],
    ['CreateBucket', { 'x-amz-acl': 'public-read' }, ['+ access list']],
    ['CreateBucket', {}, []],
    ['PutBucketPublicAccessBlock', block(false), ['+ public access block']],
    ['PutBucketPublicAccessBlock', block(true), ['- public access block']],
    ['DeleteBucketPublicAccessBlock', {}, ['+ public access block']],
    ['DeleteBucket', {}, ['- *']],
    ['GetBucketPolicy', {}, []],
  ])('%s %j', (name, request, expected) => {
    expect(shown({ source: 's3', name, request: { bucketName: 'contoso-payroll', ...request } })).toEqual(
      expected.map((change) => `${change.slice(0, 1)} ${BUCKET} ${change.slice(2)}`),
    );
  });

  it('the block of a whole account', () => {
    const place = `storage-public aws-account:${ACCOUNT} public access block`;
    expect(shown({ source: 's3', name: 'DeleteAccountPublicAccessBlock' })).toEqual([`+ ${place}`]);
    expect(shown({ source: 's3', name: 'PutAccountPublicAccessBlock', request: block(true) })).toEqual([`- ${place}`]);
  });

  const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/fabrikam`;
  const OIDC = `arn:aws:iam::${ACCOUNT}:oidc-provider/idp.fabrikam.example`;
  const ANCHOR = `arn:aws:rolesanywhere:eu-west-1:${ACCOUNT}:trust-anchor/00000000-0000-4000-8000-000000000a01`;

  it.each([
    ['iam', 'CreateSAMLProvider', { name: 'fabrikam' }, null, `+ federation-changed aws:${SAML} *`],
    ['iam', 'UpdateSAMLProvider', { sAMLProviderArn: SAML }, null, `+ federation-changed aws:${SAML} *`],
    ['iam', 'DeleteSAMLProvider', { sAMLProviderArn: SAML }, null, `- federation-changed aws:${SAML} *`],
    [
      'iam',
      'CreateOpenIDConnectProvider',
      { url: 'https://idp.fabrikam.example' },
      null,
      `+ federation-changed aws:${OIDC} *`,
    ],
    [
      'iam',
      'DeleteOpenIDConnectProvider',
      { openIDConnectProviderArn: OIDC },
      null,
      `- federation-changed aws:${OIDC} *`,
    ],
    [
      'rolesanywhere',
      'CreateTrustAnchor',
      { name: 'laptops' },
      { trustAnchor: { trustAnchorArn: ANCHOR } },
      `+ federation-changed aws:${ANCHOR} *`,
    ],
    [
      'rolesanywhere',
      'DeleteTrustAnchor',
      { trustAnchorId: ANCHOR.slice(-36) },
      null,
      `- federation-changed aws:${ANCHOR} *`,
    ],
  ])('%s: %s', (source, name, request, response, expected) => {
    expect(shown({ source, name, request, response })).toEqual([expected]);
  });

  it('Identity Center puts its own provider into the account', () => {
    const role = 'aws-service-role/sso.amazonaws.com/AWSServiceRoleForSSO';
    expect(shown({ source: 'iam', name: 'CreateSAMLProvider', request: { name: 'AWSSSO_1' }, role })).toEqual([]);
  });
});

describe('any record', () => {
  const operations = [
    ['s3', 'PutBucketAcl'],
    ['s3', 'PutBucketPolicy'],
    ['ec2', 'AuthorizeSecurityGroupIngress'],
    ['ec2', 'ModifySecurityGroupRules'],
    ['ec2', 'CreateFlowLogs'],
    ['cloudtrail', 'PutEventSelectors'],
    ['iam', 'CreateSAMLProvider'],
  ] as const;

  it('throws nothing, and its observation is the same in bytes', () => {
    const call = fc
      .tuple(fc.constantFrom(...operations), fc.json(), fc.json())
      .map(([[source, name], request, response]) => {
        const parameters = JSON.parse(
          `{"bucketName":"b","groupId":"g","name":"n","ipPermissions":${request}}`,
        ) as JsonObject;
        return trailRecord({
          source,
          name,
          request: parameters,
          response: JSON.parse(`{"x":${response}}`) as JsonObject,
        });
      });
    const row = fc
      .tuple(fc.constantFrom('storageAccounts/write', 'storageAccounts/blobServices/write'), fc.json())
      .map(([type, body]) => ({
        ...activityRow({ operation: `Microsoft.Storage/${type}`, id: STORE }),
        properties: { entity: STORE, requestbody: body },
      }));
    fc.assert(
      fc.property(fc.oneof(call, row), (record) => {
        const observation = observed(record);
        expect(decodeObservation(encodeObservation(observation))).toEqual(observation);
      }),
    );
  });

  it('does not grow with the names in it', () => {
    const securityRules = Array.from({ length: 1500 }, (_, at) => ({
      name: `${at}${'x'.repeat(1000)}`,
      properties: SSH,
    }));
    const row = activityRow({
      operation: 'Microsoft.Network/networkSecurityGroups/write',
      id: NSG,
      body: { properties: { securityRules } },
    });
    const changes = changesOf(row);
    expect(changes).toHaveLength(64);
    expect(Math.max(...changes.map(({ part = '' }) => part.length))).toBe(512);
  });
});
