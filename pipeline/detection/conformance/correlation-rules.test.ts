import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { CorrelatedSignals } from '../correlation/correlated-signals.ts';
import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import { correlated, correlationOf, matched, reasonAgainst } from '../correlation/correlation-samples.ts';
import { evaluateCorrelations } from '../correlation/correlator.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';
import { correlationText, COUNT, reasonsOf, rowsOf, RULE, setOf, type Rows } from './samples.ts';

const TEMPORAL = { type: 'temporal', rules: ['a', 'b'], timespan: '10s' };

type Event = readonly [second: number, rules?: string, fields?: JsonObject];

/** The events of each signal that a correlation makes of events, which are called a, b, c… in the order given. */
function correlates(
  section: unknown,
  events: readonly Event[],
  signals: readonly string[],
  more: JsonObject = {},
): void {
  const records = events.map(([second, rules = 'r', fields = {}], at) =>
    matched(String.fromCharCode(97 + at), second, rules.split(' '), fields),
  );
  const found = evaluateCorrelations(correlated(correlationOf(section, { id: 'x', ...more })), records);
  expect(found.map(({ events: own }) => own.map(({ id }) => id).join(''))).toEqual(signals);
}

const v = (...values: readonly unknown[]): Event[] => values.map((value, at) => [at, 'r', { v: value } as JsonObject]);
const ofValues = (type: string, condition: JsonObject): JsonObject => ({
  type,
  rules: ['r'],
  timespan: '100s',
  condition,
});

