import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { reasonAgainst } from '../correlation/correlation-samples.ts';
import type { LoadOptions } from '../loading/load.ts';
import { nested, reasonFor, reasonForSelection, recordOf, ruleText } from '../testing/rule-samples.ts';
import {
  correlationText,
  COUNT,
  filterText,
  firedIds,
  KNOWN,
  reasonsOf,
  rowsOf,
  RULE,
  sections,
  setOf,
  type Rows,
} from './samples.ts';

/** Holds a selection against records on which it is true, and others on which it is not. */
function selects(
  selection: unknown,
  yes: readonly JsonObject[],
  no: readonly JsonObject[],
  options: LoadOptions = {},
): void {
  detects({ selection, condition: 'selection' }, yes, no, options);
}

function detects(
  detection: unknown,
  yes: readonly JsonObject[],
  no: readonly JsonObject[],
  options: LoadOptions = {},
): void {
  const set = setOf([ruleText(detection, { id: 'r' })], options);
  expect(set.rejected).toEqual([]);
  for (const fields of yes) expect(firedIds(set, fields), JSON.stringify(fields)).toEqual(['r']);
  for (const fields of no) expect(firedIds(set, fields), JSON.stringify(fields)).toEqual([]);
}

const refuses = (selection: unknown, reason: RegExp): void => expect(reasonForSelection(selection)).toMatch(reason);

const base64 = (text: string, encoding: 'utf8' | 'utf16le' = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64');

const PLACEHOLDERS: LoadOptions = {
  placeholders: new Map([
    ['Admins', ['adm_*', 'root']],
    ['Hosts', ['h1', 'h2']],
  ]),
};

const DOCUMENTS: Rows = {
  'kinds of documents': () => {
    const { rules, correlations, filters, rejected } = setOf([filterText(KNOWN), correlationText(COUNT), RULE]);
    expect([rules.length, correlations.length, filters.length, rejected.length]).toEqual([1, 1, 1, 0]);
  },
  'keys that Sigma does not define': () => {
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { author: 'x', custom: {} }))).toBe(
      'it is not rejected',
    );
    const logsource = { product: 'aws', definition: 'all regions', custom: 1 };
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { logsource }))).toBe('it is not rejected');
    expect(reasonAgainst({ ...COUNT, groupby: ['f'] })).toMatch(/^correlation\.groupby: not part of a correlation/);
    expect(reasonAgainst({ ...COUNT, condition: { gte: 2, unit: 's' } })).toMatch(
      /condition\.unit: not part of a condition/,
    );
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { crosstrail: { windows: '1h' } }))).toMatch(
      /^crosstrail\.windows/,
    );
  },
  'keys without a value': () => {
    const logsource = { product: 'aws', service: null };
    const empty = { id: null, name: null, description: null, level: null, tags: null, logsource };
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, empty))).toBe('it is not rejected');
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { title: null }))).toMatch(/^title: /);
  },
  '`title`': () => {
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { title: undefined }))).toMatch(/^title: /);
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { title: 'x'.repeat(257) }))).toMatch(/^title: /);
  },
  '`id`, `name`': () => {
    const detection = { a: { f: 1 }, condition: 'a' };
    const texts = [ruleText(detection, { title: 'One rule' }), ruleText(detection, { name: 'two' }), RULE];
    expect(setOf(texts).rules.map(({ id }) => id)).toEqual(['one-rule', 'two', 'r']);
    expect(reasonsOf(RULE, RULE)).toEqual([expect.stringContaining('the id r is taken')]);
    const twin = ruleText(detection, { id: 's', name: 'named' });
    expect(reasonsOf(RULE, twin)).toEqual([]);
    expect(reasonsOf(RULE, twin, correlationText({ ...COUNT, rules: ['named'] }))).toEqual([
      expect.stringMatching(/^2 rules have the name 'named'/),
    ]);
  },
  '`logsource`': () => {
    const set = setOf([ruleText({ a: { f: 'a' }, condition: 'a' }, { id: 'r', logsource: { product: 'AWS' } })]);
    const found = (product: string, service: string) => set.match(recordOf({ f: 'a' }, { product, service })).length;
    expect([found('aws', 'cloudtrail'), found('Aws', 'other'), found('azure', 'cloudtrail')]).toEqual([1, 1, 0]);
    expect(set.match(recordOf({ f: 'a' }, {}, 'json'))).toHaveLength(1);
    expect(reasonFor(ruleText({ a: { f: 'a' }, condition: 'a' }, { logsource: {} }))).toMatch(
      /^logsource: expected a category/,
    );
  },
  '`status`': () => {
    const texts = ['deprecated', 'unsupported'].map((status) =>
      ruleText({ a: { f: 1 }, condition: 'a' }, { id: status, status }),
    );
    expect(setOf(texts).rules).toHaveLength(2);
  },
  '`taxonomy`': () => {
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { taxonomy: 'sigma' }))).toBe('it is not rejected');
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { taxonomy: 'ecs' }))).toMatch(
      /^taxonomy: expected sigma/,
    );
  },
  '`action: global` and its like': () => {
    expect(reasonFor(ruleText({ a: { f: 1 }, condition: 'a' }, { action: 'repeat' }))).toMatch(/^rule collections/);
  },
  'lines of errors': () => {
    const text = `title: One
logsource: { product: aws }
detection:
  first: { f: a }
  condition: first
---
title: Two
logsource: { product: aws }
detection:
  first:
    f|contains:
      - a
      - { g: b }
  condition: first
---
title: Three
logsource: { product: aws }
detection:
  first:
    - g: a
    - f|like:
        - a
  condition: first
---
title: Four
logsource: { product: aws }
detection:
  first:
    f|re:
      - a
      - (
  condition:
    - first
`;
    expect(setOf([text]).rejected.map(({ line }) => line)).toEqual([13, 21, 31]);
  },
};

