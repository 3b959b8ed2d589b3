import { describe, expect, it } from 'vitest';
import { samplesIn } from '../../../test/records.ts';
import { fromColumns } from './columns.ts';
import { entra } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const TENANT = '00000000-0000-4000-8000-00000000000a';

const read = (name: string) => {
  const record = samples.find((candidate) => candidate.name === name)?.record;
  if (record === undefined) throw new Error(`no sample ${name}`);
  return { record, ...entra.read(record) };
};

describe('a row of Log Analytics', () => {
  it('of the sign-in table is a sign-in', () => {
    const { event } = read('table-row-sign-in.json');
    expect(event).toMatchObject({
      id: 'entra/00000000-0000-4000-8000-000000000020',
      principal: `entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a7`,
      time: Date.parse('2026-11-20T10:20:01.456Z'),
    });
    expect(event.ocsf).toMatchObject({
      type_uid: 300201,
      status_code: '50057',
      status_detail: 'User account is disabled.',
      src_endpoint: { ip: '198.51.100.99', location: { city: 'Paris' }, autonomous_system: { number: 64500 } },
      service: { uid: '797f4846-ba00-4fd7-ba43-dac1f8f63013' },
      logon_type: 'Interactive',
      metadata: { log_name: 'SignInLogs', tenant_uid: TENANT },
    });
  });

  it('of the audit table is an audit', () => {
    expect(read('table-row-audit.json').event.ocsf).toMatchObject({
      type_uid: 300105,
      user: { name: 'dana@contoso.example' },
    });
  });

  it('shows rules its fields by the names of the table and of the export', () => {
    const { fields, record } = read('table-row-audit.json');
    expect(fields).toMatchObject({
      ...record,
      category: 'AuditLogs',
      operationName: 'Disable account',
      properties: {
        category: 'UserManagement',
        operationType: 'Update',
        initiatedBy: { user: { ipAddress: '203.0.113.9' } },
      },
    });
  });
});

describe('fromColumns', () => {
  it('reads the columns of an export to CSV: marks behind names, JSON in text, empty cells', () => {
    expect(
      fromColumns(
        {
          'CreatedDateTime [UTC]': '4/28/2026, 2:08:45.221 PM',
          Status_dynamic: '{"errorCode":0}',
          Status_string: '',
          IsInteractive: 'TRUE',
          UserAgent: '',
          UserPrincipalName: 'x',
        },
        'SignInLogs',
      ),
    ).toEqual({
      category: 'SignInLogs',
      properties: {
        createdDateTime: '4/28/2026, 2:08:45.221 PM',
        status: { errorCode: 0 },
        isInteractive: true,
        userPrincipalName: 'x',
      },
    });
  });

  it('does not take the workspace for the tenant, nor names that are no columns', () => {
    const row = JSON.parse(
      '{"TenantId":"workspace","__proto__":{"x":1},"constructor":"x","Type":"SigninLogs"}',
    ) as never;
    const record = fromColumns(row, 'SignInLogs');
    expect(record).toEqual({ category: 'SignInLogs', properties: {} });
    expect(Object.getPrototypeOf(record.properties)).toBe(Object.prototype);
  });

  it('leaves text that only looks like JSON, and JSON nested too deep, as it is', () => {
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
    expect(fromColumns({ Identity: '[external] Sam', Status: '{', DeviceDetail: deep }, 'SignInLogs')).toEqual({
      category: 'SignInLogs',
      identity: '[external] Sam',
      properties: { status: '{', deviceDetail: deep },
    });
  });
});
