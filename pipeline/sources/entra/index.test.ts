import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { CATEGORIES } from './categories.ts';
import { entra } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));

/** Objects with the names that the samples have, under a category that is Entra's. */
const names = [...new Set(samples.flatMap(({ record }) => namesIn(record)))];
const anyRecord = fc
  .tuple(fc.constantFrom(...Object.keys(CATEGORIES)), anyObject(names), anyObject(names), fc.boolean())
  .map(([category, record, properties, isTimed]) => ({
    ...record,
    ...(isTimed ? { time: '2026-11-20T10:00:00Z' } : {}),
    category,
    properties,
  }));

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(namesIn);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}

function attempt(record: JsonObject): ReadRecord | undefined {
  try {
    return entra.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
    return undefined;
  }
}

function expectPromises(record: JsonObject): void {
  const isRecognised = entra.recognises(record);
  const result = attempt(record);
  expect(entra.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  expect(isRecognised).toBe(true);
  const { event } = result;
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^entra\/[\x21-\x7e]{1,250}$/);
  expect(event.principal).not.toBe('');
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  const keys = event.entities.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toContain(event.principal);
  expect(entra.read(record).event).toEqual(event);
}

describe('every sample', () => {
  it.each(samples)('$name is read as valid OCSF, and not changed', ({ record }) => {
    expect(entra.recognises(record)).toBe(true);
    expectPromises(frozen(structuredClone(record)));
    const { event, logsource } = entra.read(record);
    expect(event.source).toBe('entra');
    expect(event.ocsf.metadata.tenant_uid).toBe('00000000-0000-4000-8000-00000000000a');
    expect(logsource).toBe(entra.read(record).logsource);
  });

  it('has an event of its own', () => {
    expect(new Set(samples.map(({ record }) => entra.read(record).event.id)).size).toBe(samples.length);
  });

  it('shows each category with at least two outcomes', () => {
    const outcomes = new Map<string, Set<unknown>>();
    for (const { record } of samples) {
      const { ocsf } = entra.read(record).event;
      const category = String(ocsf.metadata.log_name).toLowerCase();
      outcomes.set(category, (outcomes.get(category) ?? new Set()).add(ocsf.status_id));
    }
    const few = [...outcomes].filter(([, statuses]) => statuses.size < 2).map(([category]) => category);
    expect(few).toEqual([]);
    expect(outcomes.size).toBe(Object.keys(CATEGORIES).length);
  });
});

