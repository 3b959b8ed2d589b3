import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, parseJson, type Json, type JsonObject } from '../../../platform/json.ts';
import { classification } from './classification.ts';
import {
  OCSF_VERSION,
  type AccountChange,
  type ApiActivity,
  type Authentication,
  type BaseEvent,
  type DetectionFinding,
  type EntityManagement,
  type GroupManagement,
  type IncidentFinding,
  type UserAccess,
} from './types.ts';
import { violations } from './validate.ts';

const common = {
  time: 1_780_000_000_000,
  severity_id: 1,
  metadata: { version: OCSF_VERSION, product: { name: 'CloudTrail', vendor_name: 'AWS' } },
} as const;

/** The least that each class asks for. */
const minimal = {
  account_change: { ...classification(3001, 1), ...common, user: { uid: 'AIDAEXAMPLE' } } satisfies AccountChange,
  api_activity: {
    ...classification(6003, 3),
    ...common,
    actor: { user: { name: 'alice@contoso.example' } },
    api: { operation: 'PutBucketPolicy' },
    src_endpoint: { ip: '203.0.113.7' },
  } satisfies ApiActivity,
  authentication: {
    ...classification(3002, 1),
    ...common,
    user: { name: 'alice@contoso.example' },
    service: { name: 'Azure Portal' },
  } satisfies Authentication,
  base_event: { ...classification(0, 0), ...common } satisfies BaseEvent,
  detection_finding: {
    ...classification(2004, 1),
    ...common,
    finding_info: { uid: 'finding-1' },
  } satisfies DetectionFinding,
  entity_management: { ...classification(3004, 4), ...common, entity: { name: 'policy-1' } } satisfies EntityManagement,
  group_management: { ...classification(3006, 3), ...common, group: { name: 'admins' } } satisfies GroupManagement,
  incident_finding: {
    ...classification(2005, 1),
    ...common,
    status_id: 1,
    finding_info_list: [{ uid: 'finding-1' }],
    assignee_group: { name: 'on call' },
  } satisfies IncidentFinding,
  user_access: {
    ...classification(3005, 1),
    ...common,
    user: { uid: '00000000-0000-4000-8000-000000000001' },
    privileges: ['Owner'],
  } satisfies UserAccess,
};

/** What each class requires beyond what every event does, as the schema's documentation lists it. */
const required: Record<keyof typeof minimal, readonly string[]> = {
  account_change: ['user'],
  api_activity: ['actor', 'api', 'src_endpoint'],
  authentication: ['user'],
  base_event: [],
  detection_finding: ['finding_info'],
  entity_management: ['entity'],
  group_management: ['group'],
  incident_finding: ['finding_info_list', 'status_id'],
  user_access: ['privileges', 'user'],
};
const requiredOfAll = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];

/** An API call as a source maps it: nested objects, arrays, profiles, captions, free-form parts. */
const full = {
  ...classification(6003, 1),
  ...common,
  activity_name: 'Create',
  category_name: 'Application Activity',
  class_name: 'API Activity',
  type_name: 'API Activity: Create',
  status: 'Failure',
  status_id: 2,
  status_code: 'AccessDenied',
  metadata: {
    ...common.metadata,
    uid: 'cloudtrail/00000000-0000-4000-8000-000000000002',
    original_time: '2026-05-28T20:26:40Z',
    profiles: ['cloud', 'datetime'],
    is_truncated: true,
  },
  time_dt: '2026-05-28T20:26:40Z',
  cloud: {
    provider: 'AWS',
    region: 'eu-west-1',
    account: { uid: '111122223333', type_id: 10, type: 'AWS Account' },
  },
  actor: {
    user: {
      uid: 'arn:aws:iam::111122223333:user/alice',
      type: 'IAM user',
      type_id: 99,
      programmatic_credentials: [{ uid: 'AKIAEXAMPLE' }],
    },
    session: { uid: 'AKIAEXAMPLE', is_mfa: false, created_time: 1_779_999_000_000 },
  },
  api: { operation: 'CreateUser', service: { name: 'iam' }, request: { uid: 'request-1', data: { userName: 'bob' } } },
  src_endpoint: {
    ip: '2001:db8::1',
    port: 443,
    location: { country: 'NL' },
    autonomous_system: { number: 64500 },
  },
  http_request: { user_agent: 'aws-cli/2' },
  resources: [{ uid: 'arn:aws:iam::111122223333:user/bob', region: 'eu-west-1', role_id: 1, role: 'Target' }],
  observables: [{ name: 'src_endpoint.ip', type_id: 2, type: 'IP Address', value: '2001:db8::1' }],
  enrichments: [{ name: 'src_endpoint.ip', value: '2001:db8::1', data: ['any', { json: null }] }],
  unmapped: { eventVersion: '1.11', anything: [null, { goes: true }] },
} satisfies ApiActivity;