const VALUES: Rows = {
  case: () => {
    selects({ f: 'straſse' }, [{ f: 'STRASSE' }, { f: 'Strasse' }], [{ f: 'straße' }]);
  },
  'numbers and booleans': () => {
    selects({ f: 42 }, [{ f: 42 }, { f: '42' }], [{ f: '42.0' }, { f: 43 }]);
    const written = `{ title: T, id: r, logsource: { product: aws }, detection: { a: { f: [1.10, 0x10, "2.0"] }, condition: a } }`;
    const values = ['1.1', '16', '2.0', '1.10', '0x10', '2'];
    expect(values.filter((f) => firedIds(setOf([written]), { f }).length > 0)).toEqual(['1.1', '16', '2.0']);
    selects({ f: 'True' }, [{ f: true }, { f: 'true' }], [{ f: 1 }]);
  },
  '`*` and `?`': () => {
    selects({ f: 'a*b' }, [{ f: 'ab' }, { f: 'a\n\nb' }], [{ f: 'abc' }]);
    selects({ f: 'a?b' }, [{ f: 'axb' }, { f: 'a😀b' }], [{ f: 'ab' }, { f: 'axxb' }]);
  },
  escapes: () => {
    selects({ f: String.raw`\*` }, [{ f: '*' }], [{ f: 'x' }]);
    selects({ f: String.raw`\?` }, [{ f: '?' }], [{ f: 'x' }]);
    selects({ f: String.raw`a\b` }, [{ f: String.raw`a\b` }], [{ f: 'ab' }]);
    selects({ f: String.raw`a\\b` }, [{ f: String.raw`a\b` }], [{ f: String.raw`a\\b` }]);
    selects({ f: String.raw`\\*` }, [{ f: '\\' }, { f: String.raw`\x` }], [{ f: '*' }]);
    selects({ f: String.raw`\\\*` }, [{ f: String.raw`\*` }], [{ f: String.raw`\x` }]);
    selects({ f: String.raw`a\\\b` }, [{ f: String.raw`a\\b` }], [{ f: String.raw`a\b` }]);
    selects({ f: String.raw`a\\\\b` }, [{ f: String.raw`a\\b` }], [{ f: String.raw`a\b` }]);
    selects({ f: 'a\\' }, [{ f: 'a\\' }], [{ f: 'a' }]);
  },
  'empty text': () => {
    selects({ f: '' }, [{ f: '' }], [{}, { f: null }, { f: ' ' }]);
  },
  '`null`': () => {
    selects({ f: null }, [{ f: null }, {}, { f: [] }], [{ f: '' }, { f: 0 }, { f: false }]);
  },
  '`null` in a list': () => {
    refuses({ f: ['', null] }, /null cannot stand in a list of values/);
  },
  'not null': () => {
    detects(
      { a: { g: 1 }, b: { f: null }, condition: 'a and not b' },
      [{ g: 1, f: '' }],
      [{ g: 1 }, { g: 1, f: null }],
    );
  },
  '`exists` and `null`': () => {
    selects({ 'f|exists': true }, [{ f: null }, { f: '' }], [{}]);
    selects({ 'f|exists': false }, [{}], [{ f: null }]);
    selects({ 'f|exists': true, f: null }, [{ f: null }], [{}, { f: 'a' }]);
    refuses({ 'f|exists': 'yes' }, /takes true or false/);
    refuses({ 'f|exists|all': true }, /goes together with no other/);
    refuses({ '|exists': true }, /needs a field/);
  },
  'negation of an absent field': () => {
    detects({ a: { f: 'x' }, condition: 'not a' }, [{}, { f: null }, { f: 'y' }], [{ f: 'x' }]);
  },
  'lists in records': () => {
    selects(
      { 'f.g': 'a', 'f.h': 'b' },
      [{ f: [{ g: 'a' }, { h: 'b' }] }, { f: { g: ['x', 'a'], h: 'b' } }],
      [{ f: [{ g: 'a' }] }],
    );
  },
  'names with dots': () => {
    selects({ 'f.g': 'a' }, [{ f: { g: 'a' } }, { 'f.g': 'a' }], [{ 'f.g': 'b', f: { g: 'a' } }]);
  },
  'objects under a field': () => {
    selects({ 'f|contains': 'needle' }, [{ f: { g: 'a needle' } }], [{ f: { g: 'x' } }]);
    selects({ 'f|contains': '"g":1' }, [{ f: { g: 1 } }], [{ f: { g: 2 } }]);
    selects({ f: 'needle' }, [], [{ f: { g: 'needle' } }]);
  },
};

