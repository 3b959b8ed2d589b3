import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { RejectedRecord } from '../source.ts';
import { jsonSource } from './index.ts';

const read = (record: JsonObject, timeField?: string) => jsonSource(timeField).read(record).event;

describe('any JSON', () => {
  it('keeps a record whole, and gives it its own id', () => {
    const record = { eventID: 'e-1', eventTime: '2026-01-01T00:00:00Z', nested: { constructor: 1 } };
    expect(read(record)).toMatchObject({ recordId: 'e-1', time: Date.UTC(2026, 0, 1), ocsf: { unmapped: record } });
  });

  it.each([
    ['auditID', { auditID: 'x' }, 'x'],
    ['properties.id', { properties: { id: 'x' } }, 'x'],
    ['eventDataId', { eventDataId: 'x', correlationId: 'c', operationName: 'o', resultType: 'Start' }, 'x'],
    ['what an Activity row has', { correlationId: 'c', operationName: 'o', resultType: 'Start' }, 'c+o+Start'],
    ['a number', { id: 5 }, '5'],
  ])('names a record by %s', (_name, record: JsonObject, id) => {
    expect(read(record).recordId).toBe(id);
  });

  it('takes records for one event only where they are the same throughout', () => {
    expect(read({ id: 4688, user: 'ann' }).id).not.toBe(read({ id: 4688, user: 'bob' }).id);
    expect(read({ id: 4688, user: 'ann' }).id).toBe(read({ id: 4688, user: 'ann' }).id);
  });

  it('reads the stated time, also by a path, and rejects a record without it', () => {
    expect(read({ a: [{ b: '2026-01-01T00:00:00Z' }] }, 'a.0.b').time).toBe(Date.UTC(2026, 0, 1));
    expect(read({ 'a.b': 1767225600 }, 'a.b').time).toBe(Date.UTC(2026, 0, 1));
    expect(() => read({ time: '2026-01-01T00:00:00Z' }, 'a.b')).toThrow(RejectedRecord);
    expect(() => read({ a: 9e18 }, 'a')).toThrow('a: expected a time, found 9000000000000000000');
    expect(read({}).time).toBe(0);
  });
});
