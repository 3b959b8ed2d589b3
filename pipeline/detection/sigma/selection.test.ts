import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { nested, reasonForSelection, recordOf, ruleOf } from '../testing/rule-samples.ts';

type Row = readonly [selection: unknown, fires: readonly JsonObject[], silent: readonly JsonObject[]];

/** Each row: a selection, records on which it is true, records on which it is not. */
function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    it.each(rows)('%j', (selection, fires, silent) => {
      const rule = ruleOf(selection);
      for (const fields of fires) expect(rule.matches(recordOf(fields)), JSON.stringify(fields)).toBe(true);
      for (const fields of silent) expect(rule.matches(recordOf(fields)), JSON.stringify(fields)).toBe(false);
    });
  });
}

const base64 = (text: string, encoding: 'utf8' | 'utf16le' = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64');

table('values', [
  [
    { f: 'Abc' },
    [{ f: 'abc' }, { f: 'ABC' }, { f: ['x', 'abc'] }],
    [{ f: 'abcd' }, {}, { f: null }, { f: { g: 'abc' } }],
  ],
  [{ f: 'straſse' }, [{ f: 'STRASSE' }], [{ f: 'straße' }]],
  [{ f: '' }, [{ f: '' }], [{ f: null }, {}, { f: ' ' }]],
  [{ f: ['a', 'b'] }, [{ f: 'A' }, { f: 'b' }], [{ f: 'ab' }, { f: 'c' }]],
  [{ f: 42 }, [{ f: 42 }, { f: '42' }, { f: [41, 42] }], [{ f: 43 }, { f: '42.0' }, { f: '4 2' }]],
  [{ f: '42' }, [{ f: 42 }, { f: '42' }], [{ f: 4.2 }]],
  [{ f: 1.5 }, [{ f: 1.5 }, { f: '1.5' }], [{ f: 15 }]],
  [{ f: true }, [{ f: true }, { f: 'true' }, { f: 'True' }], [{ f: false }, { f: 1 }]],
  [{ f: 'false' }, [{ f: false }, { f: 'False' }], [{ f: true }, { f: null }, {}]],
  [
    { f: null },
    [{ f: null }, {}, { f: [] }, { f: ['a', null] }],
    [{ f: '' }, { f: 0 }, { f: false }, { f: {} }, { f: ['a'] }],
  ],
  [{ 'f.g': null }, [{ f: null }, {}, { f: [{}] }, { f: 'text' }], [{ f: { g: 1 } }, { f: [{ g: 1 }, {}] }]],
]);

table('wildcards', [
  [{ f: 'Get*' }, [{ f: 'GetUser' }, { f: 'get' }], [{ f: 'ForGetUser' }, {}]],
  [{ f: '*user*' }, [{ f: 'GetUserPolicy' }, { f: { name: 'a user' } }], [{ f: 'GetRole' }]],
  [{ f: 'prog?.exe' }, [{ f: 'progA.exe' }, { f: 'prog😀.exe' }], [{ f: 'prog.exe' }, { f: 'progAB.exe' }]],
  [{ f: String.raw`50\*` }, [{ f: '50*' }], [{ f: '500' }]],
  [{ f: String.raw`*\\host\*` }, [{ f: String.raw`a\host*` }], [{ f: String.raw`a\hostx` }]],
  [{ f: '*' }, [{ f: '' }, { f: 'a' }, { f: 0 }], [{}, { f: null }]],
]);

table('maps, lists and field lists', [
  [{ f: 'a', g: 'b' }, [{ f: 'a', g: 'b' }], [{ f: 'a' }, { g: 'b' }]],
  [
    [{ f: 'a' }, { g: 'b' }],
    [{ f: 'a' }, { g: 'b' }],
    [{ f: 'b', g: 'a' }, {}],
  ],
  [[{ f: 'a' }, 'needle'], [{ f: 'a' }, { z: 'a needle here' }], [{ f: 'b' }]],
]);

table('contains, startswith, endswith, all, cased', [
  [{ 'f|contains': 'Bc' }, [{ f: 'abcd' }, { f: 'BC' }], [{ f: 'acbd' }, {}]],
  [{ 'f|contains': ['x', 'y'] }, [{ f: 'ax' }, { f: 'ay' }], [{ f: 'az' }]],
  [{ 'f|contains|all': ['x', 'y'] }, [{ f: 'xay' }, { f: ['x', 'y'] }], [{ f: 'x' }, { f: 'y' }]],
  [{ 'f|all|contains': ['x', 'y'] }, [{ f: 'yx' }], [{ f: 'x' }]],
  [{ 'f|all': ['a*', '*b'] }, [{ f: 'acb' }], [{ f: 'ac' }]],
  [{ 'f|contains': 'a*c' }, [{ f: 'xabcx' }], [{ f: 'xcax' }]],
  [{ 'f|contains': 12 }, [{ f: 3123 }, { f: 'a12' }], [{ f: 21 }]],
  [{ 'f|startswith': 'Get' }, [{ f: 'getUser' }], [{ f: 'forget' }]],
  [{ 'f|endswith': ['.exe', '.dll'] }, [{ f: 'a.DLL' }], [{ f: '.exe.txt' }]],
  [{ 'f|cased': 'Abc' }, [{ f: 'Abc' }], [{ f: 'abc' }]],
  [{ 'f|contains|cased': 'Bc' }, [{ f: 'aBcd' }], [{ f: 'abcd' }]],
  [
    { 'f|contains': 'Suspended' },
    [{ f: { V: { Status: 'Suspended' } } }, { f: [{ a: 'suspended' }] }],
    [{ f: { a: 'Enabled' } }, { g: 'Suspended' }],
  ],
  [
    { 'f|contains': '"Effect":"Allow"' },
    [{ f: { s: [{ Effect: 'Allow' }] } }, { f: '{"Effect":"Allow"}' }],
    [{ f: { Effect: 'Deny' } }],
  ],
  [{ 'f|startswith': 'Susp' }, [{ f: 'Suspended' }], [{ f: { a: 'Suspended' } }]],
]);

table('neq, exists', [
  [{ 'f|neq': 'a' }, [{ f: 'b' }, {}, { f: null }], [{ f: 'A' }, { f: ['b', 'a'] }]],
  [{ 'f|neq': 5 }, [{ f: 6 }], [{ f: 5 }, { f: '5' }]],
  [{ 'f|neq': ['a', 'b'] }, [{ f: 'c' }], [{ f: 'a' }, { f: 'b' }]],
  [{ 'f|contains|neq': 'a' }, [{ f: 'b' }, {}], [{ f: 'cab' }]],
  [{ 'f|neq': null }, [{ f: 'a' }], [{ f: null }, {}]],
  [{ 'f|exists': true }, [{ f: '' }, { f: null }, { f: [] }], [{}, { g: 1 }]],
  [{ 'f|exists': false }, [{}, { g: 1 }], [{ f: null }]],
  [{ 'f.g|exists': true }, [{ f: { g: null } }, { f: [{}, { g: 0 }] }], [{ f: {} }, { f: 'g' }]],
]);

table('re', [
  [{ 'f|re': '^Get(User|Role)$' }, [{ f: 'GetUser' }], [{ f: 'getuser' }, { f: 'GetUsers' }, {}]],
  [{ 'f|re': 'oo' }, [{ f: 'foobar' }], [{ f: 'fobar' }]],
  [{ 'f|re': String.raw`\Qa.b` }, [{ f: 'xa.by' }], [{ f: 'axb' }]],
  [{ 'f|re': ['^a', '^b'] }, [{ f: 'a' }, { f: 'b' }], [{ f: 'c' }]],
  [{ 'f|re|all': ['a', 'b'] }, [{ f: 'ba' }], [{ f: 'a' }]],
  [{ 'f|re|i': 'get' }, [{ f: 'forGET' }], [{ f: 'put' }]],
  [{ 'f|re|ignorecase': 'get' }, [{ f: 'GET' }], [{ f: 'put' }]],
  [{ 'f|re|m': '^b$' }, [{ f: 'a\nb\nc' }], [{ f: 'abc' }]],
  [{ 'f|re': '^b$' }, [{ f: 'b' }], [{ f: 'a\nb\nc' }]],
  [{ 'f|re|s': 'a.b' }, [{ f: 'a\nb' }], [{ f: 'ab' }]],
  [{ 'f|re': 'a.b' }, [{ f: 'a b' }], [{ f: 'a\nb' }]],
  [{ 'f|re|i|s': 'A.B' }, [{ f: 'a\nb' }], [{ f: 'ab' }]],
  [{ 'f|re|contains': 'b' }, [{ f: 'abc' }], [{ f: 'ac' }]],
  [{ 'f|re|startswith': 'a|b' }, [{ f: 'bc' }], [{ f: 'cb' }]],
  [{ 'f|re|endswith': 'a|b' }, [{ f: 'cb' }], [{ f: 'bc' }]],
  [{ 'f|re|neq': '^a' }, [{ f: 'b' }, {}], [{ f: 'a' }]],
  [{ 'f|re': '"Effect":"(Allow|\\*)"' }, [{ f: { Effect: 'Allow' } }], [{ f: { Effect: 'Deny' } }]],
  [{ 'f|re': String.raw`\d{3}` }, [{ f: 4123 }], [{ f: 12 }]],
]);

table('cidr', [
  [
    { 'f|cidr': '203.0.113.0/24' },
    [{ f: '203.0.113.9' }, { f: ['x', '203.0.113.0'] }],
    [{ f: '203.0.114.9' }, { f: 'AWS Internal' }, {}],
  ],
  [
    { 'f|cidr': ['10.0.0.0/8', '2001:db8::/32'] },
    [{ f: '10.1.2.3' }, { f: '2001:db8::7' }],
    [{ f: '192.0.2.1' }, { f: 10 }],
  ],
  [{ 'f|cidr|neq': '10.0.0.0/8' }, [{ f: '192.0.2.1' }], [{ f: '10.0.0.1' }]],
]);

table('lt, lte, gt, gte', [
  [
    { 'f|lt': 5 },
    [{ f: 4 }, { f: '4.5' }, { f: -1 }],
    [{ f: 5 }, { f: '' }, { f: 'four' }, {}, { f: null }, { f: false }],
  ],
  [{ 'f|lte': 5 }, [{ f: 5 }], [{ f: 5.1 }]],
  [{ 'f|gt': '5' }, [{ f: '6' }, { f: '1e3' }], [{ f: 5 }, { f: '0x10' }]],
  [{ 'f|gte': 5 }, [{ f: 5 }, { f: [1, 9] }], [{ f: 4 }]],
]);

table('base64 and wide', [
  [{ 'f|base64': 'foo bar' }, [{ f: base64('foo bar') }], [{ f: 'foo bar' }, { f: base64('foo baz') }]],
  [{ 'f|base64|contains': 'foo' }, [{ f: `x ${base64('foobar')}` }], [{ f: 'foo' }]],
  [
    { 'f|base64offset|contains': 'secret' },
    ['', 'x', 'xy'].map((before) => ({ f: base64(`${before}secret stuff`) })),
    [{ f: base64('public') }, { f: 'secret' }],
  ],
  [{ 'f|base64offset|contains|all': ['one', 'two'] }, [{ f: base64('x one two') }], [{ f: base64('x one') }]],
  [{ 'f|wide|base64offset|contains': 'cmd' }, [{ f: base64('x cmd', 'utf16le') }], [{ f: base64('x cmd') }]],
  [{ 'f|utf16le|base64': 'cmd é' }, [{ f: base64('cmd é', 'utf16le') }], [{ f: base64('cmd é') }]],
  [
    { 'f|utf16be|base64': 'cmd' },
    [{ f: Buffer.from('cmd', 'utf16le').swap16().toString('base64') }],
    [{ f: base64('cmd') }],
  ],
  [{ 'f|utf16|base64': 'cmd' }, [{ f: base64('\ufeffcmd', 'utf16le') }], [{ f: base64('cmd', 'utf16le') }]],
  [{ 'f|wide': 'cmd' }, [{ f: 'c\0m\0d\0' }], [{ f: 'cmd' }]],
]);

table('windash', [
  [
    { 'f|windash': '-enc' },
    [{ f: '/enc' }, { f: '-ENC' }, { f: '–enc' }, { f: '—enc' }, { f: '―enc' }],
    [{ f: 'enc' }, { f: '+enc' }],
  ],
  [{ 'f|windash|contains': ' -a /b' }, [{ f: 'x /a -b' }, { f: 'x -a -b y' }], [{ f: 'x a b' }]],
  [{ 'f|contains|windash': '-a' }, [{ f: 'x/A' }], [{ f: 'xa' }]],
  [{ 'f|windash|cased': '-A' }, [{ f: '/A' }], [{ f: '/a' }]],
]);

table('fieldref', [
  [
    { 'f|fieldref': 'g.h' },
    [
      { f: 'Anna', g: { h: 'anna' } },
      { f: ['a', 'b'], g: { h: ['c', 'b'] } },
      { f: 1, g: { h: '1' } },
    ],
    [{ f: 'a', g: { h: 'b' } }, { f: 'a' }, { f: null, g: { h: null } }, {}],
  ],
  [{ 'f|fieldref|neq': 'g' }, [{ f: 'a', g: 'b' }, { f: 'a' }], [{ f: 'a', g: 'A' }]],
  [{ 'f|fieldref|cased': 'g' }, [{ f: 'a', g: 'a' }], [{ f: 'a', g: 'A' }]],
  [{ 'f|fieldref|contains': 'g' }, [{ f: 'user/anna', g: 'Anna' }], [{ f: 'anna', g: 'user/anna' }]],
  [{ 'f|fieldref|startswith': 'g' }, [{ f: 'anna@contoso.example', g: 'anna' }], [{ f: 'dr anna', g: 'anna' }]],
  [{ 'f|fieldref|endswith': 'g' }, [{ f: 'user/anna', g: 'anna' }], [{ f: 'anna/user', g: 'anna' }]],
  [{ 'f|fieldref': ['g', 'h'] }, [{ f: 'a', h: 'a' }], [{ f: 'a', g: 'b', h: 'c' }]],
]);

table('minute, hour, day, week, month, year', [
  [{ 't|hour': 9 }, [{ t: '2026-03-02T09:14:07Z' }], [{ t: '2026-03-02T10:14:07Z' }, { t: 'nine' }, {}]],
  [{ 't|hour': [0, 1] }, [{ t: '2026-03-02T01:00:00Z' }], [{ t: '2026-03-02T02:00:00Z' }]],
  [{ 't|hour|gte': 22 }, [{ t: '2026-03-02T23:00:00Z' }], [{ t: '2026-03-02T21:59:59Z' }]],
  [{ 't|lt|hour': 6 }, [{ t: '2026-03-02T05:00:00Z' }], [{ t: '2026-03-02T06:00:00Z' }]],
  [{ 't|hour|neq': 9 }, [{ t: '2026-03-02T10:00:00Z' }], [{ t: '2026-03-02T09:00:00Z' }]],
  [{ 't|minute': 14 }, [{ t: '2026-03-02T09:14:07Z' }], [{ t: '2026-03-02T09:15:07Z' }]],
  [{ 't|day': 2 }, [{ t: '2026-03-02' }], [{ t: '2026-03-03' }]],
  [{ 't|week': 10 }, [{ t: '2026-03-02' }], [{ t: '2026-03-01' }]],
  [{ 't|month': 3 }, [{ t: '2026-03-02' }], [{ t: '2026-04-02' }]],
  [{ 't|year': 2026 }, [{ t: '2026-03-02' }], [{ t: '2025-03-02' }]],
]);

table('keywords', [
  [
    'Needle',
    [{ a: 'a needle here' }, { a: { b: ['NEEDLE'] } }, { needle: 1 }, { a: { 'x.needle/y': true } }],
    [{ a: 'need' }, {}],
  ],
  [['one', 'two'], [{ a: 'two' }], [{ a: 'three' }]],
  [['4625'], [{ id: 4625 }, { id: 'x4625y' }], [{ id: 462 }]],
  [[true], [{ a: true }], [{ a: false }]],
  [{ '|all': ['one', 'two'] }, [{ a: 'one', b: ['two'] }], [{ a: 'one' }]],
  [['a*c'], [{ x: 'xabcx' }], [{ x: 'a', y: 'c' }]],
  [{ '|re': '^n.+e$' }, [{ x: 'needle' }], [{ x: 'a needle' }]],
  [{ '|startswith': 'nee' }, [{ x: 'needle' }], [{ x: 'a needle' }]],
  [{ '|cased': 'Needle' }, [{ x: 'a Needle' }], [{ x: 'a needle' }]],
  ['needle', [{ a: nested(63, 'needle') }], [{ a: nested(64, 'needle') }]],
]);

describe('what is rejected', () => {
  it.each<[selection: unknown, reason: RegExp]>([
    [{ 'f|regex': 'a' }, /unknown modifier 'regex'; known are .*contains/],
    [{ 'f|': 'a' }, /unknown modifier ''/],
    [{ 'f|Contains': 'a' }, /unknown modifier 'Contains'/],
    [{ 'f|expand': '%admins%' }, /field 'f': modifier 'expand' names %admins%, .*rules\.placeholders\.admins/],
    [{ 'f|expand': 42 }, /modifier 'expand' takes a text/],
    [{ 'f|expand': null }, /modifier 'expand' does not apply to null/],
    [{ 'f|base64|expand': '%admins%' }, /modifier 'expand' stands before 'base64'/],
    [{ 'f|contains|startswith': 'a' }, /modifiers 'contains' and 'startswith' contradict each other/],
    [{ 'f|all|contains|all': ['a', 'b'] }, /modifier 'all' stands twice/],
    [{ 'f|re': '(' }, /invalid regular expression '\('.*missing closing/],
    [{ 'f|re': 'a)(b' }, /invalid regular expression 'a\)\(b'.*unexpected \)/],
    [{ 'f|re|startswith': 'a)|(b' }, /invalid regular expression 'a\)\|\(b'.*unexpected \)/],
    [{ 'f|re': '(?=a)b' }, /invalid regular expression .*look-around/],
    [{ 'f|re': String.raw`(a)\1` }, /invalid regular expression .*back references/],
    [{ 'f|re': 'a{1001}' }, /invalid regular expression/],
    [{ 'f|re': 'a'.repeat(5000) }, /at most 4096 characters/],
    [
      { 'f|contains|re': 'a' },
      /field 'f': modifier 're' does not apply to a value that another modifier has changed; put it first, or leave one of them out/,
    ],
    [{ 'f|i': 'a' }, /modifier 'i' stands after 're' only/],
    [{ 'f|re|cased': 'a' }, /modifier 'cased' applies to texts only/],
    [
      { 'f|cidr': '10.0.0.0/33' },
      /modifier 'cidr' takes a range of addresses such as 203.0.113.0\/24, not '10.0.0.0\/33'/,
    ],
    [{ 'f|cidr|contains': '10.0.0.0/8' }, /modifier 'contains' does not apply/],
    [{ 'f|lt': 'five' }, /modifier 'lt' takes a number, not 'five'/],
    [{ 'f|lt|gt': 5 }, /modifier 'gt' does not go together with 'lt'/],
    [{ 'f|hour': 1.5 }, /modifier 'hour' takes a whole number/],
    [{ 'f|hour|day': 1 }, /modifier 'day' does not go together with 'hour'/],
    [{ 'f|exists': 'yes' }, /modifier 'exists' takes true or false/],
    [{ 'f|exists|neq': true }, /modifier 'exists' goes together with no other/],
    [{ '|exists': true }, /modifier 'exists' needs a field/],
    [{ 'f|base64': 'a*' }, /modifier 'base64' does not apply to a value with wildcards; put 'contains' after it/],
    [{ 'f|contains|base64offset': 'a' }, /modifier 'base64offset' does not apply to a value with wildcards/],
    [{ 'f|windash|base64': '-a' }, /modifier 'base64' does not apply after 'windash'/],
    [{ 'f|wide|utf16': 'a' }, /modifier 'utf16' does not apply to an encoded value/],
    [{ 'f|base64': '' }, /modifier 'base64' does not apply to an empty value/],
    [{ 'f|fieldref': 'g*' }, /modifier 'fieldref' takes the name of a field, without wildcards/],
    [{ 'f|contains': null }, /modifier 'contains' does not apply to null/],
    [{ f: ['', null] }, /null cannot stand in a list of values/],
    [[null], /null cannot be a keyword/],
    [{ f: [] }, /field 'f' needs a value; this list is empty/],
    [{ f: { g: 1 } }, /expected a text, a number or a boolean, found a map/],
    [{ f: [['a']] }, /expected a text, a number or a boolean, found a list/],
    [[['a']], /expected a map or a text in the list of a selection, found a list/],
    [[], /this list is empty/],
    [{}, /this map is empty/],
    [{ '|cidr': '10.0.0.0/8' }, /a keyword is a text or a regular expression/],
    [{ '<<': { f: 1 } }, /merge keys/],
    [{ f: 12345678901234567890 }, /too many digits.*quotes/],
    [{ ['f'.repeat(600)]: 1 }, /the name of field .* is longer than 512/],
  ])('%j', (selection, reason) => {
    expect(reasonForSelection(selection)).toMatch(reason);
  });
});