const LISTS: Rows = {
  'maps and lists': () => {
    selects({ f: ['a', 'b'], g: 'c' }, [{ f: 'b', g: 'c' }], [{ f: 'b' }, { g: 'c' }]);
    selects([{ f: 'a' }, { g: 'b' }, 'needle'], [{ f: 'a' }, { g: 'b' }, { z: 'needle' }], [{ f: 'b', g: 'a' }]);
  },
  '`all`': () => {
    selects({ 'f|contains|all': ['a', 'b'] }, [{ f: 'xbay' }, { f: ['a', 'b'] }], [{ f: 'a' }]);
  },
  '`all` on one value': () => {
    selects({ 'f|all': 'a' }, [{ f: 'a' }], [{ f: 'b' }]);
  },
  keywords: () => {
    selects(['needle', 4625], [{ a: { b: ['a NEEDLE'] } }, { needles: 1 }, { id: 94625 }], [{ a: 'need' }]);
    selects('needle', [{ a: nested(63, 'needle') }], [{ a: nested(64, 'needle') }]);
  },
  'keywords that must all be there': () => {
    selects({ '|all': ['one', 'two'] }, [{ a: 'one', b: { c: 'two' } }], [{ a: 'one' }]);
  },
  'empty lists and maps': () => {
    for (const selection of [[], {}, { f: [] }]) refuses(selection, /this (list|map) is empty/);
  },
};

