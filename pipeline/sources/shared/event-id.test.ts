import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RejectedRecord } from '../source.ts';
import { eventId, recordHash } from './event-id.ts';

describe('eventId', () => {
  it('keeps ids that are safe as they are', () => {
    expect(eventId('cloudtrail', '7f3b7d9e-0000-4000-8000-000000000001')).toBe(
      'cloudtrail/7f3b7d9e-0000-4000-8000-000000000001',
    );
  });

  it('never gives two different lists of parts one id, and stays short and printable', () => {
    const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom('a', 'a/b', 'b', '')), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const id = eventId('entra', ...a);
        expect(id).toMatch(/^[\x21-\x7e]{1,256}$/);
        expect(id === eventId('entra', ...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe('recordHash', () => {
  it('is the same for the same record and differs for another', () => {
    expect(recordHash({ a: 1, b: [{ c: 1, d: 2 }] })).toBe(recordHash({ b: [{ d: 2, c: 1 }], a: 1 }));
    expect(recordHash({ a: 1 })).not.toBe(recordHash({ a: 2 }));
  });

  it('rejects by name a record nested beyond the stack', () => {
    const deep: unknown = JSON.parse('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000));
    expect(() => recordHash(deep as { a: null })).toThrow(RejectedRecord);
  });
});
