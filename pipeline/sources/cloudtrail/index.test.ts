import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { decode } from '../decode.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { check } from './check.ts';
import { cloudtrail } from './index.ts';
import { withNames } from './lower-case.ts';
import { schema } from './schema.ts';

const FOLDER = join(import.meta.dirname, 'samples');
const NAMES = readdirSync(FOLDER).map((file) => file.replace('.json', ''));

/** The records of a sample, as a body is taken apart. */
function records(name: string): JsonObject[] {
  return decode(readFileSync(join(FOLDER, `${name}.json`))).map((decoded) => {
    if ('rejected' in decoded) throw new Error(`${name}: ${decoded.rejected}`);
    return decoded.record;
  });
}

function sample(name: string): JsonObject {
  const [record] = records(name);
  if (record === undefined) throw new Error(`${name} holds no record`);
  return record;
}

const read = (name: string): ReadRecord => cloudtrail.read(sample(name));
const keys = ({ event }: ReadRecord, part: string): string[] =>
  event.entities.filter((entity) => entity.part === part).map((entity) => entity.key);

describe('every sample', () => {
  it.each(NAMES)('%s is recognised, read, and valid OCSF', (name) => {
    for (const record of records(name)) {
      const before = JSON.stringify(record);
      expect(cloudtrail.recognises(record)).toBe(true);
      const { event, logsource } = cloudtrail.read(record);
      expect(violations(event.ocsf)).toEqual([]);
      expect(event.principal).not.toBe('');
      expect(logsource).toEqual({ product: 'aws', service: 'cloudtrail' });
      expect(JSON.stringify(record), 'the record is not changed').toBe(before);
      expect(cloudtrail.read(record).event, 'the same record gives the same event').toEqual(event);
      expect(new Set(event.entities.map(({ key }) => key)).size).toBe(event.entities.length);
    }
  });

  it('covers every type of identity and of event', () => {
    const all = NAMES.flatMap(records);
    const types = new Set(
      all.map((record) => (isObject(record['userIdentity']) ? record['userIdentity']['type'] : '')),
    );
    expect([...types].sort()).toEqual([
      '',
      'AWSAccount',
      'AWSService',
      'AssumedRole',
      'Directory',
      'FederatedUser',
      'IAMUser',
      'IdentityCenterUser',
      'Root',
      'SAMLUser',
      'Unknown',
      'WebIdentityUser',
      undefined,
    ]);
    expect(new Set(all.map((record) => record['eventType'] ?? 'AwsApiCall')).size).toBe(5);
  });
});

describe('the four shapes', () => {
  it('reads records of a file, of EventBridge and of LookupEvents as the bare record', () => {
    expect(records('body-records')[1]).toEqual(sample('assume-role'));
    expect(sample('body-eventbridge')).toEqual(sample('sso-session-stops-trail'));
    expect(records('body-lookup-events')[1]).toEqual(sample('assume-role'));
  });
});

describe('recognises', () => {
  it.each([
    [{ eventVersion: '2.1', eventSource: 'aws:s3', awsRegion: 'eu-central-1', eventName: 'ObjectCreated:Put' }],
    [{ kind: 'Event', apiVersion: 'audit.k8s.io/v1', auditID: '1', eventTime: '2026-11-20T09:15:00Z' }],
    [{ eventName: { value: 'BeginRequest' }, eventTimestamp: '2026-11-20T09:15:00Z' }],
    [{ category: 'AuditLogs', operationName: 'Update user', time: '2026-11-20T09:15:00Z' }],
    [{ eventType: 'userLoggedIn', eventSource: 7 }],
    [{}],
  ])('leaves %j to others', (record) => {
    expect(cloudtrail.recognises(record)).toBe(false);
  });
});

describe('rejections', () => {
  it.each([
    [{ eventTime: undefined }, 'eventTime: expected a time, found nothing'],
    [{ eventTime: 'yesterday' }, "eventTime: expected a time, found 'yesterday'"],
    [{ eventTime: {} }, 'eventTime: expected a time, found an object'],
    [{ eventName: undefined }, 'eventName: expected the name of an operation, found nothing'],
    [{ eventName: 7 }, 'eventName: expected the name of an operation, found 7'],
  ])('says what is wrong where %j', (change, reason) => {
    const record = { ...sample('assume-role'), ...change };
    expect(() => cloudtrail.read(record)).toThrow(new RejectedRecord(reason));
  });

  it('reads a record without an id under its hash', () => {
    const { eventID: _, ...record } = sample('assume-role');
    const { event } = cloudtrail.read(record);
    expect(event.recordId).toMatch(/^[0-9a-f]{40}$/);
    expect(event.id).toBe(`cloudtrail/${event.recordId}`);
    expect(cloudtrail.read({ ...record, awsRegion: 'eu-west-1' }).event.id).not.toBe(event.id);
  });
});

