import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { samplesIn } from '../../../test/records.ts';
import { entra } from './index.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const TENANT = '00000000-0000-4000-8000-00000000000a';

function sample(name: string, changes: JsonObject = {}): JsonObject {
  const record = samples.find((candidate) => candidate.name === `${name}.json`)?.record;
  if (!isObject(record?.properties)) throw new Error(`no sample ${name}`);
  return { ...record, properties: { ...record.properties, ...changes } };
}

const eventOf = (name: string, changes?: JsonObject) => entra.read(sample(name, changes)).event;

describe('a risk that was detected', () => {
  it('is a finding about the user, with the sign-in that it judges', () => {
    const { event, logsource } = entra.read(sample('user-risk-detected'));
    expect(logsource).toEqual({ product: 'azure', service: 'riskdetection' });
    expect(event.principal).toBe(`entra-user:${TENANT}/00000000-0000-4000-8000-0000000000a1`);
    expect(event.time).toBe(Date.parse('2026-11-20T12:30:50.361Z'));
    expect(event.ocsf).toMatchObject({
      type_uid: 200401,
      status: 'New',
      severity_id: 4,
      is_alert: true,
      risk_level: 'High',
      finding_info: {
        title: 'anomalousToken',
        first_seen_time: Date.parse('2026-11-20T10:05:01.765Z'),
        related_events: [{ uid: '00000000-0000-4000-8000-000000000005' }],
      },
      evidences: [{ src_endpoint: { ip: '198.51.100.23' }, http_request: { user_agent: 'python-requests/2.32.0' } }],
    });
  });

  it('is another event under the same record id once it was decided upon, at the time of the decision', () => {
    const [detected, dismissed] = [eventOf('user-risk-detected'), eventOf('user-risk-dismissed')];
    expect(dismissed.recordId).toBe(detected.recordId);
    expect(dismissed.id).not.toBe(detected.id);
    expect(dismissed.time).toBe(Date.parse('2026-11-20T12:55:27.739Z'));
    expect(dismissed.ocsf).toMatchObject({ type_uid: 200403, status: 'Suppressed', severity_id: 1, is_alert: false });
  });

  it('of a service principal names its keys', () => {
    const { entities, principal } = eventOf('service-principal-risk-detected');
    expect(principal).toBe(`entra-sp:${TENANT}/00000000-0000-4000-8000-000000000051`);
    expect(entities.map(({ key }) => key)).toContain('entra-credential:00000000-0000-4000-8000-000000000ce1');
    expect(eventOf('service-principal-risk-confirmed').ocsf).toMatchObject({ type_uid: 200402, is_alert: true });
  });
});

describe('the risk state of a user or service principal', () => {
  it('has its id from the user and the time of the change', () => {
    const [risky, remediated] = [eventOf('risky-user'), eventOf('risky-user-remediated')];
    expect(risky.recordId).toBe('00000000-0000-4000-8000-0000000000a1');
    expect(remediated.recordId).toBe(risky.recordId);
    expect(risky.id).toBe(`entra/${risky.recordId}/2026-11-20T12:32:52.702Z`);
    expect(remediated.id).toBe(`entra/${risky.recordId}/2026-11-20T12:45:52.702Z`);
    expect([risky.ocsf, remediated.ocsf]).toMatchObject([
      { status: 'New', severity_id: 4 },
      { status: 'Resolved', severity_id: 1, status_detail: 'userPerformedSecuredPasswordReset' },
    ]);
  });

  it('is about the service principal that its id names', () => {
    const { principal, entities } = eventOf('risky-service-principal');
    expect(principal).toBe(`entra-sp:${TENANT}/00000000-0000-4000-8000-000000000051`);
    expect(entities.map(({ label }) => label)).toEqual(['nightly-backup', 'nightly-backup']);
    expect(eventOf('risky-service-principal-safe').ocsf).toMatchObject({ status: 'Suppressed', severity_id: 1 });
  });

  it('of an unknown kind is kept as unknown, and hidden levels as none', () => {
    expect(eventOf('risky-user', { riskState: 'unknownFutureValue', riskLevel: 'hidden' }).ocsf).toMatchObject({
      type_uid: 200400,
      status_id: 0,
      status_code: 'unknownFutureValue',
      severity_id: 1,
      risk_level_id: undefined,
    });
  });
});
