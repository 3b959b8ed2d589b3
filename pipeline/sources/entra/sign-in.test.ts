import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { samplesIn } from '../../../test/records.ts';
import type { Authentication } from '../../timeline/ocsf/types.ts';
import { entra } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const TENANT = '00000000-0000-4000-8000-00000000000a';
const ADELE = `entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a1`;

function sample(name: string, changes: JsonObject = {}): JsonObject {
  const record = samples.find((candidate) => candidate.name === `${name}.json`)?.record;
  if (!isObject(record?.properties)) throw new Error(`no sample ${name}`);
  return { ...record, properties: { ...record.properties, ...changes } };
}

function signIn(record: JsonObject): Authentication {
  const { ocsf } = entra.read(record).event;
  if (ocsf.class_uid !== 3002) throw new Error(`class ${ocsf.class_uid}`);
  return ocsf;
}

const keysOf = (record: JsonObject): string[] =>
  entra.read(record).event.entities.map(({ part, kind, key }) => `${part} ${kind} ${key}`);

describe('a sign-in', () => {
  it('names who, from where, with what, to what, and how it ended', () => {
    const record = sample('sign-in-with-mfa');
    const { event, fields, logsource } = entra.read(record);
    expect(fields).toBe(record);
    expect(logsource).toEqual({ product: 'azure', service: 'signinlogs' });
    expect(event).toMatchObject({
      id: 'entra/00000000-0000-4000-8000-000000000001',
      recordId: '00000000-0000-4000-8000-000000000001',
      principal: ADELE,
      // When the sign-in began, not when its record was exported.
      time: Date.parse('2026-11-20T10:01:01.765Z'),
    });
    expect(event.ocsf).toMatchObject({
      type_uid: 300201,
      status_id: 1,
      status_code: '0',
      status_detail: 'MFA completed in Azure AD',
      user: { uid: '00000000-0000-4000-8000-0000000000a1', name: 'adele@contoso.example', type_id: 1 },
      actor: { app_name: 'Azure Portal', idp: { tenant_uid: TENANT } },
      service: { name: 'Windows Azure Service Management API' },
      session: { uid: '00000000-0000-4000-8000-000000005e51', uid_alt: 'AAAAAExampleUti0000001' },
      src_endpoint: {
        ip: '203.0.113.7',
        location: { city: 'Paris', country: 'FR', lat: 48.85, long: 2.35 },
        autonomous_system: { number: 64500 },
      },
      device: {
        uid: '00000000-0000-4000-8000-0000000000d1',
        name: 'LAPTOP-0001',
        os: { type_id: 100 },
        is_compliant: true,
      },
      is_mfa: true,
      auth_factors: [{ factor_type_id: 11 }, { factor_type_id: 5 }],
      authorizations: [
        { decision: 'success', policy: { name: 'Require MFA for all users' } },
        { decision: 'reportOnlyFailure', policy: { name: 'Require compliant device (report-only)' } },
      ],
      action_id: 1,
      metadata: {
        original_time: '2026-11-20T10:01:01.7654321+00:00',
        logged_time: Date.parse('2026-11-20T10:01:05.123Z'),
        log_name: 'SignInLogs',
        tenant_uid: TENANT,
      },
    });
    expect(keysOf(record)).toEqual([
      `actor user ${ADELE}`,
      'actor user upn:adele@contoso.example',
      'credential session entra-session:00000000-0000-4000-8000-000000005e51',
      'credential session entra-token:AAAAAExampleUti0000001',
      'origin ip ip:203.0.113.7',
      'origin device entra-device:00000000-0000-4000-8000-0000000000d1',
      'origin application entra-app:c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
      `target service-principal entra-sp:${TENANT}/00000000-0000-4000-8000-0000000005a1`,
      'target application entra-app:797f4846-ba00-4fd7-ba43-dac1f8f63013',
    ]);
  });

  it('keeps what has no place of its own, known to this release or not', () => {
    const unmapped = signIn(sample('sign-in-device-code-at-risk', { fieldOfTomorrow: [1] })).unmapped;
    expect(unmapped).toMatchObject({
      resultSignature: 'None',
      properties: {
        originalTransferMethod: 'deviceCodeFlow',
        riskEventTypes_v2: ['anomalousToken'],
        fieldOfTomorrow: [1],
      },
    });
    const { properties } = unmapped ?? {};
    expect(isObject(properties) && Object.hasOwn(properties, 'userId')).toBe(false);
  });

  it.each([
    ['0', 1, 'Success'],
    [0, 1, 'Success'],
    ['SUCCESS', 1, 'Success'],
    ['50126', 2, 'Failure'],
    [500121, 2, 'Failure'],
    ['53003', 2, 'Failure'],
    ['50140', 99, 'Interrupted'],
    ['50074', 99, 'Interrupted'],
    [50076, 99, 'Interrupted'],
    ['50058', 99, 'Interrupted'],
    ['50097', 99, 'Interrupted'],
    ['65001', 99, 'Interrupted'],
  ])('that ends with %s has status %i, %s', (resultType, status_id, status) => {
    const ocsf = signIn({ ...sample('sign-in-with-mfa'), resultType });
    expect(ocsf).toMatchObject({ status_id, status, status_code: String(resultType) });
    expect(ocsf.is_mfa).toBe(status_id === 1 ? true : undefined);
  });

  it('takes its code from status where there is no resultType, and says where there is neither', () => {
    expect(signIn({ ...sample('sign-in-wrong-password'), resultType: null })).toMatchObject({
      status_id: 2,
      status_code: '50126',
      status_detail: 'Error validating credentials due to invalid username or password.',
    });
    const record = { ...sample('sign-in-wrong-password', { status: 'x' }), resultType: {} };
    expect(signIn(record)).toMatchObject({ status_id: 0, action_id: 0, disposition_id: 0 });
  });

  it('that was blocked by policy is told from one that was rejected', () => {
    const blocked = signIn(sample('sign-in-guest-blocked-by-policy'));
    expect(blocked).toMatchObject({
      action: 'Denied',
      disposition: 'Blocked',
      authorizations: [{ decision: 'failure' }],
    });
    expect(signIn(sample('sign-in-wrong-password'))).toMatchObject({ action: 'Denied', disposition: 'Rejected' });
    expect(signIn(sample('sign-in-interrupted'))).toMatchObject({ action: 'Challenged', disposition: 'Challenge' });
  });

  it('is as severe as a risk that stands, and no longer where it was dismissed', () => {
    const atRisk = sample('sign-in-device-code-at-risk');
    expect(signIn(atRisk)).toMatchObject({ severity_id: 4, risk_level: 'High', auth_protocol: 'deviceCode' });
    expect(signIn(sample('sign-in-device-code-at-risk', { riskState: 'dismissed' })).severity_id).toBe(1);
    // Workload sign-ins say "low" with no risk at all.
    expect(signIn(sample('service-principal-with-secret')).severity_id).toBe(1);
  });

  it('writes an address in canonical form, with its port apart, or none', () => {
    expect(signIn(sample('sign-in-device-code-at-risk')).src_endpoint?.ip).toBe('2001:db8::23');
    expect(signIn(sample('adfs-forms')).src_endpoint).toMatchObject({ ip: '192.0.2.15', port: 51324 });
    expect(signIn(sample('managed-identity-token')).src_endpoint).toBeUndefined();
    const nowhere = { ...sample('sign-in-with-mfa', { ipAddress: '<null>' }), callerIpAddress: '198.51.100.4' };
    expect(signIn(nowhere).src_endpoint?.ip).toBe('198.51.100.4');
  });

  it('of a guest also names her by the name she has at home', () => {
    const record = sample('sign-in-guest-blocked-by-policy');
    const { event } = entra.read(record);
    expect(event.principal).toBe(`entra-user:${TENANT}/00000000-0000-4000-8000-0000000000e1`);
    expect(event.entities.map(({ key }) => key)).toEqual(
      expect.arrayContaining(['upn:casey_fabrikam.example#ext#@contoso.example', 'upn:casey@fabrikam.example']),
    );
    expect(signIn(record).user).toMatchObject({ org: { uid: '00000000-0000-4000-8000-00000000000b' } });
  });

  it.each([
    ['nobody@contoso.example', 'upn:nobody@contoso.example'],
    ['', 'entra-app:c44b4083-3bb0-49c1-b47d-974e53cbdf3c'],
    ['not a name', 'entra-app:c44b4083-3bb0-49c1-b47d-974e53cbdf3c'],
  ])('of an account that does not exist, typed as %j, is not put under the address', (userPrincipalName, principal) => {
    expect(entra.read(sample('sign-in-of-nobody', { userPrincipalName })).event.principal).toBe(principal);
  });

  it('that names nothing at all is put under the tenant', () => {
    const { event } = entra.read({
      category: 'SignInLogs',
      tenantId: TENANT,
      time: '2026-11-20T10:00:00Z',
      properties: {},
    });
    expect(event.principal).toBe(`entra-tenant:${TENANT}`);
    expect(event.id).toMatch(/^entra\/[0-9a-f]{40}$/);
  });

  it('takes its tenant from the resource where it has no tenantId', () => {
    const record = {
      ...sample('sign-in-with-mfa'),
      tenantId: undefined,
      resourceId: `/TeNaNtS/${TENANT.toUpperCase()}/providers/x`,
    };
    expect(entra.read(record).event.principal).toBe(ADELE);
  });
});