describe('events', () => {
  it('carry id, time and original time', () => {
    const { event, fields } = read('assume-role');
    expect(event.id).toBe('cloudtrail/00000000-0000-4000-8000-000000000004');
    expect(event.recordId).toBe('00000000-0000-4000-8000-000000000004');
    expect(event.time).toBe(Date.parse('2026-11-20T09:15:04Z'));
    expect(event.ocsf.metadata.original_time).toBe('2026-11-20T09:15:04Z');
    expect(fields).toEqual(sample('assume-role'));
  });

  it.each([
    ['console-login', 300201, 1],
    ['console-login-failed', 300201, 2],
    ['assume-role', 300201, 1],
    ['assume-role-denied', 300201, 2],
    ['identity-center-sign-in', 300201, 1],
    ['credential-verification-failed', 300206, 2],
    ['create-user', 300101, 1],
    ['create-access-key', 300199, 1],
    ['attach-role-policy', 300107, 1],
    ['run-instances', 600301, 1],
    ['s3-object-read', 600302, 1],
    ['lambda-function-updated', 600303, 1],
    ['sso-session-stops-trail', 600303, 1],
    ['iam-user-denied', 600302, 2],
    ['network-activity-denied', 600303, 2],
    ['service-event', 600303, 1],
    ['identity-center-call', 600302, 1],
    ['insight-start', 200401, undefined],
    ['insight-end', 200403, undefined],
  ])('%s is of type %d with status %j', (name, type, status) => {
    const { ocsf } = read(name).event;
    expect([ocsf.type_uid, ocsf.status_id]).toEqual([type, status]);
  });

  it('keep what OCSF has no place for', () => {
    const { ocsf } = read('assume-role').event;
    expect(Object.keys(ocsf.unmapped ?? {})).toEqual(['readOnly', 'managementEvent', 'tlsDetails', 'resources']);
    expect(read('iam-user-denied').event.ocsf.unmapped).not.toHaveProperty('resources');
    expect(read('identity-center-call').event.ocsf.unmapped).toHaveProperty('userIdentity.credentialId');
  });

  it('say whether a sign-in used a second factor', () => {
    expect(read('console-login').event.ocsf).toMatchObject({ is_mfa: true });
    expect(read('console-login-root').event.ocsf).toMatchObject({ is_mfa: false });
  });

  it('have a source where the record names none', () => {
    const { sourceIPAddress: _, ...record } = sample('run-instances');
    expect(cloudtrail.read(record).event.ocsf).toMatchObject({ src_endpoint: { svc_name: 'ec2.amazonaws.com' } });
    expect(read('service-event').event.ocsf).toMatchObject({ src_endpoint: { svc_name: 'AWS Internal' } });
  });

  it('name an operation that is recorded in several accounts, or at its start and its end, as one', () => {
    expect(read('insight-start').event.operation).toBe(read('insight-end').event.operation);
    expect(read('insight-start').event.id).not.toBe(read('insight-end').event.id);
    expect(read('run-instances').event.operation).toBeUndefined();
  });
});

const ALICE = 'aws:arn:aws:iam::111122223333:user/ops/alice';
const DEPLOY = 'aws:arn:aws:sts::111122223333:assumed-role/deploy/build-4711';
const TENANT = '00000000-0000-4000-8000-00000000aaaa';

describe('principals', () => {
  it.each([
    ['console-login', ALICE],
    ['console-login-failed', 'aws-account:111122223333'],
    ['console-login-root', 'aws:arn:aws:iam::111122223333:root'],
    ['assume-role', ALICE],
    ['chained-session-reads-secret', DEPLOY],
    ['assume-role-with-web-identity-entra', `entra-sp:${TENANT}/00000000-0000-4000-8000-0000000000b1`],
    [
      'assume-role-with-web-identity-github',
      'federated:token.actions.githubusercontent.com|repo:contoso-example/shop:ref:refs/heads/main',
    ],
    ['assume-role-with-saml', 'federated:c2FtcGxlL25hbWUrcXVhbA==|megan@contoso.example'],
    ['assume-role-by-service', 'aws-service:111122223333/ec2.amazonaws.com'],
    ['assume-role-from-other-account', 'aws-id:AIDAFABRIKAMPARTNER01'],
    ['federated-user-call', 'aws:arn:aws:sts::111122223333:federated-user/contractor'],
    ['identity-center-call', 'aws-idc-user:d-0123456789/00000000-0000-4000-8000-00000000c001'],
    ['directory-user', 'aws-account:111122223333'],
    ['unknown-identity', 'aws-account:111122223333'],
    ['anonymous-call', 'aws-account:111122223333'],
    ['insight-start', 'aws-account:111122223333'],
    ['athena-row', DEPLOY],
  ])('%s is of %s', (name, principal) => {
    const { event } = read(name);
    expect(event.principal).toBe(principal);
    expect(event.entities.some(({ key }) => key === principal)).toBe(true);
  });

  it('takes the name of a user without an ARN for the user of that name', () => {
    const record = {
      ...sample('console-login'),
      userIdentity: { type: 'IAMUser', accountId: '111122223333', userName: 'bo' },
    };
    expect(cloudtrail.read(record).event.principal).toBe('aws:arn:aws:iam::111122223333:user/bo');
  });
});

