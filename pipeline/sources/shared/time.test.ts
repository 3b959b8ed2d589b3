import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from './time.ts';

const at = (iso: string) => Date.parse(iso);

describe('parseTime', () => {
  it.each([
    ['2026-11-20T10:11:12Z', '2026-11-20T10:11:12.000Z'],
    ['2026-11-20T10:11:12.5Z', '2026-11-20T10:11:12.500Z'],
    ['2026-11-20T10:11:12.1234567Z', '2026-11-20T10:11:12.123Z'],
    ['2026-11-20T10:11:12.123456789Z', '2026-11-20T10:11:12.123Z'],
    ['2026-11-20T10:11:12.1234567+02:00', '2026-11-20T08:11:12.123Z'],
    ['2026-11-20T10:11:12+00:00', '2026-11-20T10:11:12.000Z'],
    ['2026-11-20T10:11:12.1234567+00:00', '2026-11-20T10:11:12.123Z'],
    ['2026-11-20T10:11:12', '2026-11-20T10:11:12.000Z'],
    ['2026-11-20 10:11:12.25', '2026-11-20T10:11:12.250Z'],
    ['2026-11-20T10:11:12-0330', '2026-11-20T13:41:12.000Z'],
    ['1/9/2026 9:41:00 AM', '2026-01-09T09:41:00.000Z'],
    ['11/3/2026 12:06:42 AM +00:00', '2026-11-03T00:06:42.000Z'],
    ['11/3/2026 12:06:42 PM', '2026-11-03T12:06:42.000Z'],
    ['11/3/2026, 9:06:42.123 PM', '2026-11-03T21:06:42.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseTime(text)).toBe(at(expected));
  });

  it.each([
    [1_795_000_000, 1_795_000_000_000],
    [1_795_000_000_123, 1_795_000_000_123],
    [1_795_000_000.5, 1_795_000_000_500],
  ])('reads the number %d', (value, expected) => {
    expect(parseTime(value)).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T10:11:1xZ',
    '13/40/2026 9:41:00 AM',
    '1/9/2026 13:41:00 AM',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    `2026-11-20T10:11:12.${'0'.repeat(1000)}Z`,
    null,
    true,
    {},
    [],
    -5,
    5,
    NaN,
  ])('refuses %j', (value) => {
    expect(parseTime(value)).toBeUndefined();
  });

  it('agrees with the language on every time that both can read', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2199-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      }),
    );
  });

  it('never throws, and gives a time in range or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double()), (value) => {
        const time = parseTime(value);
        expect(time === undefined || (time >= 0 && time < Date.UTC(2200, 0, 1))).toBe(true);
      }),
    );
  });
});
