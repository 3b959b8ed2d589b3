import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findingTime } from './times.ts';

describe('findingTime', () => {
  it.each([
    ['2026-11-20T09:20:44.411Z', '2026-11-20T09:20:44.411Z'],
    ['Wed Sep 04 17:00:36.951 UTC 2024', '2024-09-04T17:00:36.951Z'],
    ['Wed Sep 04 17:00:36 GMT 2024', '2024-09-04T17:00:36.000Z'],
    ['Mar 20, 2023, 6:08:05 PM', '2023-03-20T18:08:05.000Z'],
    ['Mar 2, 2023, 12:08:05\u202fAM', '2023-03-02T00:08:05.000Z'],
    [1795166444411, '2026-11-20T09:20:44.411Z'],
  ])('reads %s', (written, time) => {
    expect(findingTime(written)).toBe(Date.parse(time));
  });

  it.each([
    'Wed Foo 04 17:00:36.951 UTC 2024',
    'Mar 40, 2023, 6:08:05 PM',
    'Mar 20, 2023, 13:08:05 PM',
    'x'.repeat(100_000),
    null,
  ])('finds no time in %j', (written) => {
    expect(findingTime(written)).toBeUndefined();
  });

  it('gives a time between 1970 and 2200 or none, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const time = findingTime(text);
        expect(time === undefined || (time >= 0 && time < Date.UTC(2200, 0))).toBe(true);
      }),
    );
  });
});
