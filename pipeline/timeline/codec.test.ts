import { deepStrictEqual } from 'node:assert/strict';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, type JsonObject } from '../../platform/json.ts';
import { decodeEvent, encodeEvent, EventCodecError, MAX_EVENT_BYTES, type StoredEvent } from './codec.ts';
import type { EntityKind, EntityPart } from './entity.ts';
import { LEVELS, type Decision } from './signal.ts';

const sample: StoredEvent = {
  id: 'cloudtrail/00000000-0000-4000-8000-000000000001',
  source: 'cloudtrail',
  recordId: '00000000-0000-4000-8000-000000000001',
  time: Date.UTC(2026, 10, 3, 12),
  ocsf: ocsf({ class_uid: 6003, api: { operation: 'CreateAccessKey' }, unmapped: { note: 'invented' } }),
  entities: [
    { kind: 'user', key: 'aws:arn:aws:iam::111122223333:user/alice', part: 'actor', label: 'alice' },
    { kind: 'ip', key: 'ip:203.0.113.7', part: 'origin' },
  ],
  principal: 'aws:arn:aws:iam::111122223333:user/alice',
  signals: [
    {
      rule: { id: '00000000-0000-4000-8000-00000000aaaa', title: 'Access key for another user', level: 'high' },
      decision: 'warn',
      techniques: ['T1098.001'],
      window: 3_600_000,
      group: { principal: 'aws:arn:aws:iam::111122223333:user/alice' },
    },
  ],
};

/** The codec leaves the OCSF part as it is, so any object stands for one. */
function ocsf(object: JsonObject): StoredEvent['ocsf'] {
  return object as unknown as StoredEvent['ocsf'];
}

/** The sample's own JSON with some of it replaced, as bytes. */
function bytes(change: JsonObject): Uint8Array {
  return Buffer.from(JSON.stringify({ v: 1, ...sample, ...change }));
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '', '\ud800', '\u0000'),
);
const printable = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 256 });
const anyEvent: fc.Arbitrary<StoredEvent> = fc.record(
  {
    id: printable,
    source: fc.constantFrom('azure-activity', 'entra', 'aks-audit', 'cloudtrail', 'json'),
    recordId: text,
    time: fc.integer({ min: -8.64e15, max: 8.64e15 }),
    ocsf: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 })).map((object) => ocsf(object as JsonObject)),
    entities: fc.array(
      fc.record(
        {
          kind: fc.constantFrom<EntityKind[]>('user', 'role-session', 'ip', 'vulnerability'),
          key: printable,
          part: fc.constantFrom<EntityPart[]>('actor', 'target', 'origin', 'credential'),
          label: text,
        },
        { requiredKeys: ['kind', 'key', 'part'] },
      ),
      { maxLength: 24 },
    ),
    principal: printable,
    operation: text,
    signals: fc.array(
      fc.record(
        {
          rule: fc.record({ id: text, title: text, level: fc.constantFrom(...LEVELS) }),
          decision: fc.constantFrom<Decision[]>('block', 'warn', 'monitor'),
          techniques: fc.array(text, { maxLength: 3 }),
          window: fc.nat(),
          group: fc.dictionary(text, text),
          suppressed: fc.record({ exception: text }),
          escalate: fc.record({ count: fc.nat(), decision: fc.constantFrom('block' as const, 'warn' as const) }),
        },
        { requiredKeys: ['rule', 'decision', 'techniques', 'window', 'group'] },
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['id', 'source', 'recordId', 'time', 'ocsf', 'entities', 'principal', 'signals'] },
);

