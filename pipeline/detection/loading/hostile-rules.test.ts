import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileRules, loadRules } from './load.ts';
import type { SourceFile } from './rule-documents.ts';
import { recordOf, ruleText } from '../testing/rule-samples.ts';

/**
 * Rule files that were made to harm: each ends as a rule that works, or as a rejection with its reason, in bounded time and memory, and
 * costs no other rule. What each costs was measured by hand; here the outcome is held, with a guard that only what has run away meets.
 */
const GUARD = 30_000;

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const MEGABYTE = 'a'.repeat(1_000_000);

/** The text of a rule with this detection, which begins at line 4; `more` stands before it. */
const rule = (detection: string, more = '') =>
  `title: Hostile\nlogsource: {product: aws, service: cloudtrail}\n${more}detection:\n${detection}`;
const selection = (lines: string) => rule(`  selection:\n${lines}  condition: selection\n`);
const listed = (key: string, values: readonly string[]) =>
  selection(`    ${key}:\n${values.map((value) => `      - ${value}\n`).join('')}`);

/** A rule that must come through whatever stands beside it. */
const NEIGHBOUR: SourceFile = {
  file: 'neighbour.yml',
  text: ruleText({ selection: { g: 'b' }, condition: 'selection' }, { id: 'neighbour' }),
};

/** Loads sources beside a neighbour, and tells why the first that is rejected is. */
function loaded(...sources: readonly SourceFile[]) {
  const set = compileRules([...sources, NEIGHBOUR]);
  expect(set.rules.map(({ id }) => id)).toContain('neighbour');
  const [first] = set.rejected;
  return { set, count: set.rejected.length, reason: first && `${String(first.line)}: ${first.reason}` };
}
const hostile = (text: string): SourceFile => ({ file: 'hostile.yml', text });

