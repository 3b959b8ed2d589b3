import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRuleTests, RuleTestFileError } from './rule-test-file.ts';

const parse = (text: string) => parseRuleTests('a.tests.yml', text);

function errorOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RuleTestFileError) return error.message;
    throw error;
  }
  return 'it can be used';
}

describe('parseRuleTests', () => {
  it('reads a record, and whether the rule fires on it', () => {
    expect(
      parse('# two\n- {name: one, fires: true, record: {a: 1}}\n- name: two\n  fires: false\n  record: {b: .inf}\n'),
    ).toEqual([
      { name: 'one', line: 2, records: [{ a: 1 }], expected: true },
      { name: 'two', line: 3, records: [{ b: null }], expected: false },
    ]);
  });

  it('reads many records, and the signals expected', () => {
    const [test] = parse(`- name: several
  records: [{a: 1}, {a: 2}]
  signals:
    - rule: Many
      level: high
      group: {account: 111122223333, mfa: false}
      events: [1, 0]
    - {}
`);
    expect(test?.expected).toEqual([
      { rule: 'Many', level: 'high', group: { account: '111122223333', mfa: 'false' }, events: [1, 0] },
      {},
    ]);
    expect(parse('- {name: none, records: [{}], signals: []}')[0]?.expected).toEqual([]);
  });

  it('merges each record over the base: maps with maps, anything else is replaced', () => {
    const [test] = parse(`- name: based
  base: {time: 1, user: {id: 7, name: ann, tags: [a, b]}, kept: {x: 1}}
  records:
    - {time: 2}
    - {user: {name: bob, tags: [c]}, kept: null}
    - {user: none, new: {y: 1}}
  fires: true
`);
    expect(test?.records).toEqual([
      { time: 2, user: { id: 7, name: 'ann', tags: ['a', 'b'] }, kept: { x: 1 } },
      { time: 1, user: { id: 7, name: 'bob', tags: ['c'] }, kept: null },
      { time: 1, user: 'none', kept: { x: 1 }, new: { y: 1 } },
    ]);
  });

  it('has keys of the prototype as any others', () => {
    const [test] = parse(
      '- {name: x, base: {__proto__: {a: 1}, constructor: 1}, records: [{__proto__: {b: 2}}], fires: true}',
    );
    expect(JSON.stringify(test?.records)).toBe('[{"__proto__":{"a":1,"b":2},"constructor":1}]');
    expect(Object.getPrototypeOf(test?.records[0])).toBe(Object.prototype);
  });

  it.each([
    ['no list', 'name: x', '1: expected a list of tests'],
    ['a test that is none', '- {name: x, fires: true, record: {}}\n- x', '2: 1: expected a test: a map'],
    [
      'an unknown key',
      '- name: x\n  fires: true\n  expect: 1\n  record: {}',
      '3: 0.expect: Unrecognized key: "expect"',
    ],
    ['no name', '- fires: true\n  record: {}', '1: 0.name: expected a text'],
    ['neither fires nor signals', '- name: x\n  record: {}', '1: 0: expected one of fires and signals'],
    ['both', '- {name: x, record: {}, fires: true, signals: []}', '1: 0: expected one of fires and signals'],
    ['no record', '- {name: x, fires: true}', '1: 0: expected one of record and records'],
    [
      'record and records',
      '- {name: x, fires: true, record: {}, records: [{}]}',
      '1: 0: expected one of record and records',
    ],
    ['no records', '- name: x\n  fires: true\n  records: []', '3: 0.records: expected a record'],
    [
      'a record that is none',
      '- name: x\n  fires: true\n  records:\n    - {}\n    - [1]',
      '5: 0.records.1: expected a record: a map',
    ],
    [
      'a base for one record',
      '- name: x\n  fires: true\n  base: {}\n  record: {}',
      '3: 0.base: base goes with records',
    ],
    [
      'a signal that is none',
      '- name: x\n  record: {}\n  signals:\n    - high',
      '4: 0.signals.0: expected a signal: a map',
    ],
    ['an unknown level', '- name: x\n  record: {}\n  signals:\n    - level: bad', '4: 0.signals.0.level: '],
    [
      'an unknown key of a signal',
      '- name: x\n  record: {}\n  signals:\n    - rules: a',
      '4: 0.signals.0.rules: Unrecognized key',
    ],
    [
      'a record that is not there',
      '- name: x\n  record: {}\n  signals:\n    - events: [1]',
      '4: 0.signals.0.events: the test has no record 1; the first is 0',
    ],
    [
      'merge keys, which would be fields',
      '- name: x\n  fires: true\n  record: &r {a: b}\n- name: y\n  fires: false\n  record: {<<: *r, c: d}',
      "6: 1.record: YAML merge keys ('<<') are not read; write what records share as base",
    ],
    [
      'enrichments that are none',
      '- {name: x, fires: true, record: {}, enrichments: [{name: x}]}',
      '1: 0.enrichments.0.value',
    ],
    ['no YAML', '- {name: x, fires: true, record: {}}\n- [', 'not readable as YAML'],
    ['keys twice', '- name: x\n  name: y', '2: not readable as YAML'],
    ['an empty file', '', 'the file is empty'],
  ])('says of %s where and what', (_, text, message) => {
    expect(errorOf(text)).toMatch(/^a\.tests\.yml:\d+: /);
    expect(errorOf(text)).toContain(message);
  });

  it('throws nothing else, whatever the text', () => {
    const part = fc.constantFrom(
      '- ',
      'name: x',
      '{',
      '}',
      '[',
      ']',
      ': ',
      'records',
      'base',
      '\n',
      '  ',
      '&a ',
      '*a',
      '"',
      '\u0000',
      '!!x ',
    );
    fc.assert(
      fc.property(
        fc.array(part).map((parts) => parts.join('')),
        (text) => typeof errorOf(text) === 'string',
      ),
    );
  });
});
