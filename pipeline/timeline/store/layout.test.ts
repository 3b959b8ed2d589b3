import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bucketOf,
  bucketOfTable,
  dayKey,
  dayOf,
  dayOfKey,
  daySpan,
  hashOf,
  placeOfKey,
  rowKey,
  rowSpan,
} from './layout.ts';

const MAX_TIME = 8.64e15;
const time = fc.oneof(
  fc.integer({ min: -MAX_TIME, max: MAX_TIME }),
  fc.integer({ min: Date.UTC(2009, 11, 31), max: Date.UTC(2040, 0, 2) }),
);
const entity = hashOf('ip:203.0.113.7');
const id = fc.string().map(hashOf);

describe('bucketOf', () => {
  it.each([
    [Date.UTC(2026, 10, 30, 23, 59, 59, 999), 'timeline202611'],
    [Date.UTC(2026, 11, 1), 'timeline202612'],
    [Date.UTC(2010, 0, 1), 'timeline201001'],
    [Date.UTC(2010, 0, 1) - 1, 'timelineearlier'],
    [0, 'timelineearlier'],
    [-MAX_TIME, 'timelineearlier'],
    [Date.UTC(2040, 0, 1) - 1, 'timeline203912'],
    [Date.UTC(2040, 0, 1), 'timelinelater'],
    [MAX_TIME, 'timelinelater'],
  ])('puts %i in %s', (at, table) => {
    expect(bucketOf('timeline', at).table).toBe(table);
  });

  it('holds its events, and is the bucket of its own table', () => {
    fc.assert(
      fc.property(time, (at) => {
        const bucket = bucketOf('timeline', at);
        expect(bucket.start <= at && at < bucket.end).toBe(true);
        expect(bucketOfTable('timeline', bucket.table)).toStrictEqual(bucket);
      }),
    );
  });

  it.each([
    'timeline',
    'timeline202613',
    'timeline2026',
    'timeline204001',
    'timelinearlier',
    'timeline202611s0',
    'timelinelaters0',
  ])('has no bucket for the table %s', (table) => {
    expect(bucketOfTable('timeline', table)).toBeUndefined();
  });
});

describe('keys', () => {
  it('give back their time, day and event', () => {
    fc.assert(
      fc.property(time, id, (at, event) => {
        expect(placeOfKey(rowKey(entity, at, event), dayOf(at))).toStrictEqual({ time: at, event });
        expect(dayOfKey(dayKey(entity, dayOf(at)))).toBe(dayOf(at));
      }),
    );
  });

  it('stand in order of time, newest first', () => {
    fc.assert(
      fc.property(time, time, (a, b) => {
        fc.pre(dayOf(a) !== dayOf(b));
        expect(dayKey(entity, dayOf(a)) < dayKey(entity, dayOf(b))).toBe(dayOf(a) > dayOf(b));
      }),
    );
    const nearby = fc.integer({ min: 0, max: 2 * 86_400_000 });
    fc.assert(
      fc.property(nearby, nearby, id, id, (a, b, first, second) => {
        fc.pre(a !== b && dayOf(a) === dayOf(b));
        expect(rowKey(entity, a, first) < rowKey(entity, b, second)).toBe(a > b);
      }),
    );
  });

  it('are different for texts that differ only in half a surrogate pair', () => {
    expect(hashOf('ip:\ud800')).not.toBe(hashOf('ip:\ud801'));
    expect(hashOf('__proto__')).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('spans', () => {
  const day = dayOf(Date.UTC(2026, 10, 3));
  const near = fc.integer({ min: (day - 1) * 86_400_000, max: (day + 2) * 86_400_000 });
  const within = fc.integer({ min: day * 86_400_000, max: (day + 1) * 86_400_000 - 1 });
  const open = fc.constantFrom(-Infinity, Infinity);

  it('hold just the rows of their time', () => {
    fc.assert(
      fc.property(within, id, fc.oneof(near, open), fc.oneof(near, open), (at, event, from, to) => {
        const key = rowKey(entity, at, event);
        const span = rowSpan(entity, day, from, to);
        expect(span.keyAt(span.low) <= key && key < span.keyAt(span.high)).toBe(from <= at && at < to);
        const position = span.positionOf(key);
        expect(span.keyAt(position) <= key && key < span.keyAt(position + 1)).toBe(true);
      }),
    );
  });

  it('hold just the days that their time touches', () => {
    const from = fc.oneof(time, fc.constant(-Infinity));
    const to = fc.oneof(time, fc.constant(Infinity));
    fc.assert(
      fc.property(time, from, to, (at, start, end) => {
        fc.pre(start < end);
        const key = dayKey(entity, dayOf(at));
        const span = daySpan(entity, start, end);
        const touched = dayOf(start) <= dayOf(at) && dayOf(at) <= dayOf(end - 1);
        expect(span.keyAt(span.low) <= key && key < span.keyAt(span.high)).toBe(touched);
        expect(span.keyAt(span.positionOf(key))).toBe(key);
      }),
    );
  });
});