describe('entities', () => {
  it('of a role session: session, role, key, person, address', () => {
    const read_ = read('sso-session-stops-trail');
    const session = 'AWSReservedSSO_Operations_0123456789abcdef';
    expect(read_.event.entities.map(({ kind, key, part }) => [kind, key, part])).toEqual([
      ['role-session', `aws:arn:aws:sts::111122223333:assumed-role/${session}/megan@contoso.example`, 'actor'],
      ['user', 'upn:megan@contoso.example', 'actor'],
      ['role', `aws:arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-central-1/${session}`, 'actor'],
      ['access-key', 'aws-key:ASIACONTOSOMEGAN0001', 'credential'],
      ['ip', 'ip:203.0.113.24', 'origin'],
      ['resource', 'aws:arn:aws:cloudtrail:eu-central-1:111122223333:trail/organization', 'target'],
    ]);
  });

  it('of an assumed role: the role, the new session, the key that it was given and who stays behind it', () => {
    expect(keys(read('assume-role'), 'target')).toEqual([
      'aws:arn:aws:iam::111122223333:role/deploy',
      'aws-source-identity:111122223333/alice@contoso.example',
      'upn:alice@contoso.example',
      'aws-key:ASIACONTOSODEPLOY001',
      DEPLOY,
    ]);
    expect(keys(read('chained-session-reads-secret'), 'actor')).toEqual([
      DEPLOY,
      'aws:arn:aws:iam::111122223333:role/deploy',
      'aws-source-identity:111122223333/alice@contoso.example',
      'upn:alice@contoso.example',
    ]);
  });

  it.each([
    ['create-access-key', ['aws:arn:aws:iam::111122223333:user/backup', 'aws-key:AKIACONTOSOBACKUP001']],
    [
      'get-federation-token',
      ['aws-key:ASIACONTOSOFEDERAT01', 'aws:arn:aws:sts::111122223333:federated-user/contractor'],
    ],
    [
      'federated-user-call',
      [
        'aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc1234def567890',
        'aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc1234def567891',
      ],
    ],
    [
      'attach-role-policy',
      ['aws:arn:aws:iam::111122223333:role/deploy', 'aws:arn:aws:iam::aws:policy/AdministratorAccess'],
    ],
    [
      's3-object-read',
      ['aws:arn:aws:s3:::contoso-example-payroll/2026/november.csv', 'aws:arn:aws:s3:::contoso-example-payroll'],
    ],
    ['athena-row', ['aws:arn:aws:s3:::contoso-example-payroll']],
    ['lambda-function-updated', ['aws:arn:aws:lambda:eu-central-1:111122223333:function:checkout']],
  ])('%s is about its targets', (name, targets) => {
    expect(keys(read(name), 'target')).toEqual(targets);
  });

  it('of an instance that is started: what was asked for and what came of it', () => {
    const targets = keys(read('run-instances'), 'target');
    expect(targets).toContain('aws:arn:aws:ec2:eu-central-1:111122223333:instance/i-0fff1234def567890');
    expect(targets).toContain('aws:arn:aws:ec2:eu-central-1:111122223333:subnet/subnet-0abc1234def567890');
    expect(targets).toContain('aws:arn:aws:iam::111122223333:instance-profile/web-server');
  });

  it.each([
    ['console-login-root', ['ip:2001:db8::7']],
    ['assume-role-by-service', ['aws-service:111122223333/ec2.amazonaws.com']],
    ['lambda-function-updated', ['aws-service:111122223333/cloudformation.amazonaws.com']],
    ['service-event', []],
    [
      'network-activity-denied',
      ['ip:10.0.4.17', 'aws:arn:aws:ec2:eu-central-1:111122223333:vpc-endpoint/vpce-0abc1234def567890'],
    ],
  ])('%s comes from its origin', (name, origins) => {
    const { event } = read(name);
    const named = event.entities.map(({ key }) => key);
    for (const origin of origins) expect(named).toContain(origin);
    if (origins.length === 0) expect(keys(read(name), 'origin')).toEqual([]);
  });

  it('of masked keys and hidden names: none', () => {
    const record = { ...sample('run-instances'), userIdentity: { ...alice, accessKeyId: 'AKIA****************' } };
    expect(keys(cloudtrail.read(record), 'credential')).toEqual([]);
    expect(JSON.stringify(read('console-login-failed').event.entities)).not.toContain('HIDDEN');
  });

  it('are no more than an event may name', () => {
    const items = Array.from({ length: 1000 }, (_, at) => ({ instanceId: `i-${at}` }));
    const record = { ...sample('run-instances'), requestParameters: { instancesSet: { items } } };
    expect(cloudtrail.read(record).event.entities).toHaveLength(MAX_ENTITIES);
  });
});

