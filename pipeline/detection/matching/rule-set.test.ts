import { describe, expect, it } from 'vitest';
import { parseJson, type Json, type JsonObject } from '../../../platform/json.ts';
import { compileRules } from '../loading/load.ts';
import { nested, PRINCIPAL, recordOf, ruleText } from '../testing/rule-samples.ts';
import { ruleSet, type RuleSet } from './rule-set.ts';
import { importRule } from '../typescript/typescript-rule.ts';

/** A set of rules, each `id: [selection, more keys]`. */
function setOf(
  rules: Readonly<Record<string, readonly [selection: unknown, more?: Readonly<Record<string, unknown>>]>>,
): RuleSet {
  const sources = Object.entries(rules).map(([id, [selection, more]]) => ({
    file: `${id}.yml`,
    text: ruleText({ selection, condition: 'selection' }, { id, ...more }),
  }));
  const set = compileRules(sources);
  expect(set.rejected).toEqual([]);
  return set;
}

const idsOf = (set: RuleSet, ...record: Parameters<typeof recordOf>): string[] =>
  set.match(recordOf(...record)).map(({ rule }) => rule.id);

describe('match', () => {
  it('gives the signals of the rules that fire, in the order of the rules', () => {
    const set = setOf({
      by_source: [{ eventSource: 'iam.amazonaws.com' }],
      other: [{ eventName: 'DeleteUser' }],
      by_name: [{ eventName: 'CreateUser' }],
      unindexed: [{ 'eventName|startswith': 'Create' }],
    });
    expect(idsOf(set, { eventSource: 'IAM.amazonaws.com', eventName: 'createUser' })).toEqual([
      'by_source',
      'by_name',
      'unindexed',
    ]);
    expect(idsOf(set, { eventName: 'GetUser' })).toEqual([]);
  });

  it('asks no rule about what Crosstrail did itself', () => {
    const set = setOf({ any: [{ deed: 'change-made' }, { logsource: { product: 'crosstrail' } }] });
    const record = recordOf({ deed: 'change-made' });
    expect(set.match({ ...record, logsource: { product: 'crosstrail' } })).toHaveLength(1);
    const own = { ...record, event: { ...record.event, source: 'crosstrail' as const } };
    expect(set.match({ ...own, logsource: { product: 'crosstrail' } })).toEqual([]);
  });

  it('gives what an alert needs', () => {
    const set = setOf({
      full: [
        { eventName: 'StopLogging' },
        {
          title: 'Logging stopped',
          level: 'high',
          tags: ['attack.t1685.002'],
          crosstrail: { decision: 'block', window: '2h', group: ['principal', 'requestParameters.name', 'absent'] },
        },
      ],
    });
    expect(set.match(recordOf({ eventName: 'StopLogging', requestParameters: { name: 'organization' } }))).toEqual([
      {
        rule: { id: 'full', title: 'Logging stopped', level: 'high' },
        decision: 'block',
        techniques: ['T1685.002'],
        window: 7_200_000,
        group: { principal: PRINCIPAL, 'requestParameters.name': 'organization', absent: '' },
      },
    ]);
  });

  it('groups by lists, objects and long texts alike', () => {
    const groupOf = (value: Json): string | undefined =>
      setOf({ r: [{ f: '*' }, { crosstrail: { group: ['g'] } }] }).match(recordOf({ f: 'x', g: value }))[0]?.group['g'];
    expect(groupOf(['a', 1, true, null, { b: 2 }])).toBe('a,1,true,{"b":2}');
    const long = groupOf('x'.repeat(5000));
    expect(long).toHaveLength(512 + 17);
    expect(groupOf(`${'x'.repeat(4999)}y`)).not.toBe(long);
    const proto = setOf({ r: [{ f: '*' }, { crosstrail: { group: ['__proto__'] } }] }).match(recordOf({ f: 'x' }));
    expect(JSON.stringify(proto[0]?.group)).toBe('{"__proto__":""}');
  });

  it('gives one shared empty list when nothing fires', () => {
    const set = setOf({ r: [{ f: 'a' }] });
    expect(set.match(recordOf({ f: 'b' }))).toBe(set.match(recordOf({})));
    expect(compileRules([]).match(recordOf({}))).toEqual([]);
  });

  it('fires a rule once, however many of its literals a record holds', () => {
    const set = setOf({ r: [[{ f: ['a', 'b'] }, { g: 'a' }]] });
    expect(idsOf(set, { f: ['a', 'b', 'A'], g: 'a' })).toEqual(['r']);
  });
});

