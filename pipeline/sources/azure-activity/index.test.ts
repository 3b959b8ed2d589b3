import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { objectOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { azureActivity } from './index.ts';

const TENANT = '00000000-0000-4000-8000-0000000000aa';
const ADA = `entra-user:${TENANT}/00000000-0000-4000-8000-000000000a01`;
const SUBSCRIPTION = '00000000-0000-4000-8000-000000000051';

const samples = samplesIn(new URL('samples/', import.meta.url));

function sample(name: string): JsonObject {
  const found = samples.find((candidate) => candidate.name.startsWith(name));
  if (found === undefined) throw new Error(`no sample ${name}`);
  return found.record;
}

const read = (name: string): ReadRecord => azureActivity.read(sample(name));

function attempt(record: JsonObject): ReadRecord | undefined {
  try {
    return azureActivity.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
    return undefined;
  }
}

const keys = ({ event }: ReadRecord): string[] => event.entities.map(({ part, key }) => `${part} ${key}`);

describe('the Azure Activity log', () => {
  it.each(samples)('reads $name as valid OCSF, changing nothing', ({ record }) => {
    const { event, logsource } = azureActivity.read(frozen(structuredClone(record)));
    expect(violations(event.ocsf)).toEqual([]);
    expect(event.source).toBe('azure-activity');
    expect(event.principal).not.toBe('');
    expect(logsource).toBe(azureActivity.read(record).logsource);
    expect(azureActivity.read(record).event).toEqual(event);
    expect(azureActivity.schema.safeParse(record).success).toBe(true);
  });

  it('tells the rows of one operation by their phase', () => {
    const rows = samples
      .filter(({ name }) => name.startsWith('run-command-rows'))
      .map(({ record }) => azureActivity.read(record));
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map(({ event }) => event.operation)).size).toBe(1);
    expect(new Set(rows.map(({ event }) => event.id)).size).toBe(3);
    expect(rows.map(({ event: { ocsf } }) => [ocsf.status_id, ocsf.status, ocsf.status_detail])).toEqual([
      [99, 'Start', 'Started.'],
      [99, 'Accept', 'Accepted.Accepted'],
      [1, 'Success', 'Succeeded.'],
    ]);
  });

  it('joins what a record without an id of its own is known by', () => {
    const { event } = read('run-command-rows');
    const id = '00000000-0000-4000-8000-00000000c001+MICROSOFT.COMPUTE/VIRTUALMACHINES/RUNCOMMAND/ACTION+Start';
    expect(event.recordId).toBe(id);
    expect(event.ocsf.metadata.uid).toBe(id);
    expect(event.ocsf.metadata.correlation_uid).toBe('00000000-0000-4000-8000-00000000c001');
  });

  it.each([
    ['resourceId', '/subscriptions/x/resourceGroups/other'],
    ['time', '2026-11-20T10:11:12.1234568Z'],
    ['resultSignature', 'Started.Again'],
  ])('keeps rows apart that differ in their %s alone', (name, value) => {
    const record = sample('run-command-rows');
    const other = azureActivity.read({ ...record, [name]: value }).event;
    expect(other.id).not.toBe(azureActivity.read(record).event.id);
    expect(other.recordId).toBe(azureActivity.read(record).event.recordId);
  });

  it('knows one operation by any case of its names', () => {
    const record = sample('run-command-rows');
    const lower = JSON.parse(
      JSON.stringify(record).replace(/"\/SUBS[^"]*"|"MICROSOFT[^"]*"/g, (text) => text.toLowerCase()),
    ) as JsonObject;
    expect(lower.operationName).not.toBe(record.operationName);
    expect(lower.resourceId).not.toBe(record.resourceId);
    expect(azureActivity.read(lower).event.operation).toBe(azureActivity.read(record).event.operation);
  });

  it('names the person, the token, both addresses and the resource', () => {
    const record = { ...sample('run-command-rows'), callerIpAddress: '198.51.100.9' };
    const result = azureActivity.read(record);
    expect(result.event.principal).toBe(ADA);
    expect(keys(result)).toEqual([
      `actor ${ADA}`,
      'actor upn:ada@contoso.example',
      'origin entra-app:00000000-0000-4000-8000-000000000d01',
      'credential entra-token:AbCdEfGhIjKlMnOpQrStAA',
      'origin ip:198.51.100.9',
      'origin ip:203.0.113.24',
      `target arm:/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-ledger/providers/microsoft.compute/virtualmachines/vm-ledger-1`,
    ]);
    expect(result.event.ocsf).toMatchObject({
      type_uid: 600399,
      activity_name: 'runcommand',
      time: Date.parse('2026-11-20T10:11:12.123Z'),
      cloud: { provider: 'Azure', account: { uid: SUBSCRIPTION, type_id: 13 }, region: 'westeurope' },
      actor: {
        user: { uid: '00000000-0000-4000-8000-000000000a01', name: 'Ada@contoso.example', type_id: 1 },
        session: { is_mfa: true, expiration_time: 1795172700000 },
        authorizations: [{ policy: { name: 'Owner' } }],
      },
      src_endpoint: { ip: '198.51.100.9' },
      resources: [{ type: 'microsoft.compute/virtualmachines', name: 'VM-LEDGER-1', group: { name: 'rg-ledger' } }],
    });
  });

  it('names who is given access, by whatever form the body has', () => {
    const record = sample('role-assignment');
    const target = 'target entra-oid:00000000-0000-4000-8000-000000000b01';
    expect(keys(read('role-assignment'))).toContain(target);
    const given = (operationName: string, requestbody: Json) =>
      keys(
        azureActivity.read({
          ...record,
          operationName,
          properties: { ...objectOf(record.properties), requestBody: null, requestbody },
        }),
      ).filter((key) => /^target (?:entra-oid|federated|aws)/.test(key));
    const assigned = { properties: { principalId: '00000000000040008000000000000b01', principalType: 'User' } };
    const assigns = 'Microsoft.Authorization/roleAssignments/write';
    expect(given(assigns, JSON.stringify(assigned))).toEqual([target]);
    expect(given('Microsoft.Storage/storageAccounts/write', JSON.stringify(assigned))).toEqual([]);
    for (const body of ['{', '[]', 7, { properties: { principalId: 'x' } }, `{"a":"${'x'.repeat(70_000)}"}`])
      expect(given(assigns, body)).toEqual([]);
    const role = 'arn:aws:iam::111122223333:role/Deploy';
    const trusts = { properties: { issuer: 'https://x.tokens.sts.global.api.aws', subject: role, audiences: [] } };
    expect(
      given('Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write', trusts),
    ).toEqual([`target federated:x.tokens.sts.global.api.aws|${role}`, `target aws:${role}`]);
  });

  it('names the machine that acts as a managed identity', () => {
    const record = sample('managed-identity-delete');
    const machine = '/subscriptions/x/resourceGroups/y/providers/Microsoft.Compute/virtualMachines/vm';
    const claims = { ...objectOf(objectOf(record.identity)?.claims), xms_az_rid: machine };
    expect(keys(azureActivity.read({ ...record, identity: { claims } }))).toContain(
      `origin arm:${machine.toLowerCase()}`,
    );
  });

  it('opens claims that are text, and leaves the body of the request as it was written', () => {
    const record = sample('role-assignment');
    const { event, fields } = azureActivity.read(record);
    expect(event.principal).toBe(ADA);
    expect(fields).toMatchObject({ identity: { claims: { appid: '00000000-0000-4000-8000-000000000d01' } } });
    expect(event.ocsf).toMatchObject({
      activity_id: 1,
      status_id: 1,
      status_code: 'Created',
      src_endpoint: { ip: '203.0.113.24', port: 51515 },
      duration: 412,
    });
    const body = (record.properties as JsonObject).requestBody;
    expect(event.ocsf).toHaveProperty('api.request.data', body);
    expect(event.ocsf.unmapped).not.toHaveProperty('properties.requestBody');
    expect(event.ocsf.unmapped).toHaveProperty('properties.hierarchy');
  });

  it('reads an application, and not the group that gave it its role', () => {
    const result = read('list-keys-forbidden');
    expect(result.event.principal).toBe(`entra-sp:${TENANT}/00000000-0000-4000-8000-000000000b01`);
    expect(keys(result)).toContain('actor entra-app:00000000-0000-4000-8000-000000000b02');
    expect(keys(result).join()).not.toContain('00000000-0000-4000-8000-0000000000e1');
    expect(result.event.ocsf).toMatchObject({
      activity_id: 2,
      severity_id: 3,
      status_id: 2,
      status_code: 'Forbidden',
      api: { response: { code: 403, error: 'Forbidden' } },
    });
  });

  it('reads a managed identity by its object and by its resource', () => {
    const result = read('managed-identity-delete');
    expect(result.event.principal).toBe(`entra-sp:${TENANT}/00000000-0000-4000-8000-000000000c01`);
    expect(keys(result)).toContain(
      `actor arm:/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-ops/providers/microsoft.managedidentity/userassignedidentities/id-deployer`,
    );
    expect(result.event.ocsf).toMatchObject({
      activity_id: 4,
      src_endpoint: { ip: '2001:db8::17' },
      actor: { user: { type_id: 4 } },
    });
  });

  it.each([
    ['policy-audit', 'microsoft.authorization'],
    ['alert-activated', 'Microsoft.Insights/alertRules'],
    ['recommendation', 'Microsoft.Advisor'],
    ['security-alert', 'Microsoft.Security'],
    ['service-health', 'microsoft.servicehealth'],
  ])('falls back in %s to the service that acted, and to the resource as principal', (name, service) => {
    const { event } = read(name);
    expect(event.ocsf).toHaveProperty('actor.app_name', service);
    expect(event.principal).toBe(event.entities.find(({ part }) => part === 'target')?.key);
    expect(event.entities.some(({ kind }) => kind === 'ip')).toBe(false);
  });

  it('reads an identity that is a name', () => {
    const { event } = read('identity-as-text');
    expect(event.principal).toBe('upn:grace@fabrikam.example');
    expect(event.time).toBe(Date.parse('2026-11-20T14:00:00.123Z'));
  });

  it('takes the principal of the role assignment where the token tells none', () => {
    expect(read('older-export-action').event.principal).toBe(`entra-sp:${TENANT}/00000000-0000-4000-8000-000000000b01`);
  });

  it('reads a time in American', () => {
    expect(read('resource-health').event.time).toBe(Date.parse('2026-11-20T13:30:00Z'));
  });

  it.each([
    ['table-row.json', '00000000-0000-4000-8000-0000000000e7', 'MICROSOFT.KEYVAULT/VAULTS/DELETE', ADA, 4, 1],
    [
      'table-row-before-2021.json',
      '00000000-0000-4000-8000-0000000000e8',
      'Microsoft.Network/virtualNetworks/delete',
      `entra-sp:${TENANT}/00000000-0000-4000-8000-000000000b01`,
      4,
      1,
    ],
    [
      'api-answer.json',
      '00000000-0000-4000-8000-0000000000e9',
      'Microsoft.Network/networkSecurityGroups/write',
      ADA,
      1,
      1,
    ],
  ])('reads the form of %s', (name, recordId, operation, principal, activity, status) => {
    const { event, fields } = read(name);
    expect(event).toMatchObject({ recordId, principal });
    expect(event.ocsf).toMatchObject({ activity_id: activity, status_id: status, api: { operation } });
    expect(fields.operationName).toBe(operation);
    expect(event.operation).toContain(operation.toLowerCase());
  });

  it.each([
    [{}, 'time: expected a time, found nothing'],
    [{ time: 'yesterday' }, "time: expected a time, found 'yesterday'"],
    [{ time: '2026-11-20T10:00:00Z' }, 'operationName: expected the name of an operation, found nothing'],
    [{ time: 1795168800, operationName: 7 }, 'operationName: expected the name of an operation, found 7'],
    [{ TimeGenerated: {} }, 'time: expected a time, found an object'],
  ])('rejects %j by name', (record, reason) => {
    expect(() => azureActivity.read(record)).toThrow(new RejectedRecord(reason));
  });

  it('needs no more than a time and an operation', () => {
    const { event } = azureActivity.read({ time: '2026-11-20T10:00:00Z', operationName: 'Microsoft.Web/sites/write' });
    expect(violations(event.ocsf)).toEqual([]);
    expect(event.principal).toBe('arm:/providers/microsoft.web');
    expect(event.operation).toBeUndefined();
  });

  it('keeps ids short whatever the record says', () => {
    const long = 'x'.repeat(100_000);
    for (const extra of [
      { correlationId: long },
      { eventDataId: long },
      { resourceId: `/${long}`, correlationId: 'c' },
    ]) {
      const { event } = azureActivity.read({ ...sample('run-command-rows'), ...extra });
      expect(event.id.length).toBeLessThanOrEqual(256);
      expect(event.recordId.length).toBeLessThanOrEqual(512);
      expect(event.operation?.length ?? 0).toBeLessThanOrEqual(512);
    }
  });

  it('makes of any object, and of any damaged record, a valid event or a named rejection, as the schema says', () => {
    const names = [
      'time',
      'operationName',
      'identity',
      'properties',
      'category',
      'TimeGenerated',
      'claims',
      'resourceId',
    ];
    fc.assert(
      fc.property(fc.oneof(anyObject(names), damaged(samples), damaged(samples)), (record) => {
        azureActivity.recognises(record);
        const result = attempt(record);
        expect(azureActivity.schema.safeParse(record).success).toBe(result !== undefined);
        if (result === undefined) return;
        expect(violations(result.event.ocsf)).toEqual([]);
        expect(result.event.id).toMatch(/^azure-activity\/[\x21-\x7e]{1,241}$/);
        expect(result.event.principal).not.toBe('');
        expect(result.event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
      }),
      { numRuns: 1000 },
    );
  });
});
