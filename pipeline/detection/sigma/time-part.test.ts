import { describe, expect, it } from 'vitest';
import { timePart, type TimePart } from './time-part.ts';

describe('timePart', () => {
  it.each<[TimePart, string, number | undefined]>([
    ['minute', '2026-03-02T09:14:07Z', 14],
    ['hour', '2026-03-02T09:14:07.1234567Z', 9],
    ['hour', '2026-03-02 23:59:59', 23],
    ['hour', '2026-03-02T01:00:00+05:30', 1],
    ['day', '2026-03-02T09:14:07Z', 2],
    ['month', '2026-03-02', 3],
    ['year', '2026-03-02', 2026],
    ['week', '2026-03-02', 10],
    ['week', '2026-01-01', 1],
    ['week', '2027-01-01', 53],
    ['week', '2024-12-30', 1],
    ['hour', '2026-03-02', undefined],
    ['day', '2026-02-30T00:00:00Z', undefined],
    ['hour', '2026-03-02T25:00:00Z', undefined],
    ['year', '1772442847', undefined],
    ['month', '3/2/2026 9:14:07 AM', undefined],
    ['day', 'yesterday', undefined],
  ])('%s of %s', (part, text, expected) => {
    expect(timePart(text, part)).toBe(expected);
  });
});