describe('a rule file is rejected, with line and reason,', () => {
  it.each<[what: string, text: () => string, reason: RegExp]>([
    ['of 10 MB', () => `${selection('    f: a\n')}#${'x'.repeat(10_000_000)}`, /larger than 1048576 bytes; split it/],
    [
      'of too many words',
      () =>
        listed(
          'f',
          many(60_000, (at) => `v${at}`),
        ),
      /^\d+: .*more than 200000 words/,
    ],
    [
      'that is a bomb of aliases',
      () =>
        `a: &a [x, x]\n${many(30, (at) => `a${at}: &a${at} [*a${at - 1}, *a${at - 1}]\n`.replaceAll('a-1', 'a')).join('')}`,
      /^\d+: .*more than 100000 values/,
    ],
    [
      'with duplicate keys',
      () => rule('  s: {f: a}\n  s: {f: b}\n  condition: s\n'),
      /^5: .*keys of a map must differ/,
    ],
    ['with merge keys', () => rule('  s: {<<: {f: a}}\n  condition: s\n'), /^4: .*merge keys/],
    ['nested too deep', () => rule(`  s: ${'['.repeat(5000)}${']'.repeat(5000)}\n`), /^4: .*nested deeper/],
    ['with tabs for indentation', () => 'title: x\ndetection:\n\ts: 1\n', /^3: .*Tabs are not allowed/],
    [
      'with a condition 10,000 deep',
      () => rule(`  s: {f: a}\n  condition: ${'('.repeat(10_000)}s\n`),
      /^5: .*at most 10000 char/,
    ],
    [
      'with a condition 4,000 deep',
      () => rule(`  s: {f: a}\n  condition: ${'('.repeat(4000)}s\n`),
      /^5: .*deeper than 64/,
    ],
    ['with 3,000 negations', () => rule(`  s: {f: a}\n  condition: ${'not '.repeat(2400)}s\n`), /^5: .*deeper than 64/],
    [
      'with a condition that names everything again and again',
      () =>
        rule(`${many(500, (at) => `  s${at}: {f: a}\n`).join('')}  condition: 1 of them${' or 1 of s*'.repeat(500)}\n`),
      /^504: .*at most 10000 selections/,
    ],
    [
      'with 501 selections',
      () => rule(`${many(501, (at) => `  s${at}: {f: a}\n`).join('')}  condition: 1 of them\n`),
      /^3: .*at most 500 selections/,
    ],
    [
      'with an expression that repeats repetitions',
      () => selection("    f|re: '(a{1000}){1000}'\n"),
      /^5: invalid regular expression/,
    ],
    [
      'with an expression of half a million instructions',
      () => selection(`    f|re: '${'a{1000}'.repeat(580)}'\n`),
      /^5: .*more than 5000 instructions/,
    ],
    [
      'with an expression that is too long',
      () => selection(`    f|re: '${'a|'.repeat(2100)}'\n`),
      /^5: .*at most 4096 characters/,
    ],
    ['with an invalid expression', () => selection("    f|re: '[a'\n"), /^5: invalid regular expression '\[a': /],
    ['with look-around', () => selection("    f|re: '(?=a)'\n"), /look-around and back references are not supported/],
    [
      'with 501 expressions',
      () =>
        listed(
          'f|re',
          many(501, (at) => `a${at}`),
        ),
      /^5: field 'f': at most 500 regular expressions/,
    ],
    [
      'with 5,001 values with wildcards',
      () =>
        listed(
          'f|contains',
          many(5001, (at) => `v${at}`),
        ),
      /^5: field 'f': at most 5000 values with/,
    ],
    [
      'with 5,001 keywords',
      () => rule(`  s:\n${many(5001, (at) => `    - v${at}\n`).join('')}  condition: s\n`),
      /^4: a keyword: at most 5000/,
    ],
    [
      'with a long text between wildcards',
      () => selection(`    f: '*${'a'.repeat(2049)}*'\n`),
      /^5: field 'f': at most 2048 characters/,
    ],
    [
      'with a long text around a ?',
      () => selection(`    f: '${'?a'.repeat(3000)}'\n`),
      /^5: field 'f': it compiles to more than 5000/,
    ],
    [
      'with a long name of a field',
      () => selection(`    ${'f'.repeat(600)}: a\n`),
      /^5: the name of field 'f+\.\.\.' is longer than 512/,
    ],
    [
      'with half a megabyte of modifier',
      () => selection(`    ? f|${'x'.repeat(500_000)}\n    : a\n`),
      /^5: unknown modifier 'x+\.\.\.'/,
    ],
    [
      'with modifiers without end',
      () => selection(`    ? f${'|contains'.repeat(50_000)}\n    : a\n`),
      /^5: modifier 'contains' stands twice/,
    ],
    [
      'with 20,000 nulls',
      () =>
        listed(
          'f',
          many(20_000, () => 'null'),
        ),
      /^5: null cannot stand in a list/,
    ],
    ['with a text that is left open', () => selection("    f: 'a\n"), /^7: .*Missing closing 'quote/],
    [
      'with control characters in what is named',
      () => selection('    "f|\\e[31m\\u202e": a\n'),
      /^5: unknown modifier ' \[31m '/,
    ],
  ])(
    '%s',
    (_what, text, reason) => {
      const { set, count, reason: found } = loaded(hostile(text()));
      expect(count).toBe(1);
      expect(found).toMatch(reason);
      expect(found?.length).toBeLessThan(1000);
      expect(set.rules).toHaveLength(1);
    },
    GUARD,
  );
});

describe('a rule of bounded size is used, and matches in bounded time,', () => {
  it.each<[what: string, text: () => string, fires: string, silent: string]>([
    [
      'with 30,000 values',
      () =>
        listed(
          'f',
          many(30_000, (at) => `v${at}`),
        ),
      'v29999',
      MEGABYTE,
    ],
    [
      'with 30,000 values that must all match',
      () =>
        listed(
          'f|all',
          many(30_000, () => 'v'),
        ),
      'v',
      MEGABYTE,
    ],
    [
      'with 5,000 parts',
      () =>
        listed(
          'f|contains',
          many(5000, (at) => `v${at}`),
        ),
      `${MEGABYTE}v4999`,
      MEGABYTE,
    ],
    [
      'with 5,000 keywords',
      () => rule(`  s:\n${many(5000, (at) => `    - v${at}\n`).join('')}  condition: s\n`),
      `${MEGABYTE}v4999`,
      MEGABYTE,
    ],
    ['with 100,000 wildcards', () => selection(`    f: '${'*a'.repeat(100_000)}*b'\n`), `${MEGABYTE}b`, MEGABYTE],
    [
      'with 500 expressions',
      () =>
        listed(
          'f|re',
          many(500, (at) => `'a[bc]{3}x${at}$'`),
        ),
      'abcbx499',
      MEGABYTE,
    ],
    [
      'with 25,000 ranges',
      () =>
        listed(
          'f|cidr',
          many(25_000, (at) => `10.${at >> 8}.${at & 255}.0/24`),
        ),
      '10.97.7.1',
      '203.0.113.1',
    ],
    [
      'with 20,000 numbers',
      () =>
        listed(
          'f|gt',
          many(20_000, (at) => String(at + 5)),
        ),
      '6',
      '4',
    ],
    [
      'with a long text between wildcards',
      () => selection(`    f: '*${'a'.repeat(1000)}b${'a'.repeat(1000)}*'\n`),
      `${MEGABYTE}b${MEGABYTE}`,
      MEGABYTE,
    ],
    [
      'with a byte order mark and line ends of Windows',
      () => `\ufeff${selection('    f: a\n').replaceAll('\n', '\r\n')}`,
      'a',
      'b',
    ],
  ])(
    '%s',
    (_what, text, fires, silent) => {
      const { set, reason } = loaded(hostile(text()));
      expect(reason).toBeUndefined();
      const began = performance.now();
      const found = [fires, silent].map((f) => set.match(recordOf({ f })).length);
      expect(found).toEqual([1, 0]);
      expect(performance.now() - began).toBeLessThan(GUARD / 2);
      expect([...set.errors]).toEqual([]);
    },
    GUARD,
  );

  it('and fails, which is counted, where an expression meets a text that would take too long', () => {
    const { set } = loaded(hostile(ruleText({ s: { 'f|re': 'a.{400}b$' }, condition: 's' }, { id: 'hostile' })));
    const fields = { f: 'ab'.repeat(200_000), g: 'b' };
    expect(set.match(recordOf(fields)).map(({ rule: { id } }) => id)).toEqual(['neighbour']);
    expect(set.match(recordOf({ f: `a${'b'.repeat(401)}`, g: 'b' })).map(({ rule: { id } }) => id)).toEqual([
      'hostile',
      'neighbour',
    ]);
    expect([...set.errors]).toEqual([
      ['hostile', { count: 1, first: expect.stringContaining('too long for the pattern') as string }],
    ]);
  });
});

describe('many rules', () => {
  const aRule = (
    id: string,
    value = 'a',
    logsource: object = { product: 'aws', service: 'cloudtrail' },
  ): SourceFile => ({
    file: `${id}.yml`,
    text: ruleText({ s: { f: value }, condition: 's' }, { id, logsource }),
  });

  it(
    'of one id are one rule, and the others are named',
    () => {
      const { set, count, reason } = loaded(...many(5000, () => aRule('same')));
      expect(set.rules).toHaveLength(2);
      expect(count).toBe(4999);
      expect(reason).toMatch(/the id same is taken by the rule at same\.yml:1/);
    },
    GUARD,
  );

  it(
    'of as many log sources load, and match by theirs',
    () => {
      const rules = many(3000, (at) => aRule(`r${at}`, 'a', { product: 'aws', service: `s${at}` }));
      const { set } = loaded(...rules);
      for (const service of many(1200, (at) => `s${at}`)) {
        expect(set.match(recordOf({ f: 'a' }, { product: 'aws', service }))).toHaveLength(1);
      }
    },
    GUARD,
  );

  const filter = (id: string, rules: unknown): SourceFile => ({
    file: `${id}.yml`,
    text: JSON.stringify({
      ...{ title: 'Filter', id, logsource: { product: 'aws', service: 'cloudtrail' } },
      filter: { rules, selection: { u: id }, condition: 'not selection' },
    }),
  });

  it(
    'with many filters take a bounded number of them',
    () => {
      const one = loaded(aRule('a'), ...many(2000, (at) => filter(`f${at}`, ['a'])));
      expect(one.set.filters).toHaveLength(100);
      expect(one.reason).toMatch(/at most 100 filters may be for the rule 'a'; join some of them/);
      expect(one.set.match(recordOf({ f: 'a', u: 'f99' }))).toEqual([]);
      expect(one.set.match(recordOf({ f: 'a', u: 'f100' }))).toHaveLength(1);
      const all = loaded(...many(2000, (at) => aRule(`r${at}`)), ...many(200, (at) => filter(`f${at}`, 'any')));
      expect(all.set.filters).toHaveLength(49);
      expect(all.reason).toMatch(/may apply to rules 100000 times in all/);
    },
    GUARD,
  );

  const correlation = (id: string, rules: readonly string[]): SourceFile => ({
    file: `${id}.yml`,
    text: JSON.stringify({
      ...{ title: 'Correlation', id },
      correlation: { type: 'event_count', rules, timespan: '1h', condition: { gte: 2 } },
    }),
  });

  it(
    'that correlate in circles are refused, each',
    () => {
      const { set, count, reason } = loaded(...many(3000, (at) => correlation(`c${at}`, [`c${(at + 1) % 3000}`])));
      expect(set.correlations).toEqual([]);
      expect(count).toBe(3000);
      expect(reason).toMatch(/circle: 'c0' → 'c1'/);
      expect(Math.max(...set.rejected.map(({ reason }) => reason.length))).toBeLessThan(500);
    },
    GUARD,
  );

  it(
    'that correlate in towers are refused from some height on',
    () => {
      const { set, count } = loaded(aRule('c0'), ...many(3000, (at) => correlation(`c${at + 1}`, [`c${at}`])));
      expect(set.correlations).toHaveLength(5);
      expect(count).toBe(2995);
    },
    GUARD,
  );
});

describe('a directory of rules', () => {
  const root = mkdtempSync(join(tmpdir(), 'hostile-rules-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('may hold what is no rule file: each is named, and costs no other', async () => {
    const name = 'bad\u001b[31m\u202e.yml';
    writeFileSync(join(root, 'good.yml'), NEIGHBOUR.text);
    writeFileSync(join(root, 'bytes.yml'), Uint8Array.of(0x74, 0xff, 0xfe));
    writeFileSync(join(root, name), 'title: [\n');
    writeFileSync(join(root, 'huge.yml'), '');
    truncateSync(join(root, 'huge.yml'), 10 ** 12);
    symlinkSync('/dev/zero', join(root, 'device.yml'));
    symlinkSync('loop.yml', join(root, 'loop.yml'));
    symlinkSync(root, join(root, 'again'));
    mkdirSync(join(root, 'folder.yml'));
    const { rules, rejected } = await loadRules([root]);
    expect(rules.map(({ id }) => id)).toEqual(['neighbour']);
    const reasons = Object.fromEntries(rejected.map(({ file, reason }) => [file.slice(root.length + 1), reason]));
    expect(reasons).toEqual({
      [name]: expect.stringContaining('not readable as YAML') as string,
      'bytes.yml': expect.stringContaining('not readable: it is not text in UTF-8') as string,
      'device.yml': expect.stringContaining('not readable: it is not a file') as string,
      'huge.yml': expect.stringContaining('not readable: the file is larger than') as string,
      'loop.yml': expect.stringContaining('not readable: ELOOP') as string,
    });
  });
});