describe('what the index looks up', () => {
  it.each<[selection: unknown, fields: JsonObject, fires: boolean]>([
    [{ f: 'STRASſE' }, { f: 'strasse' }, true],
    [{ 'f|cased': 'Abc' }, { f: 'Abc' }, true],
    [{ 'f|cased': 'Abc' }, { f: 'abc' }, false],
    [{ 'f|windash': '-a' }, { f: '/A' }, true],
    [{ f: 42 }, { f: '42' }, true],
    [{ f: '42' }, { f: 42 }, true],
    [{ f: 'true' }, { f: true }, true],
    [{ f: '' }, { f: '' }, true],
    [{ 'n.f': 'a' }, { n: [{ f: 'b' }, { f: ['a'] }] }, true],
    [{ 'n.f': 'a' }, { 'n.f': 'a' }, true],
    [{ 'f|neq': 'a' }, { f: 'b' }, true],
    [[{ f: 'a' }, { g: null }], {}, true],
    [{ 'f|all': ['a', 'b'] }, { f: ['b', 'a'] }, true],
    [{ 'f|all': ['a', 'b'] }, { f: ['b'] }, false],
  ])('is no more than the rule says: %j on %j', (selection, fields, fires) => {
    expect(idsOf(setOf({ r: [selection] }), fields)).toEqual(fires ? ['r'] : []);
  });
});

describe('log sources', () => {
  const set = setOf({
    cloudtrail: [{ f: 'a' }],
    aws: [{ f: 'a' }, { logsource: { product: 'aws' } }],
    signin: [{ f: 'a' }, { logsource: { product: 'azure', service: 'signinlogs' } }],
    kubernetes: [{ f: 'a' }, { logsource: { category: 'application', product: 'kubernetes', service: 'audit' } }],
    any_audit: [{ f: 'a' }, { logsource: { service: 'audit' } }],
  });

  it.each([
    [{ product: 'aws', service: 'cloudtrail' }, ['cloudtrail', 'aws']],
    [{ product: 'AWS', service: 'CloudTrail' }, ['cloudtrail', 'aws']],
    [{ product: 'aws', service: 'vpcflow' }, ['aws']],
    [{ product: 'azure', service: 'signinlogs', category: 'signin' }, ['signin']],
    [{ product: 'kubernetes', service: 'audit', category: 'application' }, ['kubernetes', 'any_audit']],
    [{ product: 'kubernetes', service: 'audit' }, ['any_audit']],
    [{}, []],
  ])('%j takes the rules %j', (logsource, ids) => {
    expect(idsOf(set, { f: 'a' }, logsource)).toEqual(ids);
    expect(idsOf(set, { f: 'a' }, { ...logsource })).toEqual(ids);
  });

  it('do not matter to records that are passed through as they are', () => {
    expect(idsOf(set, { f: 'a' }, {}, 'json')).toHaveLength(5);
    expect(idsOf(set, { f: 'b' }, {}, 'json')).toEqual([]);
  });

  it('may be more than are kept', () => {
    for (let service = 0; service < 2500; service += 1) {
      expect(idsOf(set, { f: 'a' }, { product: 'aws', service: `s${service}` })).toEqual(['aws']);
    }
  });
});

describe('errors', () => {
  it('are counted against their rule and cost no other', () => {
    const set = setOf({
      first: [{ 'f|contains': 'a' }],
      failing: [{ 'g|contains': 'a' }],
      last: [{ 'h|contains': 'a' }],
    });
    const fields: JsonObject = { f: 'a', h: 'a' };
    Object.defineProperty(fields, 'g', {
      get: () => {
        throw new Error('a defect of the engine');
      },
    });
    expect(idsOf(set, fields)).toEqual(['first', 'last']);
    expect(idsOf(set, fields)).toEqual(['first', 'last']);
    expect([...set.errors]).toEqual([['failing', { count: 2, first: 'Error: a defect of the engine' }]]);
  });

  it('of a field that is looked up cost none of the rules that do not look it up', () => {
    const set = setOf({ by_name: [{ eventName: 'a' }], by_type: [{ eventType: 'a' }] });
    const fields: JsonObject = { eventType: 'a' };
    Object.defineProperty(fields, 'eventName', {
      get: () => {
        throw new Error('a defect of the engine');
      },
    });
    expect(idsOf(set, fields)).toEqual(['by_type']);
    expect([...set.errors.keys()]).toEqual(['by_name']);
  });
});

