import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../platform/json.ts';
import { compileRules } from '../loading/load.ts';
import { compiled, nested, recordOf, ruleText } from '../testing/rule-samples.ts';
import { ruleSet } from '../matching/rule-set.ts';
import type { CompiledRule, TypeScriptRule } from '../rule.ts';
import type { Explanation, ItemExplanation, SelectionPart, SigmaExplanation } from './explanation.ts';
import { explain } from './explain.ts';

function sigma(explanation: Explanation): SigmaExplanation {
  if (explanation.kind !== 'sigma')
    throw new Error(`expected the explanation of a Sigma rule, got ${explanation.kind}`);
  return explanation;
}

const explained = (detection: unknown, fields: JsonObject): SigmaExplanation =>
  sigma(explain(compiled(ruleText(detection)), recordOf(fields)));

function itemsOf(part: SelectionPart | undefined): ItemExplanation[] {
  if (part === undefined) return [];
  if (part.kind === 'item') return [part];
  return part.kind === 'not' ? itemsOf(part.part) : part.parts.flatMap(itemsOf);
}

/** The one item of a rule's one selection. */
function itemOf(selection: unknown, fields: JsonObject): ItemExplanation {
  const [item] = itemsOf(explained({ selection, condition: 'selection' }, fields).selections[0]?.part);
  if (item === undefined) throw new Error('expected an item');
  return item;
}

