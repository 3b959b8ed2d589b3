import { describe, expect, it } from 'vitest';
import { samplesIn } from '../../../test/records.ts';
import { inExportForm, isActivity } from './forms.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));

describe('isActivity', () => {
  it.each(samples)('knows $name', ({ record }) => {
    expect(isActivity(record)).toBe(true);
  });

  it.each([
    ['a blob that was written', { category: 'StorageWrite', operationName: 'PutBlob', resourceId: '/subscriptions/a' }],
    ['a blob, without category', { operationName: 'putblob', properties: { accountName: 'a' } }],
    ['a secret that was read', { category: 'AuditEvent', operationName: 'SecretGet', identity: { claim: {} } }],
    [
      'the audit log of a cluster',
      { category: 'kube-audit', operationName: 'Microsoft.ContainerService/managedClusters/diagnosticLogs/Read' },
    ],
    [
      'a change of the directory, in a category that both logs have',
      {
        category: 'Policy',
        operationName: 'Delete conditional access policy',
        resourceId: '/tenants/a/providers/Microsoft.aadiam',
      },
    ],
    [
      'an operation on a tenant that looks like one on a resource',
      {
        category: 'Policy',
        operationName: 'Microsoft.aadiam/policies/write',
        resourceId: '/TENANTS/a/providers/Microsoft.aadiam',
      },
    ],
    ['a log of a function app', { category: 'FunctionAppLogs', operationName: 'Microsoft.Web/sites/functions/log' }],
    [
      'a row of another table',
      { Type: 'SigninLogs', OperationName: 'Sign-in activity', Category: 'SignInLogs', TimeGenerated: '' },
    ],
    [
      'a row of a resource log',
      { Type: 'AzureDiagnostics', Category: 'kube-audit', OperationName: 'a', TimeGenerated: '' },
    ],
    ['a row of no named table', { OperationName: 'Sign-in activity', Category: 'SignInLogs', TimeGenerated: '' }],
    ['an answer of another API', { operationName: { value: 'list' }, eventTimestamp: '' }],
    ['a call of AWS', { eventName: 'RunInstances', eventSource: 'ec2.amazonaws.com', eventTime: '' }],
    ['nothing', {}],
    [
      'values of other types',
      { category: 7, operationName: ['Microsoft.Web/sites/write'], properties: 'x', TimeGenerated: null },
    ],
  ])('does not claim %s', (_, record) => {
    expect(isActivity(record)).toBe(false);
  });

  it('finds the category in the properties where it is not beside them', () => {
    const operationName = 'Microsoft.Web/sites/write';
    expect(isActivity({ operationName, properties: { eventCategory: 'Administrative' } })).toBe(true);
    expect(isActivity({ operationName, properties: { eventCategory: 'Billing' } })).toBe(false);
  });
});

describe('inExportForm', () => {
  it('gives a record of the export as it is', () => {
    const opened = ['resource-health.json', 'role-assignment-claims-in-text.json'];
    const asTheyAre = samples.filter(
      ({ name, record }) => typeof record.operationName === 'string' && !opened.includes(name),
    );
    expect(asTheyAre.length).toBeGreaterThan(10);
    for (const { record } of asTheyAre) expect(inExportForm(record)).toBe(record);
  });

  it('opens strings that hold JSON, and leaves those that do not', () => {
    expect(inExportForm({ operationName: 'a', identity: '{"claims":{"appid":"b"}}', properties: '{"c":1}' })).toEqual({
      operationName: 'a',
      identity: { claims: { appid: 'b' } },
      properties: { c: 1 },
    });
    const broken = { operationName: 'a', identity: { claims: '{"appid":', authorization: 'no' }, properties: '{' };
    expect(inExportForm(broken)).toEqual(broken);
  });

  it('keeps the columns of a table beside the names of the export', () => {
    const row = samples.find(({ name }) => name === 'table-row.json')?.record ?? {};
    expect(inExportForm(row)).toMatchObject({
      ...row,
      time: '2026-11-20T15:00:01.1234567Z',
      operationName: 'MICROSOFT.KEYVAULT/VAULTS/DELETE',
      category: 'Administrative',
      resultType: 'Success',
      tenantId: '00000000-0000-4000-8000-0000000000aa',
      properties: { statusCode: 'OK' },
    });
  });

  it('takes the workspace for no tenant', () => {
    expect(inExportForm({ TimeGenerated: 'x', OperationNameValue: 'A.B/c', TenantId: 'w' }).tenantId).toBeUndefined();
  });
});
