import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../platform/json.ts';
import { EventCodecError } from './codec.ts';
import { MAX_ENTITIES, type Entity } from './entity.ts';
import { LINK_KINDS, linkOf, type Link, type LinkKind } from './identity/link.ts';
import { decodeObservation, encodeObservation } from './observation-codec.ts';
import type { Action, Observation, RuleMatch } from './observation.ts';
import type { PostureChange } from './posture-change.ts';
import { LEVELS, type Signal } from './signal.ts';

const MARA = 'upn:mara@contoso.example';

const sample: Observation = {
  id: 'cloudtrail/00000000-0000-4000-8000-000000000001',
  source: 'cloudtrail',
  recordId: '00000000-0000-4000-8000-000000000001',
  time: Date.UTC(2026, 10, 20, 12),
  principal: MARA,
  operation: 'rows-1',
  entities: [{ kind: 'user', key: MARA, part: 'actor', label: 'mara@contoso.example' }],
  action: {
    operation: 'StopLogging',
    classUid: 6003,
    activityId: 3,
    outcome: 'success',
    account: '111122223333',
    from: { ip: '203.0.113.10', asn: 64500, country: 'SE', latitude: 59.3, longitude: 18.1, client: 'aws-cli/2.31.0' },
  },
  signals: [
    {
      rule: { id: 'rule-1', title: 'Logging stopped', level: 'high' },
      decision: 'warn',
      techniques: ['T1685.002'],
      window: 3_600_000,
      group: { principal: MARA },
    },
  ],
  matches: [{ rule: 'rule-2', values: { sourceIPAddress: ['203.0.113.10'] } }],
  links: [linkOf('upn', 'entra-user:t/o', MARA, { eventId: 'entra/1', source: 'entra', time: 1, what: 'named' })],
  posture: [{ condition: 'logging-off', resource: 'aws:trail', weakened: true, what: 'stops the trail' }],
  entry: true,
};

/** The sample's own JSON with some of it replaced, as bytes. */
const bytes = (change: JsonObject): Uint8Array => Buffer.from(JSON.stringify({ v: 1, ...sample, ...change }));

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '', '\ud800'));
const key = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 60 });
const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
const number = fc.double({ noNaN: true, noDefaultInfinity: true });

const entity: fc.Arbitrary<Entity> = fc.record(
  {
    kind: fc.constantFrom('user', 'role-session', 'ip', 'vulnerability'),
    key,
    part: fc.constantFrom('actor', 'target', 'origin', 'credential'),
    label: text,
  },
  { requiredKeys: ['kind', 'key', 'part'] },
);
const action: fc.Arbitrary<Action> = fc.record(
  {
    operation: text,
    classUid: fc.integer(),
    activityId: fc.integer(),
    outcome: fc.constantFrom('success', 'failure', 'unknown'),
    service: text,
    method: text,
    account: text,
    from: fc.record(
      { ip: text, asn: fc.integer(), country: text, city: text, latitude: number, longitude: number, client: text },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['operation', 'classUid', 'activityId', 'outcome'] },
);
const signal: fc.Arbitrary<Signal> = fc.record(
  {
    rule: fc.record({ id: text, title: text, level: fc.constantFrom(...LEVELS) }),
    decision: fc.constantFrom('block', 'warn', 'monitor'),
    techniques: fc.array(text, { maxLength: 3 }),
    window: fc.nat(),
    group: fc.dictionary(text, text),
    escalate: fc.record({ count: fc.nat(), decision: fc.constantFrom('block', 'warn') }),
  },
  { requiredKeys: ['rule', 'decision', 'techniques', 'window', 'group'] },
);
const match: fc.Arbitrary<RuleMatch> = fc.record({
  rule: text,
  values: fc.dictionary(text, fc.array(text, { maxLength: 3 })),
});
const link: fc.Arbitrary<Link> = fc.record({
  kind: fc.constantFrom(...(Object.keys(LINK_KINDS) as LinkKind[])),
  one: key,
  other: key,
  confidence: fc.double({ min: 0, max: 1, noNaN: true }),
  evidence: fc.record({ eventId: text, source: fc.constantFrom('entra', 'cloudtrail', 'directory'), time, what: text }),
});
const posture: fc.Arbitrary<PostureChange> = fc.record(
  {
    condition: fc.constantFrom('storage-public', 'network-open', 'protection-off'),
    resource: key,
    part: text,
    also: text,
    weakened: fc.boolean(),
    stage: fc.constantFrom('requested', 'refused'),
    what: text,
  },
  { requiredKeys: ['condition', 'resource', 'weakened', 'what'] },
);
const few = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 3 });
const anyObservation: fc.Arbitrary<Observation> = fc.record(
  {
    id: key,
    source: fc.constantFrom('azure-activity', 'entra', 'aks-audit', 'cloudtrail', 'json'),
    recordId: text,
    time,
    principal: key,
    operation: text,
    entities: few(entity),
    action,
    signals: few(signal),
    matches: few(match),
    links: few(link),
    posture: few(posture),
    entry: fc.constant(true),
  },
  {
    requiredKeys: [
      ...(['id', 'source', 'recordId', 'time', 'principal', 'entities', 'action'] as const),
      ...(['signals', 'matches', 'links', 'posture'] as const),
    ],
  },
);