describe('a rule', () => {
  const detection = {
    selection: { eventName: ['StopLogging', 'DeleteTrail'], 'eventSource|startswith': 'cloudtrail.' },
    failed: { errorCode: '?*' },
    spare: { eventName: 'Get*' },
    condition: 'selection and not failed',
  };

  it('fires: the condition, its selections, their items, and no reasons', () => {
    const found = explained(detection, { eventName: 'stoplogging', eventSource: 'cloudtrail.amazonaws.com' });
    expect(found).toMatchObject({
      fires: true,
      matched: true,
      reasons: [],
      written: ['selection and not failed'],
      logsource: { applies: true },
      condition: {
        kind: 'and',
        matched: true,
        parts: [
          { kind: 'selection', name: 'selection', matched: true },
          { kind: 'not', matched: true, part: { kind: 'selection', name: 'failed', matched: false } },
        ],
      },
      selections: [
        { name: 'selection', matched: true, used: true },
        { name: 'failed', matched: false, used: true },
        { name: 'spare', matched: false, used: false },
      ],
    });
    expect(itemsOf(found.selections[0]?.part)).toMatchObject([
      {
        field: 'eventName',
        modifiers: [],
        wanted: { values: [{ value: 'StopLogging', matched: true, place: 'eventName' }, { matched: false }], more: 0 },
        found: { values: [{ place: 'eventName', value: 'stoplogging', kind: 'value', matched: true }], more: 0 },
      },
      { field: 'eventSource', modifiers: ['startswith'], matched: true },
    ]);
  });

  it('does not fire: names the selections and items for which it does not', () => {
    const other = explained(detection, {
      eventName: 'GetTrail',
      eventSource: 'cloudtrail.amazonaws.com',
      errorCode: 'X',
    });
    expect(other.fires).toBe(false);
    expect(other.reasons).toEqual([
      { selection: 'selection', matched: false, items: ['eventName'] },
      { selection: 'failed', matched: true, items: ['errorCode'] },
    ]);
  });

  it('matches, and does not fire on records of another log source; those passed through fire every rule', () => {
    const rule = compiled(ruleText({ selection: { a: 1 }, condition: 'selection' }));
    expect(explain(rule, recordOf({ a: 1 }, { product: 'azure' }, 'entra'))).toMatchObject({
      fires: false,
      matched: true,
      logsource: { applies: false, wanted: { product: 'aws', service: 'cloudtrail' }, found: { product: 'azure' } },
    });
    expect(explain(rule, recordOf({ a: 1 }, {}, 'json'))).toMatchObject({ fires: true, logsource: { applies: true } });
  });

  it('keeps the nesting of its condition, and tells a selection that is named often once', () => {
    const found = explained({ a: { f: 1 }, b: { f: 2 }, condition: 'not (a or not (a and b)) or a' }, { f: 1 });
    expect(found.condition).toMatchObject({
      kind: 'or',
      matched: true,
      parts: [
        {
          kind: 'not',
          matched: false,
          part: { kind: 'or', parts: [{ name: 'a' }, { kind: 'not', part: { kind: 'and' } }] },
        },
        { kind: 'selection', name: 'a', matched: true },
      ],
    });
    expect(found.selections.map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('an item', () => {
  it('tells which member of a list matched which value', () => {
    const fields = { targets: [{ name: 'one' }, { name: ['two', 'admin-role'] }, { name: 'my-ADMIN' }] };
    expect(itemOf({ 'targets.name|contains': ['admin', 'root', 'role'] }, fields)).toMatchObject({
      matched: true,
      paths: ['targets.name'],
      wanted: {
        values: [
          { value: 'admin', matched: true, place: 'targets[1].name[1]' },
          { value: 'role', matched: true, place: 'targets[1].name[1]' },
          { value: 'root', matched: false },
        ],
      },
      found: {
        values: [
          { place: 'targets[1].name[1]', value: 'admin-role', matched: true },
          { place: 'targets[2].name', value: 'my-ADMIN', matched: true },
          { place: 'targets[0].name', value: 'one', matched: false },
          { place: 'targets[1].name[0]', value: 'two', matched: false },
        ],
        more: 0,
      },
    });
  });

  it('of all its values shows those that are missing', () => {
    const item = itemOf({ 'f|contains|all': ['a', 'b', 'c'] }, { f: ['xa', 'xc'] });
    expect(item).toMatchObject({ matched: false, modifiers: ['contains', 'all'] });
    expect(item.wanted.values.map(({ value, place }) => [value, place])).toEqual([
      ['a', 'f[0]'],
      ['c', 'f[1]'],
      ['b', undefined],
    ]);
  });

  it.each<[unknown, JsonObject, boolean, unknown]>([
    [{ f: null }, {}, true, { present: false, found: { values: [] } }],
    [{ f: null }, { f: [] }, true, { present: true, found: { values: [] } }],
    [{ f: null }, { f: 'x' }, false, { present: true, found: { values: [{ value: 'x', matched: false }] } }],
    [{ 'f|exists': true }, { f: null }, true, { present: true, wanted: { values: [{ value: true, matched: true }] } }],
    [{ 'f|exists': false }, { f: 0 }, false, { present: true }],
    [{ 'f|neq': 'x' }, {}, true, { present: false, wanted: { values: [{ value: 'x', matched: false }] } }],
    [
      { 'f|neq': 'x' },
      { f: ['y', 'x'] },
      false,
      { wanted: { values: [{ value: 'x', matched: true, place: 'f[1]' }] } },
    ],
    [{ 'f|cidr': '203.0.113.0/24' }, { f: '203.0.113.7' }, true, { found: { values: [{ matched: true }] } }],
    [
      { 'f|gt': 3 },
      { f: [1, '4'] },
      true,
      { found: { values: [{ place: 'f[1]', matched: true }, { matched: false }] } },
    ],
  ])('%j on %j: %j', (selection, fields, matched, more) => {
    expect(itemOf(selection, fields)).toMatchObject({ matched, ...(more as object) });
  });

  it('of fieldref shows the values of both fields', () => {
    expect(itemOf({ 'a|fieldref|endswith': 'b' }, { a: ['user@x', 'y'], b: ['q', '@x'] })).toMatchObject({
      matched: true,
      wanted: { values: [{ value: 'b', matched: true, place: 'a[0]' }] },
      found: {
        values: [
          { place: 'a[0]', matched: true },
          { place: 'a[1]', matched: false },
        ],
      },
      compared: {
        values: [
          { place: 'b[0]', value: 'q' },
          { place: 'b[1]', value: '@x' },
        ],
      },
    });
  });

  it('of keywords shows where in the record they stand, and whether in a key', () => {
    const fields = { a: { 'the password': 1 }, b: ['x', 'PASSWORD'], c: 'other' };
    expect(itemOf(['password'], fields)).toMatchObject({
      field: '',
      matched: true,
      wanted: { values: [{ value: 'password', matched: true, place: 'a.the password' }] },
      found: {
        values: [
          { place: 'a.the password', kind: 'key' },
          { place: 'b[1]', value: 'PASSWORD', kind: 'value' },
        ],
        more: 0,
      },
    });
    expect(itemOf(['nowhere'], fields)).toMatchObject({ matched: false, found: { values: [], more: 0 } });
  });

  it('of a field that records have under other names shows the paths, and what may stand instead', () => {
    const logsource = { product: 'azure', service: 'activitylogs' };
    const selection = { ResourceProviderValue: 'Microsoft.KeyVault', OperationNameValue: 'nothing' };
    const rule = compiled(ruleText({ selection, condition: 'selection' }, { logsource }));
    const record = recordOf({ operationName: 'MICROSOFT.KEYVAULT/VAULTS/DELETE' }, logsource, 'azure-activity');
    expect(itemsOf(sigma(explain(rule, record)).selections[0]?.part)).toMatchObject([
      {
        field: 'ResourceProviderValue',
        matched: true,
        wanted: { values: [{ value: 'Microsoft.KeyVault', matched: true }] },
        found: { values: [] },
        instead: {
          kind: 'item',
          field: 'operationName',
          modifiers: ['startswith'],
          matched: true,
          found: { values: [{ place: 'operationName', matched: true }] },
        },
      },
      {
        field: 'OperationNameValue',
        matched: false,
        paths: expect.arrayContaining(['operationName']) as string[],
        found: { values: [{ place: 'operationName', value: 'MICROSOFT.KEYVAULT/VAULTS/DELETE', matched: false }] },
      },
    ]);
  });

  it('of a placeholder tells whether one of its values is there', () => {
    const text = ruleText({ selection: { 'user|expand': ['%admins%', 'root'] }, condition: 'selection' });
    const placeholders = new Map([['admins', ['ann', 'bob']]]);
    const { rules, rejected } = compileRules([{ file: 'rule.yml', text }], { placeholders });
    expect(rejected).toEqual([]);
    const [rule] = rules;
    if (rule === undefined) throw new Error('no rule');
    const [item] = itemsOf(sigma(explain(rule, recordOf({ user: 'bob' }))).selections[0]?.part);
    expect(item).toMatchObject({
      matched: true,
      wanted: {
        values: [
          { value: '%admins%', matched: true, place: 'user' },
          { value: 'root', matched: false },
        ],
      },
    });
  });

  it('tells what matched within an object', () => {
    expect(itemOf({ 'f|contains': 'needle' }, { f: { a: ['x', 'a needle'] } }).found.values).toEqual([
      {
        place: 'f',
        kind: 'object',
        matched: true,
        value: '{"a":["x","a needle"]}',
        within: { place: 'f.a[1]', value: 'a needle' },
      },
    ]);
  });
});

describe('bounds', () => {
  it('cuts long texts and long lists, those first that matter', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `v${index}`);
    const item = itemOf({ f: many }, { f: [...many.map((value) => `not ${value}`), 'v4999', 'y'.repeat(100_000)] });
    expect(item.matched).toBe(true);
    expect(item.found).toMatchObject({
      more: 5002 - 8,
      values: [{ value: 'v4999', place: 'f[5000]' }, {}, {}, {}, {}, {}, {}, {}],
    });
    expect(item.wanted.more).toBe(5000 - 8);
    expect(itemOf({ f: 'x' }, { f: 'y'.repeat(100_000) }).found.values).toMatchObject([{ length: 100_000 }]);
  });

  it('stays small and quick for a rule and a record of any size', () => {
    const maps = Array.from({ length: 600 }, (_, index) => ({ [`f${index}|contains`]: ['a', 'b'], g: ['c', 'd'] }));
    const detection = { s: maps, t: maps, condition: Array.from({ length: 200 }, () => 's or t').join(' or ') };
    const fields: JsonObject = { g: Array.from({ length: 200 }, () => 'z'.repeat(10_000)) };
    const explanation = explained(detection, fields);
    expect(explanation.fires).toBe(false);
    expect(JSON.stringify(explanation).length).toBeLessThan(1_000_000);
  });

  it('keeps of many alternatives those that decide', () => {
    const members = Array.from({ length: 500 }, (_, index) => ({ f: `v${index}` }));
    const part = explained({ selection: members, condition: 'selection' }, { f: 'v499' }).selections[0]?.part;
    expect(part).toMatchObject({ kind: 'or', matched: true, more: 400 });
    expect(itemsOf(part).filter(({ matched }) => matched)).toMatchObject([{ wanted: { values: [{ value: 'v499' }] } }]);
    const selections = Object.fromEntries(members.slice(0, 300).map((member, index) => [`s${index}`, member]));
    const many = explained({ ...selections, condition: '1 of them' }, { f: 'v299' });
    expect(many.condition).toMatchObject({ kind: 'or', matched: true, more: 200 });
    expect(many.selections.filter(({ used }) => used)).toHaveLength(300);
  });

  it('bears depth, and names that every object has', () => {
    expect(itemOf(['innermost'], { a: nested(60, 'innermost') }).matched).toBe(true);
    const hostile = JSON.parse('{"__proto__":{"constructor":"x"}}') as JsonObject;
    expect(itemOf({ '__proto__.constructor': 'x' }, hostile)).toMatchObject({ matched: true });
    expect(itemOf({ 'constructor.name': '*' }, {})).toMatchObject({ matched: false, present: false });
  });
});

describe('a rule in TypeScript', () => {
  const rule = (more: Partial<TypeScriptRule>): CompiledRule => ({
    ...compiled(ruleText({ selection: { a: 1 }, condition: 'selection' })),
    kind: 'typescript',
    classes: [],
    matches: () => true,
    ...more,
  });

  it.each<[string, Partial<TypeScriptRule>, unknown]>([
    ['fires', { key: () => 'k'.repeat(1000) }, { fires: true, matched: true, key: 'k'.repeat(200) }],
    ['does not match', { matches: () => false }, { fires: false, matched: false }],
    [
      'reads other classes',
      { classes: [3002] },
      { fires: false, matched: undefined, classes: { found: 0, applies: false } },
    ],
    ['reads another log source', { logsource: { product: 'gcp' } }, { fires: false, logsource: { applies: false } }],
  ])('%s', (_name, more, expected) => {
    expect(explain(rule(more), recordOf({}))).toMatchObject({ kind: 'typescript', ...(expected as object) });
  });

  it('fires though it cannot make its key, as in the rule set', () => {
    const key = () => {
      throw new Error('no address');
    };
    const explanation = explain(rule({ key }), recordOf({}));
    expect(explanation).toMatchObject({ kind: 'typescript', fires: true, keyError: 'Error: no address' });
    expect(ruleSet({ rules: [rule({ key })], rejected: [] }).match(recordOf({}))).toHaveLength(1);
  });

  it('fails: tells the error and does not fire', () => {
    const matches = () => {
      throw new Error('undefined is no actor');
    };
    const explanation = explain(rule({ matches }), recordOf({}));
    expect(explanation).toMatchObject({ kind: 'failed', fires: false, error: 'Error: undefined is no actor' });
  });
});

it('bears whatever a rule throws', () => {
  const matches = () => {
    throw Object.create(null);
  };
  const rule: CompiledRule = {
    ...compiled(ruleText({ s: { a: 1 }, condition: 's' })),
    kind: 'typescript',
    classes: [],
    matches,
  };
  expect(explain(rule, recordOf({}))).toMatchObject({ kind: 'failed', fires: false });
});

describe('agreement with matching', () => {
  const field = fc.constantFrom('a', 'b', 'a.b', 'eventName', '__proto__');
  const text = fc.constantFrom('x', 'X', 'xy', '*x*', 'x*', '4', '2026-03-02', '203.0.113.7', '', 'sta?t');
  const item = fc.oneof(
    fc
      .tuple(
        field,
        fc.constantFrom('', '|contains', '|startswith', '|neq', '|cased', '|re', '|contains|neq', '|windash'),
      )
      .chain(([name, modifiers]) => {
        const plain = modifiers === '|re' ? fc.constantFrom('x', '^4$', 'y|x') : text;
        return fc.tuple(
          fc.constant(`${name}${modifiers}`),
          fc.oneof(plain, fc.array(plain, { minLength: 1, maxLength: 3 })),
        );
      }),
    fc.tuple(
      field.map((name) => `${name}|contains|all`),
      fc.array(text, { minLength: 2, maxLength: 3 }),
    ),
    fc.tuple(field, fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 5 }), fc.boolean())),
    fc.tuple(
      field.map((name) => `${name}|exists`),
      fc.boolean(),
    ),
    fc.tuple(
      field.map((name) => `${name}|gte`),
      fc.integer({ min: 0, max: 5 }),
    ),
    fc.tuple(
      field.map((name) => `${name}|cidr`),
      fc.constantFrom('203.0.113.0/24', '198.51.100.0/24'),
    ),
    fc.tuple(
      field.map((name) => `${name}|year`),
      fc.constant(2026),
    ),
    fc.tuple(
      fc.tuple(field, fc.constantFrom('', '|neq', '|contains')).map(([name, more]) => `${name}|fieldref${more}`),
      field,
    ),
  );
  const map = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.fromEntries<unknown>(items));
  const selection = fc.oneof(
    map,
    fc.array(fc.oneof(map, fc.constantFrom('x', '4', 'true', 'nowhere')), { minLength: 1, maxLength: 3 }),
  );
  const condition = fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('s1', 's2', '_s3', '1 of s*', 'all of them'),
      tie('any').map((inner) => `not ${inner}`),
      fc
        .tuple(tie('any'), fc.constantFrom('and', 'or'), tie('any'))
        .map(([one, word, other]) => `(${one} ${word} ${other})`),
    ),
  })).any;
  const detection = fc.record({ s1: selection, s2: selection, _s3: selection, condition });
  const value = fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(text, fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.constant(null)),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(field, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  const fields = fc.dictionary(field, value, { maxKeys: 4 }) as fc.Arbitrary<JsonObject>;

  it('fires exactly where the rule set does, and its parts add up', () => {
    let fired = 0;
    fc.assert(
      fc.property(detection, fields, (rule, record) => {
        const compiledRule = compiled(ruleText(rule));
        const explanation = sigma(explain(compiledRule, recordOf(record)));
        const signals = ruleSet({ ...EMPTY, rules: [compiledRule] }).match(recordOf(record));
        expect(explanation.fires).toBe(signals.length > 0);
        expect(explanation.reasons.length > 0).toBe(!explanation.fires);
        fired += signals.length;
        for (const { matched, part } of explanation.selections) {
          expect(part.matched).toBe(matched);
          for (const one of itemsOf(part)) expectToAddUp(one);
        }
      }),
      { numRuns: 300 },
    );
    expect(fired).toBeGreaterThan(10);
  });

  /** What is told of the values is what came of the item. */
  function expectToAddUp({ matched, modifiers, field: name, wanted, found, present }: ItemExplanation): void {
    const values = wanted.values.map((one) => one.matched);
    const positive = modifiers.includes('all') ? !values.includes(false) : values.includes(true);
    expect(matched).toBe(modifiers.includes('neq') ? !positive : positive);
    if (found.values.length > 0) expect(present).toBe(true);
    const asksForAbsence = modifiers.includes('exists') || wanted.values.some((one) => one.value === null);
    if (!asksForAbsence) expect(found.values.some((one) => one.matched)).toBe(values.includes(true));
    if (name === '') expect(modifiers).toEqual([]);
  }

  const EMPTY = { rejected: [] };
});