const CORRELATIONS: Rows = {
  types: () => {
    correlates(ofValues('event_count', { gte: 2 }), v(1, 1), ['ab']);
    correlates(ofValues('value_count', { field: 'v', gte: 2 }), v('x', 'y'), ['ab']);
    correlates(ofValues('value_sum', { field: 'v', gte: 5 }), v(2, 3), ['ab']);
    correlates(ofValues('value_avg', { field: 'v', gt: 2 }), v(2, 3), ['ab']);
    correlates(ofValues('value_percentile', { field: 'v', percentile: 90, gt: 2 }), v(2, 3), ['ab']);
    correlates(ofValues('value_median', { field: 'v', gt: 2 }), v(2, 3), ['ab']);
    correlates(
      TEMPORAL,
      [
        [0, 'b'],
        [1, 'a'],
      ],
      ['ab'],
    );
    correlates(
      { ...TEMPORAL, type: 'temporal_ordered' },
      [
        [0, 'a'],
        [1, 'b'],
      ],
      ['ab'],
    );
    expect(reasonAgainst({ ...COUNT, type: 'value_max' })).toMatch(/^correlation\.type: expected one of event_count/);
  },
  '`rules`': () => {
    expect(setOf([RULE, correlationText({ ...COUNT, rules: 'named' })]).correlations).toMatchObject([{ rules: ['r'] }]);
    const other = ruleText({ a: { f: 1 }, condition: 'a' }, { id: 'other', name: 'r' });
    expect(setOf([RULE, other, correlationText(COUNT)]).correlations).toMatchObject([{ rules: ['r'] }]);
    const broken = ruleText({ a: { 'f|like': 1 }, condition: 'a' }, { id: 'broken' });
    const bad = (rules: readonly string[]) => reasonsOf(RULE, broken, correlationText({ ...COUNT, rules })).at(-1);
    expect(bad(['nobody'])).toBe("no rule with the id or the name 'nobody' is loaded");
    expect(bad(['broken'])).toMatch(/^needs the rule 'broken', which is rejected/);
    expect(bad(['r', 'named'])).toMatch(/^'named' means a rule that is referred to already/);
  },
  '`group-by`': () => {
    correlates(
      COUNT,
      [
        [0, 'r', { f: 1 }],
        [1, 'r', { f: 2 }],
      ],
      ['ab'],
    );
    correlates(
      { ...COUNT, 'group-by': 'f' },
      [
        [0, 'r', { f: 1 }],
        [1, 'r', { f: 2 }],
      ],
      [],
    );
  },
  'values of `group-by`': () => {
    const by = { ...COUNT, 'group-by': ['f'] };
    correlates(
      by,
      [
        [0, 'r', { f: 'Anna' }],
        [1, 'r', { f: ['x', 'anna'] }],
      ],
      ['ab'],
    );
    for (const f of [null, '', { g: 1 }])
      correlates(
        by,
        [
          [0, 'r', { f }],
          [1, 'r', { f }],
        ],
        [],
      );
    correlates(by, [[0], [1]], []);
    correlates({ ...COUNT, 'group-by': ['principal'] }, [[0], [1]], []);
  },
  '`aliases`': () => {
    const section = { ...TEMPORAL, 'group-by': ['user'], aliases: { user: { a: 'name' } } };
    correlates(
      section,
      [
        [0, 'a', { name: 'anna' }],
        [1, 'b', { user: 'anna' }],
      ],
      ['ab'],
    );
    const named = setOf([RULE, correlationText({ ...COUNT, 'group-by': ['user'], aliases: { user: { named: 'g' } } })]);
    expect(named.correlations[0]?.aliases.get('user')).toEqual(new Map([['r', 'g']]));
  },
  '`timespan`': () => {
    expect(
      ['90s', '2m', '3h', '4d', '1w'].map((timespan) => correlationOf({ ...COUNT, timespan }).timespan / 1000),
    ).toEqual([90, 120, 10_800, 345_600, 604_800]);
    for (const timespan of ['1M', '1y', '367d', '5', 5])
      expect(reasonAgainst({ ...COUNT, timespan })).toMatch(/timespan/);
  },
  windows: () => {
    correlates(COUNT, [[-1e12], [-1e12]], []);
    correlates(COUNT, [[55], [65]], ['ab']);
    correlates(COUNT, [[55], [65.001]], []);
    correlates({ ...COUNT, condition: { eq: 2 } }, [[1], [1], [1]], []);
  },
  'one signal for one episode': () => {
    const section = { ...ofValues('value_avg', { field: 'v', gt: 5 }), timespan: '10s' };
    correlates(section, [...v(9, 0, 9, 0), [30, 'r', { v: 9 }]], ['abc', 'e']);
    correlates(COUNT, [[0], [9], [18], [27], [38], [39]], ['abcd', 'ef']);
  },
  'what is looked at': () => {
    correlates({ ...COUNT, condition: { lt: 2 } }, [[0], [1], [30]], ['a', 'c']);
    expect(reasonAgainst({ ...COUNT, condition: { lt: 1 } })).toMatch(/The absence of events cannot be measured/);
  },
  '`condition`': () => {
    correlates({ ...COUNT, condition: { gt: 1, lte: 2 } }, [[0], [1]], ['ab']);
    correlates({ ...COUNT, condition: { neq: 1 } }, [[0], [1]], ['ab']);
  },
  '`value_count` of several fields': () => {
    const section = ofValues('value_count', { field: ['v', 'w'], gte: 3 });
    const pairs = (...list: readonly string[]): Event[] =>
      list.map((pair, at) => [at, 'r', { v: pair[0] ?? '', w: pair[1] ?? '' }]);
    correlates(section, pairs('ax', 'ay', 'bx'), ['abc']);
    correlates(section, pairs('ax', 'by', 'ax'), []);
  },
  'values that are absent or no numbers': () => {
    correlates(ofValues('value_sum', { field: 'v', gte: 5 }), v(2, 'x', null, 3), ['abcd']);
    correlates(ofValues('value_avg', { field: 'v', lt: 5 }), v('x', null), []);
    correlates(ofValues('value_count', { field: 'v', eq: 0 }), v(null), ['a']);
  },
  '`value_percentile`': () => {
    correlates(ofValues('value_percentile', { field: 'v', percentile: 50, eq: 2 }), v(1, 4, 2, 3), ['abcd']);
    expect(reasonAgainst(ofValues('value_percentile', { field: 'v', lte: 1 }))).toMatch(/needs 'percentile'/);
  },
  '`value_median`': () => {
    correlates(ofValues('value_median', { field: 'v', eq: 2.5 }), v(1, 2, 3, 4), ['abcd']);
  },
  '`temporal`': () => {
    const three = { ...TEMPORAL, rules: ['a', 'b', 'c'] };
    correlates(
      three,
      [
        [0, 'c'],
        [1, 'a'],
        [2, 'b'],
      ],
      ['abc'],
    );
    correlates(
      three,
      [
        [0, 'c'],
        [1, 'a'],
        [2, 'c'],
      ],
      [],
    );
    correlates(
      { ...three, condition: { gte: 2 } },
      [
        [0, 'c'],
        [1, 'a'],
        [2, 'a'],
      ],
      ['abc'],
    );
  },
  '`temporal_ordered`': () => {
    const ordered = { ...TEMPORAL, type: 'temporal_ordered' };
    correlates(
      ordered,
      [
        [0, 'b'],
        [1, 'a'],
      ],
      [],
    );
    correlates(
      ordered,
      [
        [1, 'b'],
        [1, 'a'],
      ],
      ['ab'],
    );
    correlates(ordered, [[1, 'a b']], []);
    correlates(
      { ...ordered, rules: ['a', 'b', 'c'], condition: { gte: 2 } },
      [
        [0, 'a'],
        [1, 'c'],
      ],
      ['ab'],
    );
  },
  'one event of two rules': () => {
    correlates({ ...COUNT, rules: ['a', 'b'] }, [[0, 'a b']], ['a']);
    correlates(TEMPORAL, [[0, 'a b']], ['a']);
  },
  'conditions over rules': () => {
    correlates(
      { ...TEMPORAL, rules: ['a', 'b', 'c'], condition: 'a and (b or c)' },
      [
        [0, 'c'],
        [1, 'a'],
      ],
      ['ab'],
    );
    expect(reasonAgainst({ ...TEMPORAL, condition: 'a' })).toMatch(/does not name 'b'/);
    expect(reasonAgainst({ ...TEMPORAL, condition: 'not a or b' })).toMatch(/holds although no rule has matched/);
    expect(reasonAgainst({ ...TEMPORAL, type: 'temporal_ordered', condition: 'a and b' })).toMatch(/is not defined/);
    expect(reasonAgainst({ ...COUNT, condition: 'r' })).toMatch(/an expression goes with temporal/);
  },
  '`not` in a condition over rules': () => {
    const section = { ...TEMPORAL, condition: 'a and not b' };
    correlates(
      section,
      [
        [0, 'b'],
        [10, 'a'],
      ],
      [],
    );
    correlates(
      section,
      [
        [0, 'b'],
        [11, 'a'],
        [12, 'b'],
      ],
      ['b'],
    );
  },
  chains: () => {
    const burst = correlationOf({ ...COUNT, 'group-by': ['host'] }, { id: 'burst' });
    const taken = correlationOf(
      { type: 'temporal_ordered', rules: ['burst', 'login'], timespan: '5s' },
      { id: 'taken' },
    );
    const failed = (id: string, second: number) => matched(id, second, 'r', { host: 'h' });
    const records = [0, 4, 8, 12, 16].map((second, at) => failed(`f${at}`, second));
    const [signal] = evaluateCorrelations(correlated(burst, taken), [...records, matched('l', 13, 'login')]);
    expect([signal?.rule.id, signal?.events.map(({ id }) => id).join(' ')]).toEqual(['taken', 'f2 f3 l f4']);
    const twice = correlationOf({ ...COUNT, rules: ['burst'], timespan: '1h' }, { id: 'twice' });
    expect(evaluateCorrelations(correlated(burst, twice), records)).toEqual([]);
  },
  '`group-by` of a chain': () => {
    const inner = correlationOf({ ...COUNT, 'group-by': ['host'] }, { id: 'inner' });
    const of = (field: string) =>
      correlationOf(
        { type: 'temporal', rules: ['inner', 'login'], timespan: '1m', 'group-by': [field] },
        { id: 'outer' },
      );
    const failed = (id: string, second: number, user: string) => matched(id, second, 'r', { host: 'h', user });
    const records = [
      failed('a', 0, 'anna'),
      failed('b', 1, 'bert'),
      matched('c', 2, 'login', { host: 'H', user: 'anna' }),
    ];
    const ids = (field: string) =>
      evaluateCorrelations(correlated(inner, of(field)), records).map(({ events }) =>
        events.map(({ id }) => id).join(''),
      );
    expect(ids('user')).toEqual(['ac']);
    expect(ids('host')).toEqual(['abc']);
  },
  circles: () => {
    const over = (id: string, rule: string) => correlationText({ ...COUNT, rules: [rule] }, { id });
    expect(reasonsOf(over('x', 'y'), over('y', 'x'))).toEqual([
      "correlations refer to each other in a circle: 'x' → 'y' → 'x'",
      "correlations refer to each other in a circle: 'y' → 'x' → 'y'",
    ]);
  },
  '`generate`': () => {
    for (const set of [correlationOf(COUNT, { generate: true }), correlationOf({ ...COUNT, generate: true })]) {
      expect(set.generate).toBe(true);
    }
    const inner = correlationOf(COUNT, { id: 'inner' });
    const outer = correlationOf({ ...COUNT, rules: ['inner'], condition: { gte: 1 } }, { id: 'outer' });
    const ids = (...rules: readonly CorrelationRule[]) =>
      evaluateCorrelations(correlated(...rules), [matched('a', 0, 'r'), matched('b', 1, 'r')]).map(
        ({ rule }) => rule.id,
      );
    expect(ids(inner, outer)).toEqual(['outer']);
    expect(ids(inner, { ...outer, generate: true })).toEqual(['inner', 'outer']);
  },
  metadata: () => {
    const rule = correlationOf(
      { ...COUNT, 'group-by': 'f' },
      { level: 'high', tags: ['attack.t1110'], crosstrail: { window: '2h' } },
    );
    expect(rule).toMatchObject({ decision: 'warn', techniques: ['T1110'], window: 7_200_000, group: ['f'] });
    expect(reasonAgainst(COUNT, { logsource: { product: 'aws' } })).toMatch(/^logsource: a correlation rule has none/);
    expect(reasonAgainst(COUNT, { detection: {} })).toMatch(/^detection: a correlation rule has none/);
    expect(reasonAgainst(COUNT, { crosstrail: { group: ['f'] } })).toMatch(/^crosstrail\.group/);
  },
  exceptions: () => {
    const signals = new CorrelatedSignals(setOf([RULE, correlationText(COUNT)]));
    const record = recordOf({ f: 'a' });
    const [signal] = setOf([RULE]).match(record);
    if (signal === undefined) throw new Error('the rule does not fire');
    const suppressed = { ...signal, suppressed: { exception: 'e' } };
    const event = (id: string) => ({ ...record.event, id });
    expect(signals.take(record, [suppressed], event('1'))).toEqual([suppressed]);
    expect(signals.take(record, [signal], event('2'))).toEqual([]);
    expect(signals.finish()).toEqual([]);
    signals.take(record, [signal], event('3'));
    expect(signals.finish().map(({ events }) => events.map(({ id }) => id))).toEqual([['2', '3']]);
  },
};

const SECTIONS = { 'Correlation rules': CORRELATIONS };

describe.each(Object.entries(SECTIONS))('Sigma: %s', (section, rows) => {
  it.each(Object.entries(rows))('%s', (_row, test) => {
    test();
  });

  it('has a row in docs/sigma.md for each test, and no other', () => {
    expect(rowsOf(section)).toEqual(Object.keys(rows));
  });
});
