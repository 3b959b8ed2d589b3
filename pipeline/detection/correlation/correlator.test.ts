import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { baseRule, correlated, correlationOf, matched } from './correlation-samples.ts';
import {
  Correlator,
  evaluateCorrelations,
  silencedBy,
  type CorrelatedRules,
  type MatchedRecord,
} from './correlator.ts';
import type { CorrelatedEvent } from './point.ts';

type Records = readonly MatchedRecord<CorrelatedEvent>[];

/** Of each signal: the rule, the group's values, the second at which it held first, and the events. */
function found(rules: CorrelatedRules, records: Records): string[] {
  return evaluateCorrelations(rules, records).map(({ rule, group, time, events }) => {
    const second = (time - Date.UTC(2026, 2, 2)) / 1000;
    return `${rule.id} ${Object.values(group).join('/')} @${second}: ${events.map(({ id }) => id).join(' ')}`;
  });
}

const signals = (section: unknown, records: Records): string[] =>
  found(correlated(correlationOf(section, { id: 'x' })), records);

const COUNT = { type: 'event_count', rules: ['r'], timespan: '10s', condition: { gte: 3 } };

describe('windows', () => {
  it('slide, and hold both their ends', () => {
    const at = (seconds: readonly number[]): Records =>
      seconds.map((second, index) => matched(`e${index}`, second, 'r'));
    expect(signals(COUNT, at([0, 5, 10]))).toEqual(['x  @10: e0 e1 e2']);
    expect(signals(COUNT, at([0, 5, 10.001]))).toEqual([]);
    expect(signals(COUNT, at([59, 61, 62]))).toEqual(['x  @62: e0 e1 e2']);
  });

  it('are looked at once for all that happens at a moment', () => {
    const records = ['a', 'b', 'c', 'd'].map((id) => matched(id, 7, 'r'));
    expect(signals({ ...COUNT, condition: { eq: 3 } }, records)).toEqual([]);
    expect(signals({ ...COUNT, condition: { eq: 4 } }, records)).toEqual(['x  @7: a b c d']);
  });

  it('in which the condition holds again within the timespan are one episode', () => {
    const seconds = [0, 1, 2, 11, 12, 13, 14, 40, 41, 42];
    const records = seconds.map((second, index) => matched(`e${index}`, second, 'r'));
    expect(signals(COUNT, records)).toEqual(['x  @2: e0 e1 e2 e3 e4 e5 e6', 'x  @42: e7 e8 e9']);
  });

  it('of episodes share no event, however often the condition turns', () => {
    const values = Array.from({ length: 60 }, (_, at) =>
      matched(`e${String(at).padStart(2, '0')}`, at * 3, 'r', { v: at % 7 === 0 ? 100 : 0 }),
    );
    const avg = { type: 'value_avg', rules: ['r'], timespan: '5s', condition: { field: 'v', gte: 50 } };
    const named = signals(avg, values).flatMap((signal) => signal.split(': ')[1]?.split(' ') ?? []);
    expect(named.length).toBeGreaterThan(9);
    expect(new Set(named).size).toBe(named.length);
  });

  it('take no record that says no time', () => {
    const records = ['a', 'b', 'c'].map((id) => matched(id, 0, 'r'));
    const untimed = records.map((record) => ({ ...record, event: { ...record.event, time: 0 } }));
    const correlator = new Correlator<CorrelatedEvent>(correlated(correlationOf(COUNT)));
    for (const record of [...untimed, ...untimed]) correlator.add(record);
    expect(correlator.signals()).toEqual([]);
    expect(correlator.untimed).toBe(3);
  });

  it('do not depend on the order in which records are given, nor on records given twice', () => {
    const records = [3, 1, 2, 30, 31, 29].map((second) => matched(`e${second}`, second, 'r'));
    const expected = ['x  @3: e1 e2 e3', 'x  @31: e29 e30 e31'];
    expect(signals(COUNT, records)).toEqual(expected);
    expect(signals(COUNT, [...records, ...records].reverse())).toEqual(expected);
  });
});

