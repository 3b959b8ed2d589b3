import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../platform/json.ts';
import { decodeObservation, encodeObservation } from '../timeline/observation-codec.ts';
import { activityRow, auditEntry, changesOf, GROUP, observed, TENANT, trailRecord } from './posture-samples.ts';

const NSG = `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/nsg-shop`;
const STORE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/stshop`;
const SSH = { access: 'Allow', direction: 'Inbound', sourceAddressPrefix: '*', destinationPortRange: '22' };

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