const MODIFIERS: Rows = {
  'unknown modifiers': () => {
    refuses({ 'f|like': 'a' }, /unknown modifier 'like'; known are/);
    refuses({ 'f|Contains': 'a' }, /unknown modifier 'Contains'/);
  },
  'modifiers that go together': () => {
    refuses({ 'f|contains|contains': 'a' }, /stands twice/);
    refuses({ 'f|startswith|endswith': 'a' }, /contradict each other/);
    refuses(
      { 'f|cidr|contains': '10.0.0.0/8' },
      /'contains' does not apply to a value that another modifier has changed/,
    );
    refuses({ 'f|lt|contains': 5 }, /'contains' does not apply/);
    refuses({ 'f|i|re': 'a' }, /'i' stands after 're' only/);
    refuses({ 'f|lt|gt': 5 }, /'gt' does not go together with 'lt'/);
    refuses({ 'f|contains|base64': 'a' }, /'base64' does not apply to a value with wildcards/);
  },
  '`contains`, `startswith`, `endswith`': () => {
    selects({ 'f|contains': 'a*c' }, [{ f: 'xabcx' }], [{ f: 'xcax' }]);
    selects({ 'f|startswith': 4 }, [{ f: 42 }, { f: '4' }], [{ f: 24 }]);
    selects({ 'f|endswith': 'user' }, [{ f: 'CreateUser' }], [{ f: 'Users' }]);
  },
  '`cased`': () => {
    selects({ 'f|cased': 'Abc' }, [{ f: 'Abc' }], [{ f: 'abc' }]);
    refuses({ 'f|re|cased': 'a' }, /'cased' applies to texts only/);
  },
  '`neq`': () => {
    selects({ 'f|neq': ['a', 'b'] }, [{ f: 'c' }, {}], [{ f: 'A' }, { f: ['c', 'b'] }]);
    selects({ 'f|neq': 5 }, [{ f: 6 }], [{ f: '5' }]);
  },
  '`windash`': () => {
    selects(
      { 'f|windash|contains': ' -a' },
      ['-', '/', '–', '—', '―'].map((dash) => ({ f: `x ${dash}a` })),
      [{ f: 'x +a' }],
    );
    selects({ 'f|windash': 'a-b' }, [{ f: 'a/b' }], [{ f: 'ab' }]);
  },
  '`re`': () => {
    selects({ 'f|re': 'b+' }, [{ f: 'abbc' }], [{ f: 'ABBC' }]);
    selects({ 'f|re|ignorecase|s': 'A.b' }, [{ f: 'a\nB' }], [{ f: 'ab' }]);
    selects({ 'f|re|m': '^b$' }, [{ f: 'a\nb' }], [{ f: 'ab' }]);
    selects({ 'f|re|startswith': 'a|b' }, [{ f: 'bc' }], [{ f: 'cb' }]);
    refuses({ 'f|re': '(?=a)' }, /look-around and back references are not supported/);
  },
  '`base64`': () => {
    selects({ 'f|base64': 'whoami' }, [{ f: base64('whoami') }], [{ f: base64('whoami /all') }, { f: 'whoami' }]);
    refuses({ 'f|base64': 'who*' }, /does not apply to a value with wildcards/);
    refuses({ 'f|base64': '' }, /does not apply to an empty value/);
    refuses({ 'f|windash|base64': '-a' }, /does not apply after 'windash'/);
  },
  '`base64offset`': () => {
    const texts = ['', 'x', 'xy'].map((before) => ({ f: base64(`${before}whoami /all`) }));
    selects({ 'f|base64offset|contains': 'whoami' }, texts, [{ f: 'whoami' }]);
    refuses({ 'f|contains|base64offset': 'whoami' }, /put 'contains' after it/);
  },
  '`utf16le`, `wide`, `utf16be`, `utf16`': () => {
    for (const name of ['utf16le', 'wide']) {
      selects({ [`f|${name}|base64`]: 'né' }, [{ f: base64('né', 'utf16le') }], [{ f: base64('né') }]);
    }
    selects({ 'f|utf16|base64': 'a' }, [{ f: base64('\ufeffa', 'utf16le') }], [{ f: base64('a', 'utf16le') }]);
    selects({ 'f|utf16be|base64': 'a' }, [{ f: base64('\0a') }], [{ f: base64('a\0') }]);
    selects({ 'f|wide|base64offset|contains': 'cmd' }, [{ f: base64('x cmd', 'utf16le') }], [{ f: base64('x cmd') }]);
  },
  '`lt`, `lte`, `gt`, `gte`': () => {
    selects({ 'f|gte': 5 }, [{ f: 5 }, { f: '1e1' }], [{ f: 4.9 }, { f: 'ten' }, {}, { f: null }]);
    refuses({ 'f|gt': 'ten' }, /takes a number/);
  },
  '`minute` to `year`': () => {
    selects({ 't|hour': 23 }, [{ t: '2026-03-02T23:14:07+05:00' }], [{ t: '2026-03-02T18:14:07Z' }]);
    selects({ 't|week|gte': 53 }, [{ t: '2026-12-31' }], [{ t: '2026-12-27' }]);
    selects({ 't|gte|hour': 22 }, [{ t: '2026-03-02T22:00:00Z' }], [{ t: '2026-03-02T21:59:59Z' }]);
  },
  '`cidr`': () => {
    const ranges = ['203.0.113.0/24', '2001:db8::/32'];
    selects(
      { 'f|cidr': ranges },
      [{ f: '203.0.113.9' }, { f: '::ffff:203.0.113.9' }, { f: '2001:db8::1' }],
      [{ f: 'x' }, {}],
    );
    refuses({ 'f|cidr': '203.0.113.0/33' }, /takes a range of addresses/);
  },
  '`fieldref`': () => {
    selects({ 'f|fieldref': 'g' }, [{ f: 'Anna', g: ['x', 'anna'] }], [{ f: 'a', g: 'b' }, {}, { f: null, g: null }]);
    selects({ 'f|fieldref|neq': 'g' }, [{ f: 'a', g: 'b' }], [{ f: 'a', g: 'A' }]);
    selects({ 'f|fieldref|endswith': 'g' }, [{ f: 'user/anna', g: 'anna' }], [{ f: 'anna/user', g: 'anna' }]);
    refuses({ 'f|fieldref': 'g*' }, /without wildcards/);
  },
  '`expand`': () => {
    selects(
      { 'f|expand': '%Admins%@%Hosts%' },
      [{ f: 'adm_x@h1' }, { f: 'root@h2' }],
      [{ f: 'root@h3' }],
      PLACEHOLDERS,
    );
    refuses({ 'f|expand': '%Servers%' }, /names %Servers%.*list its values under rules\.placeholders\.Servers/);
  },
  '`expand` and what surrounds it': () => {
    selects({ f: '%Hosts%' }, [{ f: '%hosts%' }], [{ f: 'h1' }], PLACEHOLDERS);
    selects({ 'f|expand': String.raw`\%Hosts%` }, [{ f: '%hosts%' }], [{ f: 'h1' }], PLACEHOLDERS);
    selects({ 'f|expand': String.raw`\%plain%Hosts%` }, [{ f: '%plainh1' }], [{ f: 'h1' }], PLACEHOLDERS);
    selects({ 'f|expand': String.raw`a\\%Hosts%` }, [{ f: String.raw`a\h1` }], [{ f: 'ah1' }], PLACEHOLDERS);
    selects({ 'f|contains|expand': '%Hosts%' }, [{ f: 'xh2x' }], [{ f: 'xh3x' }], PLACEHOLDERS);
    selects({ 'f|expand|base64': '%Hosts%' }, [{ f: base64('h2') }], [{ f: 'h2' }], PLACEHOLDERS);
    refuses({ 'f|base64|expand': '%Hosts%' }, /'expand' stands before 'base64'/);
  },
  'values of placeholders': () => {
    selects(
      { 'f|expand|all': ['%Admins%', '*_%Hosts%'] },
      [{ f: 'adm_h1' }],
      [{ f: 'adm_h3' }, { f: 'root' }],
      PLACEHOLDERS,
    );
    selects({ 'f|re|expand': '^%Hosts%$' }, [{ f: 'h1' }], [{ f: 'xh1' }], PLACEHOLDERS);
    const within = {
      placeholders: new Map([
        ['a', ['%b%']],
        ['b', ['x']],
      ]),
    };
    selects({ 'f|expand': '%a%' }, [{ f: '%b%' }], [{ f: 'x' }], within);
  },
};

