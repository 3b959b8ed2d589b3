import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { correlated, correlationOf, matched, reasonAgainst } from '../correlation/correlation-samples.ts';
import { Correlator, evaluateCorrelations, type MatchedRecord } from '../correlation/correlator.ts';
import type { CorrelatedEvent } from '../correlation/point.ts';
import type { TypedOptions } from '../correlation/typed/typed-state.ts';
import { rowsOf, type Rows } from './samples.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

type Event = readonly [second: number, rules?: string, fields?: JsonObject, more?: Partial<CorrelatedEvent>];

/** Events that are called a, b, c… in the order given. */
const recordsOf = (events: readonly Event[]): MatchedRecord<CorrelatedEvent>[] =>
  events.map(([second, rules = 'r', fields = {}, more = {}], at) => {
    const record = matched(String.fromCharCode(97 + at), second, rules.split(' '), fields);
    return { ...record, event: { ...record.event, ...more } };
  });

/** The events of each signal that a correlation makes of events. */
function correlates(
  section: unknown,
  events: readonly Event[],
  signals: readonly string[],
  options: TypedOptions = {},
): void {
  const correlator = new Correlator<CorrelatedEvent>(correlated(correlationOf(section)), options);
  for (const record of recordsOf(events)) correlator.add(record);
  const found = correlator.signals().map(({ events: own }) => own.map(({ id }) => id).join(''));
  expect(found).toEqual(signals);
}

const SEEN = { type: 'first_seen', rules: ['r'], timespan: '3d', condition: { field: 'v', learning: '1d' } };
const TRAVEL = { type: 'impossible_travel', rules: ['r'], timespan: '1d' };
const RATE = {
  type: 'rate',
  rules: ['r'],
  timespan: '1h',
  condition: { factor: 2, 'at-least': 3, learning: '1d' },
};
const ABSENCE = { type: 'absence', rules: ['used', 'signed'], timespan: '1h' };
const SEQUENCE = { type: 'sequence', rules: ['x', 'y'], timespan: '1h' };

const v = (second: number, value: unknown): Event => [second, 'r', { v: value } as JsonObject];
const at = (second: number, latitude?: number): Event => [
  second,
  'r',
  {},
  { action: { from: { ip: '198.51.100.23', latitude, longitude: 18 } } },
];

