import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, damaged, frozen, samplesIn } from '../../../test/records.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { decodeEvent, encodeEvent } from '../../timeline/codec.ts';
import { MAX_ENTITIES } from '../../timeline/entity.ts';
import { violations } from '../../timeline/ocsf/validate.ts';
import { RejectedRecord, type ReadRecord } from '../source.ts';
import { crosstrail } from './index.ts';
import { CATEGORY } from './schema.ts';

const samples = samplesIn(new URL('samples/', import.meta.url));
const NSG =
  'arm:/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/shop/providers/microsoft.network/networksecuritygroups/nsg-web';
const sample = (at: number): JsonObject => ({ ...samples[at]?.record });

function expectPromises(record: JsonObject): void {
  let result: ReadRecord | undefined;
  try {
    result = crosstrail.read(record);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedRecord);
  }
  expect(crosstrail.schema.safeParse(record).success).toBe(result !== undefined);
  if (result === undefined) return;
  const { event } = result;
  expect(violations(event.ocsf)).toEqual([]);
  expect(event.id).toMatch(/^crosstrail\/[\x21-\x7e]{1,250}$/);
  expect(event.entities.length).toBeLessThanOrEqual(MAX_ENTITIES);
  expect(event.entities.map(({ key }) => key)).toContain(event.principal);
  expect(crosstrail.read(record).event).toEqual(event);
  expect(decodeEvent(encodeEvent({ ...event, signals: [] })).id).toBe(event.id);
}

describe('what Crosstrail did', () => {
  it.each(samples)('$name is recognised, read as valid OCSF, and not changed', ({ record }) => {
    expect(crosstrail.recognises(record)).toBe(true);
    expect(crosstrail.schema.safeParse(record).success).toBe(true);
    expectPromises(frozen(structuredClone(record)));
  });

  it('stands under what it was done to, with its place in the evidence', () => {
    const { event } = crosstrail.read(sample(1));
    expect(event.principal).toBe('crosstrail:response');
    expect(event.entities.map(({ key, part }) => [key, part])).toEqual([
      ['crosstrail:response', 'actor'],
      ['ip:198.51.100.23', 'target'],
      [NSG, 'target'],
    ]);
    expect(event.ocsf).toMatchObject({
      api: { operation: 'nsg-deny change-made' },
      message: 'Deny 198.51.100.23 inbound by rule crosstrail-deny-in-00 of nsg-web',
      status_id: 1,
      unmapped: { evidence: { number: 9 } },
    });
  });

  it('stands under the person who approved it', () => {
    const { event } = crosstrail.read(sample(0));
    expect(event.principal).toMatch(/^entra-user:/);
    expect(event.ocsf).toMatchObject({ activity_id: 99, activity_name: 'approved' });
  });

  it.each([
    ['a deed that is none', { deed: 'constructor' }, 'deed: expected a deed'],
    ['a time that is none', { time: 'yesterday' }, 'time: expected a time'],
    ['a hash that is none', { evidence: { number: 1, hash: 'abc' } }, 'evidence.hash: expected a SHA-256'],
    ['a key without end', { actor: { key: 'x'.repeat(10_000) } }, 'actor.key'],
  ])('is rejected with the reason: %s', (_name, change, reason) => {
    expect(() => crosstrail.read({ ...sample(1), ...change })).toThrow(reason);
  });
});

it('no record whatever breaks a promise', () => {
  const names = [...new Set(samples.flatMap(({ record }) => Object.keys(record)))];
  const strange = anyObject(names).map((record) => ({ ...record, category: CATEGORY }));
  fc.assert(fc.property(fc.oneof(damaged(samples), strange), (record) => expectPromises(record)));
});