const CONDITIONS: Rows = {
  precedence: () => {
    const detection = { a: { f: 'a' }, b: { g: 'b' }, c: { h: 'c' } };
    detects(
      { ...detection, condition: 'a OR NOT b AND c' },
      [{ f: 'a', g: 'b' }, { h: 'c' }],
      [{ g: 'b', h: 'c' }, {}],
    );
    detects({ ...detection, condition: '(a or b) and c' }, [{ f: 'a', h: 'c' }], [{ f: 'a' }]);
  },
  '`1 of`, `any of`, `all of`': () => {
    const detection = { s_a: { f: 'a' }, s_b: { g: 'b' } };
    for (const some of ['1', 'any']) detects({ ...detection, condition: `${some} of s_*` }, [{ g: 'b' }], [{}]);
    detects({ ...detection, condition: 'all of them' }, [{ f: 'a', g: 'b' }], [{ f: 'a' }]);
    expect(reasonFor(ruleText({ ...detection, condition: '2 of them' }))).toMatch(
      /'1 of', 'any of' or 'all of' expected/,
    );
  },
  'names with an underscore': () => {
    const detection = { a: { f: 'a' }, _b: { g: 'b' } };
    detects({ ...detection, condition: '1 of them' }, [{ f: 'a' }], [{ g: 'b' }]);
    detects({ ...detection, condition: '1 of _*' }, [{ g: 'b' }], [{ f: 'a' }]);
    expect(reasonFor(ruleText({ ...detection, condition: '1 of *b' }))).toMatch(/no selection is named as '\*b' says/);
  },
  'patterns of names': () => {
    const detection = { sel_one: { f: 'a' }, other: { g: 'b' } };
    detects({ ...detection, condition: '1 of *l_*e' }, [{ f: 'a' }], [{ g: 'b' }]);
    expect(reasonFor(ruleText({ ...detection, condition: '1 of sel' }))).toMatch(/no selection is named as 'sel' says/);
  },
  'lists of conditions': () => {
    detects({ a: { f: 'a' }, b: { g: 'b' }, condition: ['a', 'b'] }, [{ f: 'a' }, { g: 'b' }], [{}]);
  },
  'names that are not there': () => {
    expect(reasonFor(ruleText({ a: { f: 'a' }, condition: 'a or b' }))).toMatch(
      /there is no selection 'b'; there are a/,
    );
    expect(reasonFor(ruleText({ a: { f: 'a' }, condition: 'a or 1 of b*' }))).toMatch(
      /no selection is named as 'b\*' says/,
    );
  },
  'aggregations, `near`, `timeframe`': () => {
    expect(reasonFor(ruleText({ a: { f: 'a' }, condition: 'a | count() > 5' }))).toMatch(/write a correlation rule/);
    expect(reasonFor(ruleText({ a: { f: 'a' }, condition: 'a | near a' }))).toMatch(/write a correlation rule/);
    expect(reasonFor(ruleText({ a: { f: 'a' }, timeframe: '5m', condition: 'a' }))).toMatch(/write a correlation rule/);
  },
};

const SECTIONS = {
  Documents: DOCUMENTS,
  Values: VALUES,
  'Lists and maps': LISTS,
  Modifiers: MODIFIERS,
  Conditions: CONDITIONS,
};

describe.each(Object.entries(SECTIONS))('Sigma: %s', (section, rows) => {
  it.each(Object.entries(rows))('%s', (_row, test) => {
    test();
  });

  it('has a row in docs/sigma.md for each test, and no other', () => {
    expect(rowsOf(section)).toEqual(Object.keys(rows));
  });
});

it('tests each section of docs/sigma.md, here or beside', () => {
  expect(sections()).toEqual([
    ...Object.keys(SECTIONS),
    'Correlation rules',
    'Correlation types of the project',
    'Filters',
  ]);
});