const TYPES: Rows = {
  '`first_seen`': () => {
    correlates(SEEN, [v(0, 'home'), v(DAY, 'home'), v(2 * DAY, 'away'), v(3 * DAY, 'away')], ['c']);
    const pairs = { ...SEEN, condition: { field: ['v', 'w'], learning: '1d' } };
    const pair = (second: number, [one, other]: string): Event => [second, 'r', { v: one ?? '', w: other ?? '' }];
    correlates(pairs, [pair(0, 'ax'), pair(1, 'by'), pair(DAY, 'ax'), pair(DAY + 1, 'ay')], ['d']);
    expect(correlationOf({ ...SEEN, timespan: '30d', condition: { field: 'v' } }).condition).toEqual({
      kind: 'first_seen',
      fields: ['v'],
      learning: 14 * DAY * 1000,
    });
  },
  'what is known': () => {
    correlates(SEEN, [v(0, 'home'), v(DAY - 1, 'away')], []);
    correlates(SEEN, [v(0, 'home'), v(4 * DAY, 'away')], []);
    correlates(SEEN, [v(0, 'home'), v(3 * DAY, 'away')], ['b']);
  },
  '`first_seen` of many values': () => {
    const events = (count: number) => [
      ...Array.from({ length: count }, (_, index) => v(index, `value ${index}`)),
      v(2 * DAY, 'new'),
    ];
    correlates(SEEN, events(999), [String.fromCharCode(97 + 999)]);
    correlates(SEEN, events(1000), []);
  },
  '`impossible_travel`': () => {
    correlates(TRAVEL, [at(0, 59), at(HOUR, 50)], ['ab']);
    correlates(TRAVEL, [at(0, 59), at(2 * HOUR, 50)], []);
    correlates(TRAVEL, [at(0, 59), at(0, 55)], []);
    correlates(TRAVEL, [at(0, 59), at(1), at(HOUR, 50)], ['ac']);
    correlates({ ...TRAVEL, condition: { distance: 400, speed: 300 } }, [at(0, 59), at(HOUR, 55)], ['ab']);
  },
  'known networks': () => {
    const cidr = '198.51.100.0/24';
    correlates(TRAVEL, [at(0, 59), at(HOUR, 50)], [], { networks: [{ cidr, egress: true }] });
    correlates(TRAVEL, [at(0, 59), at(HOUR, 50)], [], { networks: [{ cidr, latitude: 59, longitude: 18 }] });
    correlates(TRAVEL, [at(0, 59), at(HOUR, 50)], ['ab'], { networks: [{ cidr: '203.0.113.0/24', egress: true }] });
  },
  '`rate`': () => {
    const before = [v(0, 1), v(10, 1), v(DAY - 10, 1)];
    const outbreak = (count: number) => Array.from({ length: count }, (_, index) => v(DAY + index, 1));
    correlates(RATE, [...before, ...outbreak(3)], []);
    correlates(RATE, [...before, ...outbreak(4)], ['defg']);
    correlates(RATE, [...before.slice(1), ...outbreak(4)], []);
  },
  '`absence`': () => {
    correlates(
      ABSENCE,
      [
        [0, 'signed'],
        [HOUR, 'used'],
        [HOUR + 1, 'used'],
      ],
      ['c'],
    );
    correlates(ABSENCE, [[0, 'used signed']], []);
    const after = { ...ABSENCE, condition: { direction: 'after' } };
    correlates(
      after,
      [
        [0, 'used'],
        [1, 'used'],
        [HOUR + 1, 'signed'],
      ],
      ['a'],
    );
  },
  '`learning` of an `absence`': () => {
    const learned = { ...ABSENCE, condition: { learning: '1d' } };
    correlates(learned, [[DAY, 'used']], []);
    correlates(
      learned,
      [
        [0, 'signed'],
        [DAY, 'used'],
      ],
      ['b'],
    );
    expect(reasonAgainst({ ...ABSENCE, condition: { learning: '1h' } })).toMatch(/more than the timespan/);
  },
  '`sequence`': () => {
    correlates(
      SEQUENCE,
      [
        [0, 'x'],
        [HOUR, 'y'],
      ],
      ['ab'],
    );
    correlates(
      SEQUENCE,
      [
        [0, 'y'],
        [1, 'x'],
      ],
      [],
    );
    correlates(
      SEQUENCE,
      [
        [0, 'y'],
        [0, 'x'],
      ],
      ['ab'],
    );
    correlates(SEQUENCE, [[0, 'x y']], []);
    correlates(
      { ...SEQUENCE, condition: { gap: '5m' } },
      [
        [0, 'x'],
        [301, 'y'],
      ],
      [],
    );
    const wide = { ...SEQUENCE, condition: { sources: 2 } };
    correlates(
      wide,
      [
        [0, 'x', {}, { source: 'entra' }],
        [1, 'y', {}, { source: 'entra' }],
      ],
      [],
    );
    correlates(
      wide,
      [
        [0, 'x', {}, { source: 'entra' }],
        [1, 'y', {}, { source: 'cloudtrail' }],
      ],
      ['ab'],
    );
  },
  'events of a `sequence`': () => {
    correlates(
      SEQUENCE,
      [
        [0, 'x'],
        [1, 'x'],
        [2, 'y'],
      ],
      ['bc'],
    );
  },
  'one signal for one window': () => {
    correlates(
      SEQUENCE,
      [
        [0, 'x'],
        [1, 'y'],
        [2, 'y'],
      ],
      ['abc'],
    );
    correlates(
      SEQUENCE,
      [
        [0, 'x'],
        [3599, 'y'],
        [3600, 'y'],
      ],
      ['ab', 'ac'],
    );
  },
  'what may still be undone': () => {
    const told = (section: unknown, events: readonly Event[], decided: number): number => {
      const correlator = new Correlator<CorrelatedEvent>(correlated(correlationOf(section)));
      const records = recordsOf(events);
      for (const record of records) correlator.add(record);
      const start = (records[0]?.event.time ?? 0) - (events[0]?.[0] ?? 0) * 1000;
      return correlator.settle(start + decided * 1000).found.length;
    };
    expect([told(ABSENCE, [[5, 'used']], 4), told(ABSENCE, [[5, 'used']], 5)]).toEqual([0, 1]);
    const after = { ...ABSENCE, condition: { direction: 'after' } };
    expect([told(after, [[5, 'used']], HOUR + 4), told(after, [[5, 'used']], HOUR + 5)]).toEqual([0, 1]);
    const outbreak = [v(0, 1), v(HOUR, 1), ...[0, 1, 2].map((index) => v(DAY + 60 + index, 1))];
    expect([told(RATE, outbreak, DAY - 1), told(RATE, outbreak, DAY)]).toEqual([0, 1]);
    expect(told(TRAVEL, [at(0, 59), at(HOUR, 50)], 0)).toBe(1);
    expect(evaluateCorrelations(correlated(correlationOf(ABSENCE)), recordsOf([[5, 'used']]))).toHaveLength(1);
  },
};

describe('Sigma: Correlation types of the project', () => {
  it.each(Object.entries(TYPES))('%s', (_row, test) => {
    test();
  });

  it('has a row in docs/sigma.md for each test, and no other', () => {
    expect(rowsOf('Correlation types of the project')).toEqual(Object.keys(TYPES));
  });
});