const alice = { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/ops/alice', accountId: '111122223333' };

/** Any JSON object, with names that records have and names that objects have. */
const jsonObject = fc.oneof(
  fc.object({
    key: fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'userIdentity', 'eventTime', 'eventName', 'resources'),
    ),
    values: [
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('arn:aws:iam::1:role/x', '2026-11-20T09:15:00Z'),
    ],
  }),
);

/** A sample with parts of it taken out, or put where another type is expected. */
const mutated = fc
  .record({
    name: fc.constantFrom(...NAMES),
    changes: fc.array(fc.record({ at: fc.nat(), value: fc.option(fc.jsonValue(), { nil: undefined }) }), {
      maxLength: 6,
    }),
  })
  .map(({ name, changes }) => {
    const record = structuredClone(sample(name));
    for (const { at, value } of changes) mutate(record, at, value);
    return record;
  });

function mutate(record: JsonObject, at: number, value: unknown): void {
  const places: { holder: JsonObject; key: string }[] = [];
  const visit = (holder: JsonObject) => {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const inner = holder[key];
      if (isObject(inner)) visit(inner);
    }
  };
  visit(record);
  const place = places[at % places.length];
  if (place === undefined) return;
  if (value === undefined) Reflect.deleteProperty(place.holder, place.key);
  else place.holder[place.key] = value as JsonObject[string];
}

describe('any input', () => {
  const accepts = (record: JsonObject): boolean => {
    try {
      const { event } = cloudtrail.read(record);
      expect(violations(event.ocsf)).toEqual([]);
      expect(event.principal).toMatch(/^\S/);
      expect(event.id).toMatch(/^[\x21-\x7e]{1,256}$/);
      expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(RejectedRecord);
      return false;
    }
  };

  it('is read as a valid event or rejected by name, as the schema says', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, jsonObject), (value) => {
        const record = JSON.parse(JSON.stringify(value)) as JsonObject;
        cloudtrail.recognises(record);
        expect(accepts(record)).toBe(schema.safeParse(record).success);
      }),
      { numRuns: 2000 },
    );
  });

  it('is checked by hand as by the schema', () => {
    const time = fc.oneof(
      fc.jsonValue(),
      fc.date({ noInvalidDate: true }).map(String),
      fc.constant('2026-11-20 09:15:00'),
      fc.constant(1e999),
    );
    const insight = fc.option(
      fc.record({ eventName: fc.jsonValue(), insightType: fc.jsonValue() }, { requiredKeys: [] }),
    );
    fc.assert(
      fc.property(time, fc.jsonValue(), insight, (eventTime, eventName, insightDetails) => {
        const record = { eventTime, eventName, insightDetails } as JsonObject;
        let checked = true;
        try {
          check(withNames(record));
        } catch {
          checked = false;
        }
        expect(checked).toBe(schema.safeParse(record).success);
      }),
      { numRuns: 1000 },
    );
  });

  it('with names of Object.prototype changes nothing but itself', () => {
    const text = JSON.stringify(sample('run-instances')).replace(
      '{',
      '{"__proto__":{"polluted":1},"constructor":{"x":1},',
    );
    const { event } = cloudtrail.read(JSON.parse(text) as JsonObject);
    expect(Object.hasOwn(event.ocsf.unmapped ?? {}, '__proto__')).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(violations(event.ocsf)).toEqual([]);
  });

  it('of great size takes time in proportion', () => {
    const many = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, at) => [`parameter${at}`, `arn:aws:s3:::bucket-${at}`]),
    );
    const record = { ...sample('run-instances'), requestParameters: many, userAgent: 'x'.repeat(1_000_000) };
    const before = performance.now();
    cloudtrail.read(record);
    // Milliseconds in truth; anything quadratic takes minutes.
    expect(performance.now() - before).toBeLessThan(5000);
  });
});
