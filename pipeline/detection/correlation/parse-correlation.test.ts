import { describe, expect, it } from 'vitest';
import { correlationOf, reasonAgainst } from './correlation-samples.ts';

const COUNT = { type: 'event_count', rules: ['a'], timespan: '5m', condition: { gte: 10 } };
const TEMPORAL = { type: 'temporal', rules: ['a', 'b', 'c'], timespan: '5m' };

describe('parseCorrelation', () => {
  it('reads a correlation as Sigma writes it', () => {
    const rule = correlationOf(
      {
        type: 'value_count',
        rules: ['failed', 'locked'],
        'group-by': ['address', 'tenant'],
        timespan: '1h',
        condition: { field: ['user', 'realm'], gt: 5, lte: '20' },
        aliases: { address: { failed: 'ipAddress', locked: 'client.ip' } },
        generate: true,
      },
      { name: 'spray', level: 'high', tags: ['attack.t1110.003'], crosstrail: { owner: 'identity', window: '2h' } },
    );
    expect(rule).toEqual({
      kind: 'correlation',
      id: 'correlation',
      name: 'spray',
      title: 'A correlation',
      level: 'high',
      description: '',
      tags: ['attack.t1110.003'],
      techniques: ['T1110.003'],
      falsepositives: [],
      decision: 'warn',
      escalate: undefined,
      owner: 'identity',
      group: ['address', 'tenant'],
      window: 7_200_000,
      file: 'correlation.yml',
      line: 1,
      type: 'value_count',
      rules: ['failed', 'locked'],
      groupBy: ['address', 'tenant'],
      aliases: new Map([
        [
          'address',
          new Map([
            ['failed', 'ipAddress'],
            ['locked', 'client.ip'],
          ]),
        ],
      ]),
      timespan: 3_600_000,
      condition: {
        kind: 'bounds',
        bounds: [
          { operator: 'gt', number: 5 },
          { operator: 'lte', number: 20 },
        ],
        fields: ['user', 'realm'],
        percentile: undefined,
      },
      generate: true,
    });
  });

  it('takes one text for a list of one, as pySigma does', () => {
    expect(correlationOf({ ...COUNT, rules: 'a', 'group-by': 'user' })).toMatchObject({
      rules: ['a'],
      groupBy: ['user'],
    });
    expect(correlationOf({ ...COUNT, type: 'value_count', condition: { field: 'user', gte: 2 } })).toMatchObject({
      condition: { fields: ['user'] },
    });
  });

  it('has one group where there is no group-by', () => {
    expect(correlationOf(COUNT)).toMatchObject({ groupBy: [], group: [] });
    expect(correlationOf({ ...COUNT, 'group-by': null })).toMatchObject({ groupBy: [] });
  });

  it.each([
    ['30s', 30_000],
    ['90m', 5_400_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['366d', 31_622_400_000],
  ])('takes the timespan %s', (timespan, length) => {
    expect(correlationOf({ ...COUNT, timespan }).timespan).toBe(length);
  });

  it.each(['0s', '5', 'm', '5 m', '5M', '1y', '1.5h', '-5m', '367d', '99999999999999w', '5m5s', ''])(
    'refuses the timespan %j',
    (timespan) => {
      expect(reasonAgainst({ ...COUNT, timespan })).toMatch(/^correlation\.timespan: expected a length of time/);
    },
  );

  it('reads generate beside correlation, as Sigma has it, or within, as pySigma does', () => {
    expect(correlationOf(COUNT).generate).toBe(false);
    expect(correlationOf(COUNT, { generate: true }).generate).toBe(true);
    expect(correlationOf({ ...COUNT, generate: true }).generate).toBe(true);
    expect(reasonAgainst({ ...COUNT, generate: true }, { generate: false })).toMatch(/^generate: says something else/);
  });

  it('asks of temporal rules that all match, unless they say how many', () => {
    for (const type of ['temporal', 'temporal_ordered']) {
      const bounds = [{ operator: 'gte', number: 3 }];
      expect(correlationOf({ ...TEMPORAL, type })).toMatchObject({ condition: { kind: 'bounds', bounds } });
      expect(correlationOf({ ...TEMPORAL, type, condition: { eq: 2 } })).toMatchObject({
        condition: { bounds: [{ operator: 'eq', number: 2 }] },
      });
    }
  });

  it('reads expressions over rules, whose list may then be left out', () => {
    const condition = 'a and (b or not c)';
    const expression = {
      kind: 'and',
      parts: [
        { kind: 'rule', rule: 'a' },
        {
          kind: 'or',
          parts: [
            { kind: 'rule', rule: 'b' },
            { kind: 'not', part: { kind: 'rule', rule: 'c' } },
          ],
        },
      ],
    };
    expect(correlationOf({ ...TEMPORAL, condition }).condition).toEqual({ kind: 'expression', expression });
    expect(correlationOf({ type: 'temporal', timespan: '5m', condition })).toMatchObject({ rules: ['a', 'b', 'c'] });
  });

  it.each<[what: string, section: unknown, more: Readonly<Record<string, unknown>>, reason: RegExp]>([
    ['no map', [], {}, /^correlation: expected a map of type, rules, timespan and condition/],
    ['no type', { ...COUNT, type: undefined }, {}, /^correlation\.type: expected one of event_count, value_count/],
    ['an unknown type', { ...COUNT, type: 'near' }, {}, /^correlation\.type: expected one of/],
    ['a type of a draft of Sigma', { ...COUNT, type: 'value_max' }, {}, /^correlation\.type: expected one of/],
    ['no rules', { ...COUNT, rules: undefined }, {}, /^correlation\.rules: expected the ids or names/],
    ['an empty list of rules', { ...COUNT, rules: [] }, {}, /^correlation\.rules: expected the ids or names/],
    [
      'a rule that is no text',
      { ...COUNT, rules: ['a', 7] },
      {},
      /^correlation\.rules\.1: expected the id or the name/,
    ],
    ['a rule named twice', { ...COUNT, rules: ['a', 'b', 'a'] }, {}, /^correlation\.rules: names 'a' twice/],
    [
      'too many rules',
      { ...TEMPORAL, type: 'temporal_ordered', rules: Array.from({ length: 33 }, (_, at) => `r${at}`) },
      {},
      /at most 32 rules/,
    ],
    ['no timespan', { ...COUNT, timespan: undefined }, {}, /^correlation\.timespan: expected a length of time/],
    ['a number for a timespan', { ...COUNT, timespan: 300 }, {}, /^correlation\.timespan: expected a length of time/],
    [
      'an unknown key',
      { ...COUNT, window: 'session' },
      {},
      /^correlation\.window: not part of a correlation; known are type/,
    ],
    [
      'group-by of no texts',
      { ...COUNT, 'group-by': [{}] },
      {},
      /^correlation\.group-by\.0: expected the name of a field/,
    ],
    ['aliases that are no map', { ...COUNT, aliases: ['a'] }, {}, /^correlation\.aliases: expected a map/],
    ['an alias that is no map', { ...COUNT, aliases: { x: 'y' } }, {}, /^correlation\.aliases\.x: expected a map/],
    [
      'an alias of no field',
      { ...COUNT, aliases: { x: { a: 1 } } },
      {},
      /^correlation\.aliases\.x\.a: expected the name of a field/,
    ],
    ['a detection of its own', COUNT, { detection: {} }, /^detection: a correlation rule has none/],
    ['a log source of its own', COUNT, { logsource: { product: 'aws' } }, /^logsource: a correlation rule has none/],
    ['a group of the project', COUNT, { crosstrail: { group: ['x'] } }, /^crosstrail\.group: .* by its 'group-by'/],
    ['a bad head', COUNT, { level: 'severe' }, /^level: /],
    ['generate that is no boolean', COUNT, { generate: 'yes' }, /^generate: expected true or false/],
  ])('refuses %s', (_, section, more, reason) => {
    expect(reasonAgainst(section, more)).toMatch(reason);
  });

  it.each<[type: string, condition: unknown, reason: RegExp]>([
    ['event_count', undefined, /expected a map such as \{gte: 10\}/],
    ['event_count', 10, /expected a map such as \{gte: 10\}, found 10/],
    ['event_count', {}, /expected one of gt, gte, lt, lte, eq, neq/],
    ['event_count', { field: 'f' }, /expected one of gt/],
    ['event_count', { ge: 10 }, /^correlation\.condition\.ge: not part of a condition; known are gt/],
    ['event_count', { gte: 'ten' }, /^correlation\.condition\.gte: expected a number, found 'ten'/],
    ['event_count', { gte: Infinity }, /expected a number/],
    ['event_count', { gte: 2.5 }, /whole numbers/],
    ['event_count', { gte: 2, field: 'f' }, /a field goes with value_count and its like, not with event_count/],
    ['event_count', { gte: 2, percentile: 5 }, /a percentile goes with value_percentile/],
    ['event_count', { lt: 1 }, /no number is within these bounds.*event_count is 1 or more.*absence/],
    ['event_count', { eq: 0 }, /no number is within these bounds/],
    ['event_count', { gt: 10, lt: 11 }, /no number is within these bounds/],
    ['event_count', { eq: 3, neq: 3 }, /no number is within these bounds/],
    ['event_count', 'a and b', /an expression goes with temporal/],
    ['value_count', { gte: 2 }, /value_count needs the field/],
    ['value_count', { gte: 2, field: [] }, /^correlation\.condition\.field/],
    ['value_count', { lt: 0, field: 'f' }, /no number is within these bounds.*0 or more/],
    ['value_sum', { gte: 2 }, /value_sum needs the field/],
    ['value_avg', { gte: 2, field: ['f', 'g'] }, /value_avg takes the values of one field/],
    ['value_sum', { gt: 2, lt: 2, field: 'f' }, /no number is within these bounds/],
    ['value_percentile', { lte: 1, field: 'f' }, /value_percentile needs 'percentile'/],
    ['value_percentile', { lte: 1, field: 'f', percentile: 101 }, /^correlation\.condition\.percentile/],
    ['temporal', { gte: 4 }, /no number is within these bounds.*at most 3, the number of rules/],
    ['temporal', { gte: 2, field: 'f' }, /a field goes with value_count/],
    ['temporal', 'a and b', /does not name 'c', one of the correlation's rules/],
    ['temporal', 'a and b and c and d', /'d' is not among the correlation's rules/],
    ['temporal', 'a and b c', /'and' or 'or' expected before 'c'/],
    ['temporal', 'all of them and a and b and c', /'1 of' and its like do not go with rules/],
    ['temporal', 'not (a and b and c)', /holds although no rule has matched/],
    ['temporal', 'a or b or not c', /holds although no rule has matched/],
    ['temporal', '', /does not name 'a'/],
    ['temporal', `${'('.repeat(200)}a and b and c`, /nested deeper than 64/],
    ['temporal_ordered', 'a and b and c', /what order an expression asks for is not defined/],
  ])('refuses of %s the condition %j', (type, condition, reason) => {
    const rules = type.startsWith('temporal') ? TEMPORAL.rules : COUNT.rules;
    const text = reasonAgainst({
      type,
      rules,
      timespan: '5m',
      condition: condition === Infinity ? undefined : condition,
    });
    expect(text).toMatch(reason);
  });

  it.each([
    ['event_count', { gt: 10, lt: 12 }],
    ['event_count', { neq: 5 }],
    ['value_count', { lt: 1, field: 'f' }],
    ['value_sum', { gt: 1, lt: 2, field: 'f' }],
    ['value_avg', { gte: -2.5, field: 'f' }],
    ['value_median', { eq: 0.5, field: 'f' }],
    ['value_percentile', { lte: 1, field: 'f', percentile: 99.9 }],
    ['temporal', { gte: 3 }],
    ['temporal', { lt: 3, neq: 1 }],
  ])('takes of %s the condition %j', (type, condition) => {
    const rules = type.startsWith('temporal') ? TEMPORAL.rules : COUNT.rules;
    expect(reasonAgainst({ type, rules, timespan: '5m', condition })).toBe('it is not rejected');
  });
});