const valid: readonly (readonly [string, unknown])[] = [...Object.entries(minimal), ['a full API call', full]];

type Path = readonly (string | number)[];

/** Every path in a value, but none into what the schema leaves free. */
function paths(value: Json, path: Path = []): Path[] {
  const free = path.at(-1) === 'unmapped' || path.at(-1) === 'data';
  if (typeof value !== 'object' || value === null || free) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner ?? null, [...path, key]))];
}

function at(value: Json, path: Path): Json {
  return path.reduce((inner, key) => (inner as JsonObject)[key] ?? null, value);
}

/** A copy with something else at a path. */
function withAt(value: Json, path: Path, replacement: Json | undefined): Json {
  const copy = structuredClone(value);
  const last = path.at(-1) ?? '';
  const holder = at(copy, path.slice(0, -1)) as JsonObject;
  holder[last] = replacement;
  return copy;
}

const plain = (event: unknown): Json => parseJson(JSON.stringify(event));
const isFree = (path: Path) => path.includes('data') || path.includes('unmapped');

describe('violations', () => {
  it.each(valid)('finds none in %s', (_name, event) => {
    expect(violations(event)).toEqual([]);
  });

  it.each(Object.entries(minimal))('misses each required attribute of %s', (name, event) => {
    const own = required[name as keyof typeof minimal];
    for (const attribute of [...requiredOfAll, ...own]) {
      expect(violations({ ...event, [attribute]: undefined }), attribute).toContainEqual(
        expect.stringContaining(`${attribute}: found nothing, expected`),
      );
    }
    // Nothing but these is required: whatever else the event has may go, but for what a constraint asks for.
    const others = Object.keys(event).filter((key) => ![...requiredOfAll, ...own].includes(key));
    expect(others).toEqual({ authentication: ['service'], incident_finding: ['assignee_group'] }[name] ?? []);
  });

  it.each(valid)('finds an unknown attribute on every level of %s', (_name, event) => {
    const json = plain(event);
    const objects = paths(json).filter((path) => isObject(at(json, path)) && !isFree(path));
    expect(objects.length).toBeGreaterThan(2);
    for (const path of objects) {
      const found = violations(withAt(json, [...path, 'sourceIPAddress'], 'x'));
      expect(found, path.join('.')).toEqual([
        expect.stringMatching(/sourceIPAddress: found "x", expected nothing: the schema has no such attribute here$/),
      ]);
    }
  });

  it.each(valid)('finds a number of no meaning in every enumerated attribute of %s', (_name, event) => {
    const json = plain(event);
    const enumerated = paths(json).filter((path) => /_id$|^(class|category|type)_uid$/.test(String(path.at(-1))));
    expect(enumerated.length).toBeGreaterThan(1);
    for (const path of enumerated) {
      expect(violations(withAt(json, path, 77)), path.join('.')).toContainEqual(expect.stringContaining('found 77'));
    }
  });

  it.each(valid)('finds a value of the wrong type wherever one stands in %s', (_name, event) => {
    const json = plain(event);
    for (const path of paths(json).filter((candidate) => candidate.length > 0 && !isFree(candidate))) {
      const value = at(json, path);
      const wrong: Json[] = typeof value === 'string' ? [7, true, [value], {}] : ['text', [[value]]];
      if (typeof value === 'number') wrong.push(NaN, Infinity, 2 ** 60, value + 0.5);
      for (const replacement of [null, ...wrong]) {
        const found = violations(withAt(json, path, replacement));
        expect(found.length, `${path.join('.')} ${JSON.stringify(replacement)}`).toBeGreaterThan(0);
      }
    }
  });

  it('holds type_uid to the class and the activity', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(minimal)), fc.integer(), (event, type_uid) => {
        fc.pre(type_uid !== event.type_uid);
        expect(violations({ ...event, type_uid })).toContainEqual(
          `type_uid: found ${type_uid}, expected ${event.type_uid} (class_uid * 100 + activity_id)`,
        );
      }),
    );
  });

  it('knows no class but those compiled', () => {
    expect(violations({ ...minimal.api_activity, class_uid: 4001 })).toEqual([
      'class_uid: found 4001, expected one of 3001, 6003, 2007, 3002, 0, 2003, 2004, 3004, 3006, 2005, 3005, 2002',
    ]);
    expect(violations([minimal.api_activity])).toEqual(['event: found an array, expected an object']);
  });

  it('holds to constraints', () => {
    expect(violations({ ...minimal.authentication, service: undefined })).toEqual([
      'event: found nothing, expected at least one of service, dst_endpoint',
    ]);
    expect(violations({ ...minimal.incident_finding, assignee_group: undefined })).toEqual([
      'event: found nothing, expected at least one of assignee, assignee_group',
    ]);
    expect(violations({ ...minimal.api_activity, src_endpoint: { port: 443 } })).toEqual([
      expect.stringMatching(/^src_endpoint: found nothing, expected at least one of ip, uid, name/),
    ]);
    const vulnerability = { cve: { uid: 'CVE-2026-0001' }, cwe: { uid: 'CWE-79' } };
    expect(
      violations({ ...minimal.detection_finding, vulnerabilities: [vulnerability, { cve: vulnerability.cve }] }),
    ).toEqual(['vulnerabilities[0]: found "cve, cwe", expected just one of advisory, cve, cwe']);
    const domain = { ...minimal.api_activity, src_endpoint: { domain: 'cloudformation.amazonaws.com' } };
    expect(violations(domain)).toEqual([]);
  });

  it('takes what a profile brings only where the event names the profile and the class allows it', () => {
    const { cloud } = full;
    const named = (...profiles: string[]) => ({ ...common.metadata, profiles });
    expect(violations({ ...minimal.base_event, cloud })).toEqual([
      'cloud: found an object, expected nothing, as metadata.profiles does not name cloud',
    ]);
    expect(violations({ ...minimal.base_event, cloud, metadata: named('cloud') })).toEqual([]);
    expect(violations({ ...minimal.base_event, metadata: named('cloud') })).toEqual([
      'cloud: found nothing, expected a value: required',
    ]);
    expect(violations({ ...minimal.base_event, metadata: named('incident') })).toEqual([
      'metadata.profiles[0]: found "incident", expected one of cloud, datetime, host, osint, security_control',
    ]);
    const resources = [{ uid: 'bucket-1', region: 'eu-west-1' }];
    expect(violations({ ...minimal.api_activity, resources })).toEqual([
      'resources[0].region: found "eu-west-1", expected nothing, as metadata.profiles does not name cloud',
    ]);
  });

  it('holds captions to their numbers, but for 99', () => {
    expect(violations({ ...minimal.api_activity, activity_name: 'Create' })).toEqual([
      'activity_name: found "Create", expected Update, the caption of activity_id 3',
    ]);
    const other = { ...minimal.api_activity, ...classification(6003, 99), activity_name: 'Assume' };
    expect(violations(other)).toEqual([]);
    const malware = [{ name: 'a', classification_ids: [10, 99, 22], classifications: ['Ransomware', 'Odd', 'Virus'] }];
    expect(violations({ ...minimal.detection_finding, malware })).toEqual([
      'malware[0].classifications: found "Virus", expected Worm, the caption of classification_ids 22',
    ]);
    // A number without a caption is one violation, not two.
    expect(violations({ ...minimal.api_activity, severity_id: 77, severity: 'Odd' })).toHaveLength(1);
  });

  it.each([
    ['src_endpoint.ip', { src_endpoint: { ip: 'AWS Internal' } }, 'text in the form of ip_t'],
    ['src_endpoint.ip', { src_endpoint: { ip: '203.0.113.7:443' } }, 'text in the form of ip_t'],
    ['src_endpoint.ip', { src_endpoint: { ip: `${' '.repeat(40)}203.0.113.7` } }, 'at most 40 characters (ip_t)'],
    ['src_endpoint.port', { src_endpoint: { uid: 'a', port: 65_536 } }, 'a whole number from 0 to 65535 (port_t)'],
    ['src_endpoint.mac', { src_endpoint: { uid: 'a', mac: '00-00-5E-00-53' } }, 'text in the form of mac_t'],
    ['actor.user.email_addr', { actor: { user: { uid: 'a', email_addr: 'alice' } } }, 'text in the form of email_t'],
    ['actor.session.uuid', { actor: { session: { uuid: '1' } } }, 'text in the form of uuid_t'],
    ['http_request.http_method', { http_request: { http_method: 'constructor' } }, 'one of CONNECT, DELETE'],
    ['http_request.http_method', { http_request: { http_method: 'get' } }, 'one of CONNECT, DELETE'],
    [
      'src_endpoint.location.lat',
      { src_endpoint: { uid: 'a', location: { city: 'Delft', lat: '52' } } },
      'a number (float_t)',
    ],
    ['metadata.version', { metadata: { ...common.metadata, version: '1.7.0' } }, '1.8.0'],
    ['time', { time: '1780000000000' }, 'a whole number (timestamp_t)'],
    ['resources', { resources: { uid: 'a' } }, 'an array'],
    ['unmapped', { unmapped: ['a'] }, 'an object'],
  ])('holds %s to its type', (path, change, expected) => {
    const found = violations({ ...minimal.api_activity, ...change });
    expect(found).toEqual([expect.stringMatching(`^${path}: found `)]);
    expect(found[0]).toContain(`expected ${expected}`);
  });

  it('bears any JSON in place of any part of an event', () => {
    fc.assert(
      fc.property(fc.constantFrom(...valid), fc.nat(), fc.jsonValue(), ([, event], index, replacement) => {
        const json = plain(event);
        const all = paths(json).slice(1);
        const found = violations(withAt(json, all[index % all.length] ?? [], replacement));
        expect(found.every((line) => line.includes(': found ') && line.length < 2000)).toBe(true);
      }),
    );
  });

  it('bears names of Object.prototype as attributes', () => {
    const event = plain(minimal.api_activity);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      const named = parseJson(JSON.stringify(event).replace(/}$/, `,"${name}":{"polluted":true}}`));
      expect(violations(named), name).toEqual([
        `${name}: found an object, expected nothing: the schema has no such attribute here`,
      ]);
    }
    expect(violations({ ...minimal.api_activity, activity_id: 'constructor' }).length).toBeGreaterThan(0);
  });

  it('stays bounded on hostile input', () => {
    const keys = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key\n${index}`, index]));
    const many = violations({ ...minimal.api_activity, ...keys });
    expect(many).toHaveLength(101);
    expect(many[0]).toBe('"key\\n0": found 0, expected nothing: the schema has no such attribute here');
    expect(many.at(-1)).toBe('more than 100 violations: the rest is not listed');

    const resources = new Array<null>(20_000).fill(null);
    expect(violations({ ...minimal.api_activity, resources })).toHaveLength(101);

    let nested: Json = [];
    for (let depth = 0; depth < 20_000; depth++) nested = [nested];
    for (const activity_id of [nested, { toString: 1 }, [{ toString: 1 }]]) {
      expect(violations({ ...minimal.api_activity, activity_id, activity_name: 'Read' })).toEqual([
        expect.stringMatching(/^activity_id: found an (array|object), expected a whole number \(integer_t\)$/),
      ]);
    }

    let process: JsonObject = { pid: 1 };
    for (let depth = 0; depth < 10_000; depth++) process = { pid: 1, parent_process: process };
    const deep = violations({ ...minimal.api_activity, actor: { process } });
    expect(deep).toEqual([
      expect.stringMatching(/parent_process: found an object, expected objects no deeper than 32$/),
    ]);

    const long = `${'a'.repeat(1_000_000)}@contoso.example`;
    const [email] = violations({ ...minimal.api_activity, actor: { user: { uid: 'a', email_addr: long } } });
    expect(email).toMatch(/^actor\.user\.email_addr: found "a{60}…", expected text in the form of email_t$/);
  });
});