describe('encodeEvent and decodeEvent', () => {
  it('give back any event, whatever its texts and keys', () => {
    fc.assert(
      fc.property(anyEvent, fc.constantFrom(undefined, 0), (event, compressOver) => {
        // -0 is the one number that JSON does not keep; vitest's own comparison stumbles over a key named `constructor`.
        deepStrictEqual(decodeEvent(encodeEvent(event, compressOver)), parseJson(JSON.stringify(event)));
      }),
    );
  });

  it('keep a key named __proto__ as a plain key', () => {
    const hostile = parseJson('{"__proto__":{"admin":true},"constructor":1}') as JsonObject;
    const back = decodeEvent(encodeEvent({ ...sample, ocsf: ocsf(hostile) }));
    expect(Object.keys(back.ocsf)).toStrictEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(back.ocsf)).toBe(Object.prototype);
  });

  it('writes plain JSON up to 256 KiB and gzip over it, and reads both', () => {
    const small = encodeEvent(sample);
    expect(parseJson(Buffer.from(small).toString())).toMatchObject({ v: 1, id: sample.id });
    const large = { ...sample, ocsf: ocsf({ raw_data: 'x'.repeat(300_000) }) };
    const zipped = encodeEvent(large);
    expect(zipped.length).toBeLessThan(10_000);
    expect(gunzipSync(zipped).length).toBeGreaterThan(300_000);
    expect(decodeEvent(zipped)).toStrictEqual(large);
  });

  it('keeps which exception suppresses a signal, and reads events from before there were any', () => {
    const [signal] = sample.signals;
    if (signal === undefined) throw new Error('the sample has no signal');
    const event = { ...sample, signals: [{ ...signal, suppressed: { exception: 'nightly-backup' } }] };
    expect(decodeEvent(encodeEvent(event))).toStrictEqual(event);
    expect(decodeEvent(bytes({})).signals[0]).not.toHaveProperty('suppressed');
    expect(() => decodeEvent(bytes({ signals: [{ ...signal, suppressed: true } as never] }))).toThrow(/suppressed/);
  });

  it('keeps when a signal escalates, and reads events from before any did', () => {
    const [signal] = sample.signals;
    if (signal === undefined) throw new Error('the sample has no signal');
    const event: StoredEvent = {
      ...sample,
      signals: [{ ...signal, decision: 'monitor', escalate: { count: 5, decision: 'warn' } }],
    };
    expect(decodeEvent(encodeEvent(event))).toStrictEqual(event);
    expect(decodeEvent(bytes({})).signals[0]).not.toHaveProperty('escalate');
    const nowhere = { count: 5, decision: 'monitor' };
    expect(() => decodeEvent(bytes({ signals: [{ ...signal, escalate: nowhere } as never] }))).toThrow(/escalate/);
  });

  it('leaves out what is not a field of an event', () => {
    expect(decodeEvent(bytes({ stranger: 1 }))).toStrictEqual(sample);
  });

  const deep: StoredEvent = { ...sample, ocsf: parseJson(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`) as never };
  const tooLarge = { ...sample, ocsf: ocsf({ raw_data: 'x'.repeat(MAX_EVENT_BYTES) }) };
  it.each([
    ['nested 10,000 deep', deep, /nested too deep/],
    ['of more than 16 MiB', tooLarge, /"cloudtrail\/0{8}-.* has 16777\d+ bytes of JSON; at most 16777216/],
    ['without a time', { ...sample, time: NaN }, /`time`/],
    ['without a principal', { ...sample, principal: '' }, /`principal`/],
  ])('refuses to write an event %s', (_, event, reason) => {
    expect(() => encodeEvent(event)).toThrow(EventCodecError);
    expect(() => encodeEvent(event)).toThrow(reason);
  });

  it.each([
    ['nothing', Buffer.of(), /neither JSON in UTF-8 nor gzip/],
    ['cut JSON', bytes({}).subarray(0, 40), /neither JSON/],
    ['what is not UTF-8', Buffer.concat([Buffer.from('"'), Buffer.of(0xff, 0xfe), Buffer.from('"')]), /UTF-8/],
    ['an array', Buffer.from('[]'), /not an object/],
    ['no version', Buffer.from('{}'), /version 1: `v` is undefined/],
    ['a later version', bytes({ v: 2 }), /version 1: `v` is 2.*update/],
    ['an unknown source', bytes({ source: 'syslog' }), /`source`/],
    ['a time that is text', bytes({ time: '2026-11-03' }), /`time`/],
    ['a time beyond all dates', bytes({ time: 9e15 }), /`time`/],
    ['a time between milliseconds', bytes({ time: 0.5 }), /`time`/],
    ['an id of 257 characters', bytes({ id: 'x'.repeat(257) }), /`id`.*256/],
    ['no OCSF', bytes({ ocsf: null }), /`ocsf`/],
    ['entities in an object', bytes({ entities: {} }), /`entities`/],
    ['25 entities', bytes({ entities: Array(25).fill({ kind: 'ip', key: 'ip:203.0.113.7', part: 'origin' }) }), /24/],
    ['an unknown kind', bytes({ entities: [{ kind: 'cat', key: 'a', part: 'actor' }] }), /`entities\.0\.kind`/],
    [
      'a group of numbers',
      bytes({ signals: [{ ...sample.signals[0], group: { principal: 1 } } as never] }),
      /`signals\.0\.group`/,
    ],
    ['cut gzip', gzipSync(bytes({})).subarray(0, 60), /broken gzip/],
    ['a gzip bomb', gzipSync(Buffer.alloc(MAX_EVENT_BYTES + 1, ' ')), /more than 16777216 bytes/],
    ['17 MiB in the open', Buffer.alloc(MAX_EVENT_BYTES + 1, ' '), /16777217 bytes of JSON/],
  ])('refuses to read %s', (_, hostile, reason) => {
    expect(() => decodeEvent(hostile)).toThrow(EventCodecError);
    expect(() => decodeEvent(hostile)).toThrow(reason);
  });

  it('throws nothing but its own error for any bytes', () => {
    const mangled = fc
      .tuple(fc.constantFrom(encodeEvent(sample), encodeEvent(sample, 0)), fc.nat(), fc.nat(255))
      .map(([good, at, byte]) => Uint8Array.from(good, (old, index) => (index === at % good.length ? byte : old)));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((json) => Buffer.from(json)),
          mangled,
        ),
        (hostile) => {
          try {
            decodeEvent(hostile);
          } catch (error) {
            expect(error).toBeInstanceOf(EventCodecError);
          }
        },
      ),
    );
  });
});
