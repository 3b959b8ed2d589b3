import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { samplesIn } from '../../../test/records.ts';
import { entra } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const TENANT = '00000000-0000-4000-8000-00000000000a';
const AVERY = `entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a9`;
const DANA = { uid: '00000000-0000-4000-8000-0000000000a5', name: 'dana@contoso.example' };

function sample(name: string, changes: JsonObject = {}): JsonObject {
  const record = samples.find((candidate) => candidate.name === `audit-${name}.json`)?.record;
  if (!isObject(record?.properties)) throw new Error(`no sample ${name}`);
  return { ...record, properties: { ...record.properties, ...changes } };
}

const eventOf = (name: string, changes?: JsonObject) => entra.read(sample(name, changes)).event;
const targetsOf = (name: string, changes?: JsonObject): string[] =>
  eventOf(name, changes)
    .entities.filter(({ part }) => part === 'target')
    .map(({ kind, key }) => `${kind} ${key}`);

describe('an audit', () => {
  it('names who did what, when, from where, to what, by what service', () => {
    const { event, fields, logsource } = entra.read(sample('global-administrator-added'));
    expect(logsource).toEqual({ product: 'azure', service: 'auditlogs' });
    expect(fields.operationName).toBe('Add member to role');
    expect(event).toMatchObject({
      recordId: 'Directory_00000000-0000-4000-8000-000000009065_ABCDE_101',
      principal: AVERY,
      time: Date.parse('2026-11-20T11:01:03Z'),
    });
    expect(event.ocsf).toMatchObject({
      type_uid: 300501,
      status_id: 1,
      message: 'Add member to role',
      actor: { user: { name: 'avery.admin@contoso.example' } },
      user: DANA,
      privileges: ['Global Administrator'],
      api: { operation: 'Add member to role', service: { name: 'Core Directory' } },
      src_endpoint: { ip: '203.0.113.9' },
      http_request: { user_agent: 'Mozilla/5.0 (X11; Linux x86_64) example/1.0' },
      metadata: { log_provider: 'Core Directory', event_code: 'Add member to role', log_name: 'AuditLogs' },
    });
    expect(event.entities.map(({ part, key }) => `${part} ${key}`)).toEqual([
      `actor ${AVERY}`,
      'actor upn:avery.admin@contoso.example',
      'origin ip:203.0.113.9',
      `target entra-user:${TENANT}/${DANA.uid}`,
      'target upn:dana@contoso.example',
      `target entra-object:${TENANT}/00000000-0000-4000-8000-000000000601`,
    ]);
  });

  it('by an application is put under its service principal', () => {
    const event = eventOf('user-created');
    expect(event.principal).toBe(`entra-sp:${TENANT}/00000000-0000-4000-8000-000000000059`);
    expect(event.ocsf).toMatchObject({
      type_uid: 300101,
      actor: { user: { type_id: 4, name: 'provisioning' }, app_name: 'provisioning' },
      user: { name: 'evan@contoso.example' },
      src_endpoint: undefined,
    });
  });

  it('by the directory itself, about nothing in it, is API activity under the tenant', () => {
    const event = eventOf('directory-sync-without-target');
    expect(event.principal).toBe(`entra-tenant:${TENANT}`);
    expect(event.ocsf).toMatchObject({
      type_uid: 600303,
      actor: { user: { name: 'Sync Service' } },
      src_endpoint: { svc_name: 'Core Directory' },
    });
    const nameless = eventOf('directory-sync-without-target', { initiatedBy: {}, loggedByService: null });
    expect(nameless.ocsf).toMatchObject({
      actor: { app_name: 'Microsoft Entra ID' },
      src_endpoint: { svc_name: 'Microsoft Entra ID' },
    });
  });

  it.each([
    ['success', 1],
    [0, 1],
    ['Failure', 2],
    [1, 2],
    ['timeout', 2],
    ['unknownFutureValue', 99],
    [undefined, 0],
  ])('with result %j has status %i', (result, status_id) => {
    expect(eventOf('policy-deleted', { result }).ocsf).toMatchObject({ status_id });
  });

  it('that failed says why', () => {
    expect(eventOf('service-principal-credentials-refused').ocsf).toMatchObject({
      status_id: 2,
      status_code: 'failure',
      status_detail: 'Insufficient privileges to complete the operation.',
    });
  });

  it('takes the address that privileged identity management writes among its details', () => {
    expect(eventOf('role-in-pim-completed').ocsf).toMatchObject({ src_endpoint: { ip: '203.0.113.9' } });
  });

  it('keeps hostile names as text', () => {
    expect(eventOf('hostile-names').ocsf).toMatchObject({
      class_uid: 3006,
      group: { name: '=cmd|" /C calc"!A0\u0000\u202e</script><script>alert(1)</script>' },
    });
  });
});