describe('encodeObservation and decodeObservation', () => {
  it('give back any observation, whatever its texts and keys', () => {
    expect(decodeObservation(encodeObservation(sample))).toEqual(sample);
    fc.assert(
      fc.property(anyObservation, (observation) => {
        // -0 is the one number that JSON does not keep; vitest's own comparison stumbles over a key named `constructor`.
        deepStrictEqual(decodeObservation(encodeObservation(observation)), parseJson(JSON.stringify(observation)));
      }),
    );
  });

  it('keep values of a field named __proto__', () => {
    const values = parseJson('{"__proto__":["admin"],"constructor":["x"]}') as Record<string, string[]>;
    const [match] = decodeObservation(encodeObservation({ ...sample, matches: [{ rule: 'r', values }] })).matches;
    expect(Object.keys(match?.values ?? {})).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(match?.values)).toBe(Object.prototype);
  });

  it('refuse to write what no message takes, and say of which event it is', () => {
    const matches = [{ rule: 'r', values: { text: ['x'.repeat(1_000_000)] } }];
    expect(() => encodeObservation({ ...sample, matches })).toThrow(EventCodecError);
    expect(() => encodeObservation({ ...sample, matches })).toThrow(sample.id);
    expect(
      encodeObservation({ ...sample, matches: [{ rule: 'r', values: { text: ['x'.repeat(900_000)] } }] }).length,
    ).toBeGreaterThan(900_000);
  });

  const entities = Array.from({ length: MAX_ENTITIES + 1 }, () => ({
    kind: 'ip',
    key: 'ip:203.0.113.7',
    part: 'origin',
  }));
  it.each<[string, JsonObject, string]>([
    ['another version', { v: 2 }, '`v`'],
    ['no id', { id: '' }, '`id`'],
    ['an id of unprintable characters', { id: 'a\nb' }, '`id`'],
    ['an unknown source', { source: 'syslog' }, '`source`'],
    ['a time that is no date', { time: 1e300 }, '`time`'],
    ['a time between milliseconds', { time: 0.5 }, '`time`'],
    ['no principal', { principal: '' }, '`principal`'],
    ['an unknown part of an entity', { entities: [{ kind: 'ip', key: 'x', part: '__proto__' }] }, '`entities.0.part`'],
    ['more entities than an event has', { entities }, '`entities`'],
    [
      'an unknown outcome',
      { action: { operation: 'x', classUid: 1, activityId: 1, outcome: 'maybe' } },
      '`action.outcome`',
    ],
    ['values that are no lists', { matches: [{ rule: 'r', values: { field: 'x' } }] }, '`matches.0.values`'],
    ['values that are no texts', { matches: [{ rule: 'r', values: { field: [1] } }] }, '`matches.0.values`'],
    [
      'a kind of link that all objects have',
      { links: [{ ...sample.links[0], kind: 'constructor' }] as never },
      '`links.0.kind`',
    ],
    [
      'an unknown condition',
      { posture: [{ condition: 'x', resource: 'r', weakened: true, what: '' }] },
      '`posture.0.condition`',
    ],
    ['an entry that is none', { entry: false }, '`entry`'],
  ])('refuse %s, and say where', (_name, change, place) => {
    expect(() => decodeObservation(bytes(change))).toThrow(EventCodecError);
    expect(() => decodeObservation(bytes(change))).toThrow(place);
  });

  it('throw nothing else, whatever the bytes', () => {
    const isRefused = (body: Uint8Array): boolean => {
      try {
        decodeObservation(body);
      } catch (error) {
        return error instanceof EventCodecError;
      }
      return false;
    };
    expect(isRefused(Buffer.from([0xff, 0xfe]))).toBe(true);
    expect(isRefused(bytes({}))).toBe(false);
    fc.assert(fc.property(fc.uint8Array(), isRefused));
    fc.assert(fc.property(fc.json(), (json) => isRefused(Buffer.from(json))));
  });
});
