import { describe, expect, it } from 'vitest';
import { correlationOf, reasonAgainst } from '../correlation-samples.ts';
import { DAY, HOUR } from './typed-samples.ts';

const SECTIONS = {
  first_seen: { type: 'first_seen', rules: ['a'], timespan: '30d', condition: { field: 'v' } },
  impossible_travel: { type: 'impossible_travel', rules: ['a'], timespan: '1d' },
  rate: { type: 'rate', rules: ['a'], timespan: '1h', condition: { factor: 5, 'at-least': 50 } },
  absence: { type: 'absence', rules: ['a', 'b'], timespan: '1h' },
  sequence: { type: 'sequence', rules: ['a', 'b'], timespan: '1h' },
};

type Kind = keyof typeof SECTIONS;

describe('parseTypedCondition', () => {
  it.each<[Kind, unknown, object]>([
    ['first_seen', { field: 'v' }, { fields: ['v'], learning: 14 * DAY }],
    ['first_seen', { field: ['v', 'w'], learning: '1w' }, { fields: ['v', 'w'], learning: 7 * DAY }],
    ['impossible_travel', undefined, { speed: 900, distance: 500 }],
    ['impossible_travel', null, { speed: 900, distance: 500 }],
    ['impossible_travel', { speed: 1200 }, { speed: 1200, distance: 500 }],
    ['rate', { factor: 1.5, 'at-least': 2 }, { factor: 1.5, atLeast: 2, learning: 14 * DAY }],
    ['rate', { factor: 5, 'at-least': 50, learning: '1h' }, { factor: 5, atLeast: 50, learning: HOUR }],
    ['absence', undefined, { direction: 'before' }],
    ['absence', { direction: 'after', learning: '7d' }, { direction: 'after', learning: 7 * DAY }],
    ['sequence', {}, { sources: 1 }],
    ['sequence', { gap: '1h', sources: 3 }, { gap: HOUR, sources: 3 }],
  ])('reads of %s the condition %j', (kind, condition, read) => {
    const correlation = correlationOf({ ...SECTIONS[kind], condition });
    expect(correlation).toMatchObject({ type: kind, condition: { kind, ...read } });
  });

  it.each<[Kind, unknown, RegExp]>([
    ['first_seen', undefined, /^correlation\.condition: expected a map of field, learning/],
    ['first_seen', {}, /^correlation\.condition\.field: expected the name of a field, or a list of 1 to 8 names/],
    [
      'first_seen',
      { field: [] },
      /^correlation\.condition\.field: expected the name of a field, or a list of 1 to 8 names/,
    ],
    ['first_seen', { field: 'v', learning: '2' }, /learning: expected a length of time .*, found '2'/],
    ['first_seen', { field: 'v', learning: '31d' }, /^condition\.learning: longer than timespan/],
    ['first_seen', { field: 'v', gte: 2 }, /^correlation\.condition\.gte: not part of this condition; known are field/],
    ['first_seen', 'v', /^correlation\.condition: expected a map of field, learning/],
    ['impossible_travel', { speed: 10 }, /^correlation\.condition\.speed: expected kilometres an hour, 100 to 100000/],
    ['impossible_travel', { distance: 'far' }, /^correlation\.condition\.distance: expected kilometres/],
    ['rate', undefined, /^correlation\.condition: expected a map of factor, at-least, learning/],
    ['rate', { factor: 1, 'at-least': 5 }, /^correlation\.condition\.factor: expected a number above 1/],
    ['rate', { factor: 2, 'at-least': 1 }, /^correlation\.condition\.at-least: expected a whole number, 2 to 1000000/],
    ['rate', { factor: 2, 'at-least': 5, learning: '5m' }, /^condition\.learning: expected from one to 1000 timespans/],
    ['rate', { factor: 2, 'at-least': 5, learning: '42d' }, /^condition\.learning: expected from one to 1000/],
    ['absence', { direction: 'both' }, /^correlation\.condition\.direction: expected before or after/],
    ['absence', { learning: '1h' }, /^condition\.learning: expected more than the timespan/],
    ['sequence', { gap: '2h' }, /^condition\.gap: longer than timespan/],
    ['sequence', { sources: 6 }, /^correlation\.condition\.sources: expected a whole number, 1 to 5/],
  ])('refuses of %s the condition %j', (kind, condition, reason) => {
    expect(reasonAgainst({ ...SECTIONS[kind], condition })).toMatch(reason);
  });

  it.each<[Kind, readonly string[], RegExp]>([
    ['absence', ['a'], /^correlation\.rules: absence takes two rules or more/],
    ['sequence', ['a'], /^correlation\.rules: sequence takes two rules or more/],
    ['sequence', Array.from({ length: 33 }, (_, at) => `r${at}`), /^correlation\.rules: sequence takes at most 32/],
  ])('refuses for %s the rules %j', (kind, rules, reason) => {
    expect(reasonAgainst({ ...SECTIONS[kind], rules })).toMatch(reason);
  });
});