describe('rules in TypeScript', () => {
  /** A set of rules, each `id: [text of matches, more keys]`. */
  async function typescriptSet(
    rules: Readonly<Record<string, readonly [matches: string, more?: string]>>,
  ): Promise<RuleSet> {
    const imported = await Promise.all(
      Object.entries(rules).map(([id, [matches, more = 'classes: [0]']]) =>
        importRule({
          file: `${id}.rule.ts`,
          text: `export default { id: '${id}', title: '${id}', matches: ${matches}, ${more} };`,
        }),
      ),
    );
    return ruleSet({ rules: imported.flatMap((one) => ('rule' in one ? [one.rule] : [])), rejected: [] });
  }

  it('see the events of their classes and of their log source, and no other', async () => {
    const set = await typescriptSet({
      class_0: ['() => true'],
      classes: ['() => true', 'classes: [6003, 0]'],
      any: ['() => true', 'classes: []'],
      other: ['() => { throw new Error("not asked"); }', 'classes: [6003]'],
      aws: ['() => true', "classes: [0], logsource: { product: 'aws' }"],
      azure: ['() => true', "classes: [0], logsource: { product: 'azure' }"],
    });
    expect(idsOf(set, {})).toEqual(['class_0', 'classes', 'any', 'aws']);
    expect([...set.errors]).toEqual([]);
  });

  it('that fail are counted, each by itself, and cost no other', async () => {
    const set = await typescriptSet({
      first: ['() => true'],
      throwing: ['() => { throw new Error("no"); }'],
      no_answer: ['() => "yes"'],
      promising: ['() => Promise.reject(new Error("no"))'],
      last: ['() => true'],
    });
    expect(idsOf(set, {})).toEqual(['first', 'last']);
    expect([...set.errors]).toEqual([
      ['throwing', { count: 1, first: 'Error: no' }],
      ['no_answer', { count: 1, first: 'TypeError: matches answers with string, not with true or false' }],
      ['promising', { count: 1, first: 'TypeError: matches answers with object, not with true or false' }],
    ]);
  });

  it('make their own key, and group as others where they fail to', async () => {
    const set = await typescriptSet({
      keyed: ['() => true', 'classes: [0], key: (event, record) => record.eventName'],
    });
    const groupsOf = (fields: JsonObject) => set.match(recordOf(fields)).map(({ group }) => group);
    expect(groupsOf({ eventName: 'StopLogging' })).toEqual([{ key: 'StopLogging' }]);
    expect(groupsOf({ eventName: 'x'.repeat(600) })[0]?.['key']).toMatch(/^x{512}#[0-9a-f]{16}$/);
    expect(groupsOf({})).toEqual([{ principal: PRINCIPAL }]);
    expect(set.errors.get('keyed')?.count).toBe(1);
  });
});

describe('hostile records', () => {
  const set = setOf({
    equal: [{ eventName: 'CreateUser' }],
    search: [{ 'requestParameters|contains': 'needle' }],
    regex: [{ 'userAgent|re': '(a+)+$' }],
    single: [{ userAgent: 'a?c' }],
    keyword: ['needle'],
    reference: [{ 'f|fieldref': 'g' }],
    part: [{ 'f|fieldref|contains': 'g' }],
    absent: [{ toString: null, eventName: 'Probe' }],
    proto: [{ '__proto__.polluted': 'yes' }],
  });

  it.each<[what: string, fields: () => Json, ids: string[]]>([
    [
      'keys of the prototype',
      () => parseJson('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":1}}'),
      ['proto'],
    ],
    ['a name of the prototype is not a field', () => ({ eventName: 'Probe' }), ['absent']],
    ['deep objects', () => ({ eventName: 'CreateUser', requestParameters: nested(10_000, 'needle') }), ['equal']],
    ['a needle within reach', () => ({ requestParameters: nested(60, 'needle') }), ['search', 'keyword']],
    ['deep lists', () => parseJson(`{"eventName":${'['.repeat(5000)}"CreateUser"${']'.repeat(5000)}}`), []],
    ['a huge list', () => ({ eventName: Array<string>(1_000_000).fill('GetUser') }), []],
    [
      'huge lists compared',
      () => ({
        f: Array.from({ length: 50_000 }, (_, index) => `f${index}`),
        g: Array.from({ length: 50_000 }, (_, index) => `g${index}`),
      }),
      [],
    ],
    ['a text to make a pattern backtrack', () => ({ userAgent: `${'a'.repeat(100_000)}!` }), []],
    ['a huge name', () => ({ eventName: 'x'.repeat(1_000_000) }), []],
    ['half characters', () => ({ userAgent: 'a\ud800c', eventName: '\udc00' }), ['single']],
    [
      'values of every kind',
      () => ({ eventName: { a: 1 }, userAgent: 7, f: true, g: null, requestParameters: [[], {}, 0] }),
      [],
    ],
  ])('%s', (_, fields, ids) => {
    const record = fields() as JsonObject;
    const started = performance.now();
    expect(idsOf(set, record, {}, 'json')).toEqual(ids);
    expect(performance.now() - started).toBeLessThan(3000);
    expect([...set.errors]).toEqual([]);
  });
});