describe('a sign-in of a workload', () => {
  it('of a service principal names its application and the secret it used', () => {
    const record = sample('service-principal-with-secret');
    expect(keysOf(record).slice(0, 4)).toEqual([
      `actor service-principal entra-sp:${TENANT}/00000000-0000-4000-8000-000000000051`,
      'actor application entra-app:00000000-0000-4000-8000-0000000000c1',
      'credential session entra-token:AAAAAExampleUti0000009',
      'credential access-key entra-credential:00000000-0000-4000-8000-000000000ce1',
    ]);
    expect(signIn(record)).toMatchObject({
      user: { uid_alt: '00000000-0000-4000-8000-0000000000c1', name: 'nightly-backup', type_id: 4 },
      session: { credential_uid: '00000000-0000-4000-8000-000000000ce1' },
      logon_type: 'Non-interactive',
    });
  });

  it('names a federated credential by its id', () => {
    expect(keysOf(sample('service-principal-federated'))).toContain(
      'credential access-key entra-credential:00000000-0000-4000-8000-00000000fed1',
    );
  });

  it('of a managed identity names the resource that has it', () => {
    const { event } = entra.read(sample('managed-identity-token'));
    expect(event.entities[0]).toMatchObject({ kind: 'managed-identity', key: event.principal, label: 'vm-web-01' });
    expect(event.entities).toContainEqual(
      expect.objectContaining({
        kind: 'resource',
        part: 'origin',
        key: 'arm:/subscriptions/00000000-0000-4000-8000-0000000005b1/resourcegroups/rg-web/providers/microsoft.compute/virtualmachines/vm-web-01',
      }),
    );
  });
});
