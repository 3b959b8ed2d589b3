import { describe, expect, it } from 'vitest';
import { actionOf, operationOf } from './action-of.ts';
import type { ApiActivity, Authentication, DetectionFinding } from './ocsf/types.ts';

const common = {
  severity_id: 1,
  time: Date.UTC(2026, 10, 20, 12),
  metadata: { version: '1.8.0', product: {} },
} as const;

const call: ApiActivity = {
  ...common,
  category_uid: 6,
  class_uid: 6003,
  activity_id: 3,
  type_uid: 600303,
  status_id: 1,
  actor: { user: { name: 'mara' } },
  api: { operation: 'StopLogging', service: { name: 'cloudtrail.amazonaws.com' } },
  cloud: { provider: 'AWS', account: { uid: '111122223333' } },
  src_endpoint: {
    ip: '203.0.113.10',
    autonomous_system: { number: 64500 },
    location: { country: 'SE', city: 'Uppsala', lat: 59.9, long: 17.6 },
  },
  http_request: { user_agent: 'aws-cli/2.31.0' },
};

const signIn: Authentication = {
  ...common,
  category_uid: 3,
  class_uid: 3002,
  activity_id: 1,
  type_uid: 300201,
  status_id: 2,
  activity_name: 'Logon',
  user: { name: 'mara' },
  auth_protocol: 'deviceCode',
  service: { name: 'Contoso Portal' },
  cloud: { provider: 'Microsoft Entra', org: { uid: '00000000-0000-4000-8000-00000000c0de' } },
};

describe('actionOf', () => {
  it('takes of a call what was done, in which account, with which result and from where', () => {
    expect(actionOf(call)).toStrictEqual({
      operation: 'StopLogging',
      classUid: 6003,
      activityId: 3,
      outcome: 'success',
      service: 'cloudtrail.amazonaws.com',
      account: '111122223333',
      from: {
        ip: '203.0.113.10',
        asn: 64500,
        country: 'SE',
        city: 'Uppsala',
        latitude: 59.9,
        longitude: 17.6,
        client: 'aws-cli/2.31.0',
      },
    });
  });

  it('takes of a sign-in how and to what, and leaves out what is not known', () => {
    expect(actionOf(signIn)).toStrictEqual({
      operation: 'Logon',
      classUid: 3002,
      activityId: 1,
      outcome: 'failure',
      service: 'Contoso Portal',
      method: 'deviceCode',
      account: '00000000-0000-4000-8000-00000000c0de',
    });
  });

  it('says how somebody signed in of sign-ins alone, and no outcome that the event does not', () => {
    expect(actionOf(call)).not.toHaveProperty('method');
    expect(actionOf({ ...call, status_id: 99 }).outcome).toBe('unknown');
  });

  it('is the same before it is written as JSON and after', () => {
    const bare = { ...call, src_endpoint: { ip: '203.0.113.10', location: undefined }, http_request: undefined };
    for (const ocsf of [call, signIn, bare]) {
      expect(JSON.parse(JSON.stringify(actionOf(ocsf)))).toStrictEqual(actionOf(ocsf));
    }
  });

  it('cuts texts of records', () => {
    const long = 'x'.repeat(10_000);
    const action = actionOf({
      ...call,
      api: { operation: long, service: { name: long } },
      cloud: { provider: 'AWS', account: { uid: long } },
      http_request: { user_agent: long },
    });
    expect([action.operation, action.service, action.account, action.from?.client].map((text) => text?.length)).toEqual(
      [300, 300, 300, 200],
    );
  });
});

describe('operationOf', () => {
  it('is the name of the call, else the code of the event, else that of the activity', () => {
    expect(operationOf(call)).toBe('StopLogging');
    expect(operationOf({ ...signIn, metadata: { ...common.metadata, event_code: 'ConsoleLogin' } })).toBe(
      'ConsoleLogin',
    );
    expect(operationOf(signIn)).toBe('Logon');
  });
});

describe('of a finding', () => {
  const finding: DetectionFinding = {
    ...common,
    metadata: { ...common.metadata, event_code: 'VM_SuspectDownload' },
    category_uid: 2,
    class_uid: 2004,
    activity_id: 2,
    type_uid: 200402,
    status_id: 2,
    status: 'In Progress',
    finding_info: { uid: '1', title: 'Suspicious download' },
  };

  it('the title says what was done, and its status nothing of how it ended', () => {
    expect(actionOf(finding)).toMatchObject({ operation: 'Suspicious download', outcome: 'unknown' });
    expect(operationOf({ ...finding, finding_info: { uid: '1' } })).toBe('VM_SuspectDownload');
  });
});