describe('groups', () => {
  const grouped = { ...COUNT, 'group-by': ['user', 'ip.address'], condition: { gte: 2 } };
  const record = (id: string, second: number, fields: JsonObject) => matched(id, second, 'r', fields);

  it('are the values of fields, without regard to case', () => {
    const records = [
      record('a', 0, { user: 'Anna', ip: { address: '203.0.113.7' } }),
      record('b', 1, { user: 'anna', ip: { address: '203.0.113.7' } }),
      record('c', 2, { user: 'anna', ip: { address: '203.0.113.8' } }),
      record('d', 3, { user: 'bert', ip: { address: '203.0.113.8' } }),
    ];
    expect(signals(grouped, records)).toEqual(['x Anna/203.0.113.7 @1: a b']);
  });

  it.each<[what: string, fields: JsonObject]>([
    ['absent', { user: 'anna' }],
    ['null', { user: 'anna', ip: { address: null } }],
    ['empty', { user: 'anna', ip: { address: '' } }],
    ['an object', { user: 'anna', ip: { address: { v4: 'x' } } }],
  ])('leave out a record whose value is %s', (_, fields) => {
    expect(signals(grouped, [record('a', 0, fields), record('b', 1, fields)])).toEqual([]);
  });

  it('hold a record once for each member of a list', () => {
    const records = [
      record('a', 0, { user: ['anna', 'bert', 'ANNA'], ip: { address: 1 } }),
      record('b', 1, { user: 'bert', ip: { address: '1' } }),
    ];
    expect(signals(grouped, records)).toEqual(['x bert/1 @1: a b']);
  });

  it('may be by the principal of the event', () => {
    const byPrincipal = { ...COUNT, 'group-by': 'principal', condition: { gte: 2 } };
    const [a, b, c] = [matched('a', 0, 'r'), matched('b', 1, 'r'), matched('c', 2, 'r')];
    const same = { ...c, event: { ...c.event, principal: a.event.principal } };
    expect(signals(byPrincipal, [a, b, same])).toEqual(['x user:a @2: a c']);
    const unknown = [a, b].map((one) => ({ ...one, event: { ...one.event, principal: 'unknown' } }));
    expect(signals(byPrincipal, unknown)).toEqual([]);
  });

  it('may be by aliases, which each rule spells its own way; where it has none, the alias is the field', () => {
    const aliased = {
      type: 'temporal',
      rules: ['r', 's', 't'],
      timespan: '10s',
      'group-by': ['user'],
      aliases: { user: { r: 'userName', s: 'actor.name' } },
    };
    const records = [
      matched('a', 0, 'r', { userName: 'anna', user: 'x' }),
      matched('b', 1, 's', { actor: { name: 'anna' } }),
      matched('c', 2, 't', { user: 'anna' }),
      matched('d', 3, 't', { userName: 'anna' }),
    ];
    expect(signals(aliased, records)).toEqual(['x anna @2: a b c']);
  });

  it('find fields as the log source of the rule has them', () => {
    const section = { ...COUNT, 'group-by': ['OperationName'], condition: { gte: 2 } };
    const rules = correlated(correlationOf(section, { id: 'x' }));
    const activity = { ...rules, rules: [baseRule('r', { logsource: { product: 'azure', service: 'activitylogs' } })] };
    const records = [matched('a', 0, 'r', { operationName: 'X' }), matched('b', 1, 'r', { operationName: 'x' })];
    expect(found(activity, records)).toEqual(['x X @1: a b']);
    expect(found(rules, records)).toEqual([]);
  });

  it('of one event are the first of many', () => {
    const users = Array.from({ length: 17 }, (_, at) => `user${at}`);
    const section = { ...COUNT, 'group-by': ['user'], condition: { gte: 1 } };
    const groups = signals(section, [record('a', 0, { user: users })]).map((signal) => signal.split(' ')[1]);
    expect(groups.toSorted()).toEqual(users.slice(0, 16).toSorted());
  });

  it('keep long values apart and small, and names of the prototype harmless', () => {
    const long = 'x'.repeat(5000);
    const records = [
      record('a', 0, { user: `${long}1`, ip: { address: '__proto__' } }),
      record('b', 1, { user: `${long}2`, ip: { address: '__proto__' } }),
      record('c', 2, { user: `${long}2`, ip: { address: '__proto__' } }),
    ];
    const [signal, ...others] = evaluateCorrelations(correlated(correlationOf(grouped)), records);
    expect(others).toEqual([]);
    expect(signal?.events.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(signal?.group['user']?.length).toBeLessThan(600);
    const proto = correlated(correlationOf({ ...grouped, 'group-by': ['__proto__'] }));
    expect(evaluateCorrelations(proto, records)).toEqual([]);
  });
});

describe('what is measured', () => {
  const of = (condition: unknown, type: string, values: readonly unknown[]): string[] =>
    signals(
      { type, rules: ['r'], timespan: '100s', condition },
      values.map((v, at) => matched(`e${at}`, at, 'r', { v, w: at % 2 } as JsonObject)),
    ).map((signal) => signal.replace(/:.*/, ''));

  it.each<[type: string, condition: unknown, values: readonly unknown[], held: string | undefined]>([
    ['event_count', { lte: 2 }, [1, 1, 1], '@0'],
    ['event_count', { gt: 2, lt: 5 }, [1, 1, 1, 1, 1], '@2'],
    ['event_count', { neq: 1 }, [1, 1], '@1'],
    ['value_count', { field: 'v', gte: 3 }, ['a', 'A', 'b', 'c'], '@3'],
    ['value_count', { field: 'v', gte: 3 }, ['a', 'a', null, '', 'b'], undefined],
    ['value_count', { field: 'v', gte: 3 }, [['a', 'b', 'c']], '@0'],
    ['value_count', { field: 'v', eq: 0 }, [null], '@0'],
    ['value_count', { field: ['v', 'w'], gte: 3 }, ['a', 'a', 'a', 'b'], '@3'],
    ['value_count', { field: ['v', 'absent'], gte: 1 }, ['a', 'b'], undefined],
    ['value_sum', { field: 'v', gt: 10 }, [5, '5', 1], '@2'],
    ['value_sum', { field: 'v', gt: 10 }, [5, '5', 'six', { v: 9 }, null], undefined],
    ['value_sum', { field: 'v', gte: 10 }, [[5, 5]], '@0'],
    ['value_sum', { field: 'v', lt: 1 }, ['none', null], undefined],
    ['value_sum', { field: 'v', lt: 1 }, ['none', -1], '@1'],
    ['value_avg', { field: 'v', gte: 2 }, [1, 3], '@1'],
    ['value_avg', { field: 'v', lt: 2 }, ['x'], undefined],
    ['value_median', { field: 'v', eq: 2.5 }, [1, 2, 3, 4], '@3'],
    ['value_median', { field: 'v', eq: 3 }, [9, 3, 1], '@2'],
    ['value_percentile', { field: 'v', percentile: 50, eq: 2 }, [1, 4, 2, 3], '@2'],
    ['value_percentile', { field: 'v', percentile: 100, gte: 4 }, [1, 2, 4], '@2'],
    ['value_percentile', { field: 'v', percentile: 0, gt: 1 }, [1, 2, 4], undefined],
  ])('%s %j of %j', (type, condition, values, held) => {
    expect(of(condition, type, values)).toEqual(held === undefined ? [] : [`x  ${held}`]);
  });

  it('takes the first 64 values of a list', () => {
    const ones = Array<number>(65).fill(1);
    expect(of({ field: 'v', gte: 64 }, 'value_sum', [ones])).toEqual(['x  @0']);
    expect(of({ field: 'v', gt: 64 }, 'value_sum', [ones])).toEqual([]);
  });

  it('is not lifted to the next rank by how a percentage is rounded', () => {
    // 64.4 percent of 250 are 161; multiplied as floating point numbers, a little more.
    const lists = [0, 50, 100, 150, 200].map((from) => Array.from({ length: 50 }, (_, at) => from + at + 1));
    expect(of({ field: 'v', percentile: 64.4, eq: 161 }, 'value_percentile', lists)).toEqual(['x  @4']);
  });

  it('forgets what has left the window, however large it was', () => {
    const sum = { type: 'value_sum', rules: ['r'], timespan: '5s', condition: { field: 'v', gt: 3 } };
    const records = [
      matched('a', 0, 'r', { v: 1e308 }),
      matched('b', 1, 'r', { v: 1e308 }),
      matched('c', 2, 'r', { v: -1e308 }),
      matched('d', 20, 'r', { v: 1 }),
      matched('e', 21, 'r', { v: 1 }),
      matched('f', 22, 'r', { v: 0.5 }),
      matched('g', 23, 'r', { v: 1 }),
    ];
    expect(signals(sum, records)).toEqual(['x  @0: a b c', 'x  @23: d e f g']);
  });
});

describe('temporal', () => {
  const temporal = { type: 'temporal', rules: ['a', 'b', 'c'], timespan: '10s' };
  const events = (...list: readonly (readonly [rules: string, second: number])[]): Records =>
    list.map(([rules, second], at) => matched(`e${at}`, second, rules.split('+')));

  it.each<[condition: unknown, list: readonly (readonly [string, number])[], expected: readonly string[]]>([
    [
      undefined,
      [
        ['c', 0],
        ['a', 5],
        ['b', 10],
      ],
      ['x  @10: e0 e1 e2'],
    ],
    [
      undefined,
      [
        ['c', 0],
        ['a', 5],
        ['b', 11],
      ],
      [],
    ],
    [
      undefined,
      [
        ['a', 0],
        ['a', 5],
        ['b', 6],
      ],
      [],
    ],
    [undefined, [['a+b+c', 0]], ['x  @0: e0']],
    [
      { gte: 2 },
      [
        ['a', 0],
        ['a', 1],
        ['c', 2],
      ],
      ['x  @2: e0 e1 e2'],
    ],
    [{ eq: 1 }, [['a', 0]], ['x  @0: e0']],
    [
      'a and (b or c)',
      [
        ['b', 0],
        ['c', 1],
      ],
      [],
    ],
    [
      'a and (b or c)',
      [
        ['c', 0],
        ['a', 1],
      ],
      ['x  @1: e0 e1'],
    ],
    [
      'a and b and not c',
      [
        ['a', 0],
        ['b', 1],
      ],
      ['x  @1: e0 e1'],
    ],
    [
      'a and b and not c',
      [
        ['a', 0],
        ['c', 1],
        ['b', 2],
      ],
      [],
    ],
    [
      'a and b and not c',
      [
        ['c', 0],
        ['a', 9],
        ['b', 11],
      ],
      ['x  @11: e1 e2'],
    ],
  ])('%j', (condition, list, expected) => {
    const section = condition === undefined ? temporal : { ...temporal, condition };
    expect(signals(section, events(...list))).toEqual(expected);
  });

  it.each<[condition: unknown, list: readonly (readonly [string, number])[], expected: readonly string[]]>([
    [
      undefined,
      [
        ['a', 0],
        ['b', 5],
        ['c', 10],
      ],
      ['x  @10: e0 e1 e2'],
    ],
    [
      undefined,
      [
        ['a', 0],
        ['c', 5],
        ['b', 10],
      ],
      [],
    ],
    [
      undefined,
      [
        ['a', 0],
        ['b', 5],
        ['c', 11],
      ],
      [],
    ],
    [
      undefined,
      [
        ['a', 0],
        ['a', 5],
        ['b', 6],
        ['c', 12],
      ],
      ['x  @12: e1 e2 e3'],
    ],
    [
      undefined,
      [
        ['c', 3],
        ['b', 3],
        ['a', 3],
      ],
      ['x  @3: e0 e1 e2'],
    ],
    [
      undefined,
      [
        ['a+b', 0],
        ['c', 1],
      ],
      [],
    ],
    [
      undefined,
      [
        ['a+b', 0],
        ['a+b', 1],
        ['c', 2],
      ],
      ['x  @2: e0 e1 e2'],
    ],
    [
      { gte: 2 },
      [
        ['b', 0],
        ['a', 1],
      ],
      [],
    ],
    [
      { gte: 2 },
      [
        ['a', 0],
        ['c', 1],
      ],
      ['x  @1: e0 e1'],
    ],
    [
      { gte: 2 },
      [
        ['a+b', 3],
        ['a', 3],
      ],
      ['x  @3: e0 e1'],
    ],
    [
      { gte: 2 },
      [
        ['a', 3],
        ['a+b', 3],
      ],
      ['x  @3: e0 e1'],
    ],
    [
      { lt: 2 },
      [
        ['b', 0],
        ['a', 1],
      ],
      ['x  @0: e0 e1'],
    ],
    [
      { eq: 2 },
      [
        ['b', 0],
        ['a', 20],
        ['b', 21],
        ['c', 22],
      ],
      ['x  @21: e1 e2'],
    ],
  ])('ordered %j', (condition, list, expected) => {
    const section = { ...temporal, type: 'temporal_ordered', ...(condition === undefined ? {} : { condition }) };
    expect(signals(section, events(...list))).toEqual(expected);
  });
});

describe('chains', () => {
  const burst = correlationOf({ ...COUNT, rules: ['failed'], 'group-by': ['host'] }, { id: 'burst' });
  const taken = correlationOf(
    { type: 'temporal_ordered', rules: ['burst', 'login'], 'group-by': ['user'], timespan: '20s' },
    { id: 'taken' },
  );
  const failed = (id: string, second: number, user: string, host = 'h1') =>
    matched(id, second, 'failed', { user, host });
  const login = (id: string, second: number, user: string) => matched(id, second, 'login', { user });

  it('group by their own fields, and every event of the burst takes part', () => {
    const records = [failed('a', 0, 'anna'), failed('b', 1, 'bert'), failed('c', 2, 'carl'), login('d', 10, 'anna')];
    expect(found(correlated(burst, taken), records)).toEqual(['taken anna @10: a d']);
  });

  it('see nothing of a burst before its condition holds', () => {
    const records = [failed('a', 0, 'anna'), login('b', 1, 'anna'), failed('c', 2, 'anna'), failed('d', 3, 'anna')];
    expect(found(correlated(burst, taken), records)).toEqual([]);
  });

  it('see a burst that goes on at each of its events', () => {
    const records = Array.from({ length: 30 }, (_, at) => failed(`e${String(at).padStart(2, '0')}`, at * 4, 'anna'));
    const [signal] = found(correlated(burst, taken), [...records, login('z', 110, 'anna')]);
    expect(signal).toBe('taken anna @110: e23 e24 e25 e26 e27 z e28 e29');
  });

  it('count a burst once, however many events it has', () => {
    const many = correlationOf(
      { type: 'event_count', rules: ['burst'], timespan: '1h', condition: { gte: 2 } },
      { id: 'many' },
    );
    const hosts = (names: readonly string[]): Records =>
      names.flatMap((host, at) =>
        [0, 1, 2, 3].map((second) => failed(`${host}${second}`, at * 100 + second, 'anna', host)),
      );
    expect(found(correlated(burst, many), hosts(['h1']))).toEqual([]);
    expect(found(correlated(burst, many), hosts(['h1', 'h2']))).toEqual([
      'many  @102: h10 h11 h12 h13 h20 h21 h22 h23',
    ]);
  });

  it('know the fields by which the one below groups, and its aliases', () => {
    const below = correlationOf(
      { ...COUNT, rules: ['failed'], 'group-by': ['place'], aliases: { place: { failed: 'host' } } },
      { id: 'below' },
    );
    const above = correlationOf(
      {
        type: 'temporal',
        rules: ['below', 'login'],
        'group-by': ['where'],
        timespan: '20s',
        aliases: { where: { below: 'place', login: 'site' } },
      },
      { id: 'above' },
    );
    const records = [
      failed('a', 0, 'x'),
      failed('b', 1, 'x'),
      failed('c', 2, 'x'),
      matched('d', 3, 'login', { site: 'H1' }),
    ];
    expect(found(correlated(above, below), records)).toEqual(['above h1 @3: a b c d']);
  });

  it('raise also what they are built on where they say so', () => {
    const records = [failed('a', 0, 'anna'), failed('b', 1, 'anna'), failed('c', 2, 'anna'), login('d', 10, 'anna')];
    const loud = { ...taken, generate: true };
    expect(found(correlated(burst, loud), records)).toEqual(['burst h1 @2: a b c', 'taken anna @10: a b c d']);
  });
});

describe('silencedBy', () => {
  it('names the rules that are there for correlations alone', () => {
    const one = correlationOf({ ...COUNT, rules: ['a', 'b'] });
    const other = correlationOf({ ...COUNT, rules: ['b', 'c'] }, { generate: true });
    expect([...silencedBy([one, other])]).toEqual(['a']);
    expect([...silencedBy([])]).toEqual([]);
  });
});
