import { expect, it } from 'vitest';
import { parseDate, shownDate } from './exception-dates.ts';

it.each([
  ['2027-03-01', '2027-03-01T00:00:00.000Z', '2027-03-01'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z', '2028-02-29'],
  ['2027-03-01T08:30Z', '2027-03-01T08:30:00.000Z', '2027-03-01T08:30Z'],
  ['2027-03-01T08:30:00.5+02:00', '2027-03-01T06:30:00.500Z', '2027-03-01T06:30Z'],
  ['2027-01-01T00:30:00+01:00', '2026-12-31T23:30:00.000Z', '2026-12-31T23:30Z'],
])('reads %s', (text, iso, shown) => {
  const time = parseDate(text) ?? NaN;
  expect(new Date(time).toISOString()).toBe(iso);
  expect(shownDate(time)).toBe(shown);
});

it.each([
  '2027-02-29',
  '2027-13-01',
  '2027-00-10',
  '2027-03-01T08:30:00',
  '2027-03-01T25:00Z',
  '2027-02-30T10:00:00Z',
  '2027-03-01T10:00:00+99:99',
  '01.03.2027',
  'March 1, 2027',
  '2027-3-1',
  '20270301',
  '',
  'never',
])('refuses %j', (text) => {
  expect(parseDate(text)).toBeUndefined();
});