describe('hostile input', () => {
  it('is read as valid OCSF or rejected by name, as the schema says, whatever the object', () => {
    fc.assert(fc.property(fc.oneof(anyRecord, anyObject(['category', 'properties', ...names])), expectPromises), {
      numRuns: 400,
    });
  });

  it('is read as valid OCSF or rejected by name where a record is damaged', () => {
    fc.assert(fc.property(damaged(samples), expectPromises), { numRuns: 1000 });
  });

  it('cannot reach the prototypes of objects', () => {
    const record = JSON.parse(
      '{"category":"AuditLogs","time":"2026-11-20T10:00:00Z","__proto__":{"time":"1999-01-01T00:00:00Z"},"properties":{"initiatedBy":{"user":{"__proto__":{"id":"x"}}},"activityDisplayName":"constructor","__proto__":{"id":"y"}}}',
    ) as JsonObject;
    expectPromises(record);
    expect(entra.read(record).event.ocsf.unmapped).not.toHaveProperty('id');
    expect(Object.getPrototypeOf(entra.read(record).event.ocsf.unmapped)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('time');
  });

  it('with more targets than an event may name takes no time over the rest', () => {
    const target = {
      type: 'User',
      id: 'x',
      modifiedProperties: [{ displayName: 'Role.DisplayName', newValue: '"a"' }],
    };
    const targetResources = Array.from({ length: 300_000 }, () => target);
    const properties = { id: 'x', activityDisplayName: 'Add member to role', initiatedBy: {}, targetResources };
    const record = { category: 'AuditLogs', time: '2026-11-20T10:00:00Z', properties };
    const start = performance.now();
    for (let i = 0; i < 100; i++) expect(entra.read(record).event.entities).toHaveLength(2);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('rejections', () => {
  it.each([
    [
      { category: 'AuditEvent', properties: {} },
      /^category: expected a category of Entra \(SignInLogs, .*\), found 'AuditEvent'$/,
    ],
    [{ category: 'SignInLogs' }, 'properties: expected an object, found nothing'],
    [{ category: 'SignInLogs', properties: '{}' }, "properties: expected an object, found '{}'"],
    [{ category: 'SignInLogs', properties: {} }, 'time or properties.createdDateTime: expected a time, found nothing'],
    [
      { category: 'SignInLogs', time: 'yesterday', properties: {} },
      "time or properties.createdDateTime: expected a time, found 'yesterday'",
    ],
    [
      { category: 'RiskyUsers', properties: { riskLastUpdatedDateTime: 'soon' } },
      "properties.riskLastUpdatedDateTime: expected a time, found 'soon'",
    ],
    [
      {
        category: 'AuditLogs',
        time: '2026-11-20T10:00:00Z',
        properties: { initiatedBy: {}, activityDisplayName: ' ' },
      },
      'properties.activityDisplayName or operationName: expected the name of an activity, found nothing',
    ],
  ])('of %j name what is wrong', (record, reason) => {
    expect(() => entra.read(record)).toThrow(RejectedRecord);
    expect(() => entra.read(record)).toThrow(reason);
  });
});

describe('recognises', () => {
  it.each([
    ['a category in any case', { category: 'NONINTERACTIVEUSERSIGNINLOGS' }, true],
    [
      'a broken audit record of Entra',
      { category: 'AuditLogs', resourceId: '/TENANTS/x/PROVIDERS/MICROSOFT.AADIAM' },
      true,
    ],
    [
      'an audit record of Intune',
      { category: 'AuditLogs', resourceId: '/TENANTS/x/PROVIDERS/MICROSOFT.INTUNE', properties: { ActivityType: 0 } },
      false,
    ],
    [
      'an audit record of a health data service',
      { category: 'AuditLogs', resourceId: '/SUBSCRIPTIONS/x', properties: {} },
      false,
    ],
    [
      'an audit under the category of its activity',
      {
        category: 'Policy',
        properties: { loggedByService: 'Core Directory', activityDisplayName: 'Update policy', initiatedBy: {} },
      },
      true,
    ],
    [
      'an Activity record of Azure Policy',
      { category: 'Policy', operationName: 'Microsoft.Authorization/policies/audit/action', properties: {} },
      false,
    ],
    [
      'activity of Microsoft Graph',
      {
        category: 'MicrosoftGraphActivityLogs',
        resourceId: '/TENANTS/x/PROVIDERS/MICROSOFT.AADIAM',
        properties: { userId: 'x' },
      },
      false,
    ],
    [
      'a provisioning record',
      { category: 'ProvisioningLogs', properties: { initiatedBy: {}, provisioningAction: 'create' } },
      false,
    ],
    ['a row of the sign-in table', { Type: 'SigninLogs', TimeGenerated: '2026-11-20T10:00:00Z' }, true],
    ['a row that names its table in another way', { $table: 'AADRiskyUsers', OperationName: 'Risky user' }, true],
    [
      'a row without its table, but with the category of a sign-in',
      { Category: 'SignInLogs', OperationName: 'Sign-in activity' },
      true,
    ],
    ['a row of an audit without its table', { Category: 'GroupManagement', OperationName: 'Add group' }, false],
    ['a row of another table', { Type: 'AzureActivity', OperationName: 'x' }, false],
    ['nothing', {}, false],
  ])('%s', (_, record, expected) => {
    expect(entra.recognises(record)).toBe(expected);
  });
});