describe('access given and taken', () => {
  it.each([
    ['global-administrator-added', 300501, DANA.name, ['Global Administrator']],
    ['role-removed-by-app', 300502, 'nightly-backup', ['Application Administrator']],
    ['role-in-pim-completed', 300501, DANA.name, ['Global Administrator']],
    ['role-in-pim-requested', 300599, DANA.name, ['Global Administrator']],
    ['consent-by-administrator', 300501, 'Mail Helper', ['Mail.ReadWrite', 'offline_access']],
    ['delegated-grant-widened', 300501, undefined, ['Mail.Send']],
    ['application-role-granted', 300501, 'nightly-backup', ['RoleManagement.ReadWrite.Directory']],
    ['default-access-granted-to-user', 300501, DANA.name, ['Default Access']],
    ['owner-added', 300501, DANA.name, ['Owner']],
    ['elevated-access', 300501, 'avery.admin@contoso.example', ['User Access Administrator']],
  ])('%s', (name, type_uid, user, privileges) => {
    expect(eventOf(name).ocsf).toMatchObject({ type_uid, user: { name: user }, privileges });
  });

  it('names the resource, apart from who may use it', () => {
    expect(eventOf('application-role-granted').ocsf).toMatchObject({
      user: { uid: '00000000-0000-4000-8000-000000000051', uid_alt: '00000000-0000-4000-8000-0000000000c1' },
      resources: [{ name: 'Microsoft Graph' }],
    });
    expect(targetsOf('application-role-granted')).toContain(
      'application entra-app:00000000-0000-4000-8000-0000000000c1',
    );
  });

  it('keeps a name for what OCSF has no number for', () => {
    expect(eventOf('role-in-pim-requested').ocsf.activity_name).toBe('Add member to role in PIM requested (timebound)');
  });

  it('of which the privilege is not named is a change of its target', () => {
    const targetResources = [
      { type: 'User', id: DANA.uid, modifiedProperties: [{ displayName: 'x', newValue: '"y"' }] },
    ];
    expect(eventOf('global-administrator-added', { targetResources }).ocsf).toMatchObject({
      class_uid: 3004,
      entity: { uid: DANA.uid, type: 'User' },
    });
  });
});

describe('credentials', () => {
  it('that were added are named, and those that were there before are not', () => {
    const { ocsf } = eventOf('application-secret-added');
    expect(ocsf).toMatchObject({ type_uid: 300403, entity: { name: 'nightly-backup', type: 'Application' } });
    // The dash and the space are the record's own.
    expect(ocsf).toMatchObject({ message: 'Update application – Certificates and secrets management ' });
    const targets = targetsOf('application-secret-added');
    expect(targets).toContain('access-key entra-credential:00000000-0000-4000-8000-000000000ce1');
    expect(targets).not.toContain('access-key entra-credential:00000000-0000-4000-8000-000000000ce0');
  });

  it('that are federated are named by their ids', () => {
    expect(targetsOf('federated-credential-added')).toContain(
      'access-key entra-credential:00000000-0000-4000-8000-00000000fed1',
    );
  });

  it('that are federated are named with whom they let in, unless the application had them before', () => {
    const credential = (Id: string, Issuer: string, Subject: string) => ({ Id, Issuer, Subject });
    const old = credential('00000000-0000-4000-8000-00000000fed0', 'https://oidc.fabrikam.example', 'old');
    const role = 'arn:aws:iam::111122223333:role/ops/Deploy';
    const added = credential('00000000-0000-4000-8000-00000000fed2', 'https://x.tokens.sts.global.api.aws', role);
    const changedTo = (newValue: JsonObject[]) => {
      const [oldText, newText] = [JSON.stringify([old]), JSON.stringify(newValue)];
      const property = { displayName: 'FederatedIdentityCredentials', oldValue: oldText, newValue: newText };
      const targetResources = [{ type: 'Application', id: 'x', modifiedProperties: [property] }];
      return targetsOf('federated-credential-added', { targetResources });
    };
    expect(changedTo([old, added])).toEqual([
      `application entra-object:${TENANT}/x`,
      'access-key entra-credential:00000000-0000-4000-8000-00000000fed2',
      `service-account federated:x.tokens.sts.global.api.aws|${role}`,
      `role aws:${role}`,
    ]);
    expect(changedTo([{ ...old, Subject: 'new' }])).toContain('service-account federated:oidc.fabrikam.example|new');
    expect(changedTo([])).toContain('service-account federated:oidc.fabrikam.example|old');
    expect(changedTo([{ ...added, Subject: 'x'.repeat(600) }])).toHaveLength(2);
  });

  it.each(['"[', '[{"Id":7}]', '{}', '"\\"[]\\""', '['.repeat(30_000), 'x'.repeat(70_000)])(
    'in a value that holds none are not made up (%#)',
    (newValue) => {
      const modifiedProperties = ['FederatedIdentityCredentials', 'KeyDescription', 'ConsentAction.Permissions'].map(
        (displayName) => ({ displayName, newValue, oldValue: newValue }),
      );
      const targetResources = [{ type: 'Application', id: 'x', modifiedProperties }];
      expect(targetsOf('federated-credential-added', { targetResources })).toEqual([
        `application entra-object:${TENANT}/x`,
      ]);
    },
  );
});

describe('groups, accounts and other objects', () => {
  it('a member that joins a group', () => {
    expect(eventOf('group-member-added').ocsf).toMatchObject({
      type_uid: 300603,
      group: { uid: '00000000-0000-4000-8000-000000000301', name: 'Tier 0 administrators' },
      user: DANA,
      subgroup: undefined,
    });
  });

  it('a group that leaves a group', () => {
    expect(eventOf('subgroup-removed').ocsf).toMatchObject({
      type_uid: 300608,
      group: { name: 'Tier 0 administrators' },
      subgroup: { name: 'Contractors' },
      user: undefined,
    });
  });

  it.each([
    ['guest-invited', 300101],
    ['password-reset-failed', 300104],
    ['security-info-registered', 300110],
    ['policy-deleted', 300404],
    ['domain-federated', 300403],
    ['device-registered', 300406],
  ])('%s', (name, type_uid) => {
    expect(eventOf(name).ocsf.type_uid).toBe(type_uid);
  });

  it('a guest by the name she has at home too', () => {
    expect(targetsOf('guest-invited')).toContain('user upn:frankie@fabrikam.example');
  });

  it('a device by the id that sign-ins give it', () => {
    expect(targetsOf('device-registered')).toContain('device entra-device:00000000-0000-4000-8000-0000000000d2');
  });
});
