import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import {
  compileRegularExpression,
  estimatedInstructions,
  PatternError,
  TextTooLongError,
} from './regular-expression.ts';

/** Why an expression is refused. */
function refusalOf(source: string, flags = 0): string {
  try {
    compileRegularExpression(source, flags, 'anywhere');
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
  return 'it is taken';
}

describe('compileRegularExpression', () => {
  it('finds an expression anywhere, or takes the whole text for it', () => {
    const [anywhere, whole] = (['anywhere', 'whole'] as const).map((match) => compileRegularExpression('b+', 0, match));
    expect(['abba', 'bb', 'aa'].map((text) => anywhere?.(text))).toEqual([true, true, false]);
    expect(['abba', 'bb', 'aa'].map((text) => whole?.(text))).toEqual([false, true, false]);
  });

  it('ties an expression to the start or the end of the text, all its alternatives', () => {
    const [start, end] = (['start', 'end'] as const).map((match) => compileRegularExpression('(?m)^b|c$', 0, match));
    expect(['bx', 'cx', 'c\nx', 'a\nb'].map((text) => start?.(text))).toEqual([true, false, true, false]);
    expect(['xc', 'a\nb', 'c\nx', 'xb'].map((text) => end?.(text))).toEqual([true, true, false, false]);
  });

  it.each(['anywhere', 'start', 'end', 'whole'] as const)('refuses what is no expression by itself (%s)', (match) => {
    for (const source of ['a)(?:b', 'a)|(b', 'a\\']) {
      expect(() => compileRegularExpression(source, 0, match), source).toThrow(PatternError);
    }
  });

  it('takes what people write', () => {
    const words = Array.from({ length: 400 }, (_, index) => `word${index}`).join('|');
    const sources = [
      words,
      '(?i)^arn:aws:iam::\\d{12}:(?:user|role)/[\\w+=,.@-]{1,64}$',
      '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
      '[\\x{2010}-\\x{2015}\\x{2212}]{2,}\\x{2014}\\p{Greek}\\Q(a.b){400}\\E',
      '(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.|$)){4}',
      '.{0,1000}',
      '\\Qa.b',
    ];
    expect(sources.map((source) => refusalOf(source))).toEqual(sources.map(() => 'it is taken'));
  });

  it.each([
    ['what is not closed', 'a(b', /missing closing \)/],
    ['look-around', 'a(?=b)', /look-around and back references are not supported/],
    ['back references', '(a)\\1', /look-around and back references are not supported/],
    ['repetitions of repetitions', '(a{1000}){1000}', /invalid repeat count|more than 5000 instructions/],
    ['repetitions side by side', 'a{1000}'.repeat(585), /more than 5000 instructions/],
    ['classes repeated', '(?i)\\pL{1000}'.repeat(300), /more than 5000 instructions/],
    ['groups repeated', `(${'[^a]'.repeat(600)}){9}`, /more than 5000 instructions/],
    ['empty groups repeated', '((){1000}){1000}', /invalid repeat count|too large|more than 5000 instructions/],
    ['flags between an atom and its repetitions', 'a{0,30}(?i){0,30}(?i){0,30}', /more than 5000 instructions|invalid/],
    ['nesting', `${'('.repeat(2000)}a${')'.repeat(2000)}`, /nests too deeply|too large|more than 5000 instructions/],
  ])('refuses %s', (_what, source, reason) => {
    expect(refusalOf(source)).toMatch(reason);
  });

  it('does not compile what is far too large', () => {
    // One of these takes a second and 300 MB to compile.
    const started = performance.now();
    for (let time = 0; time < 100; time += 1)
      expect(refusalOf(`${'a{1000}'.repeat(580)}${time}`)).toMatch(/more than 5000/);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('fails on a text that takes too many steps, whatever it holds', () => {
    const text = 'ab'.repeat(500_000);
    expect(compileRegularExpression('[ab]b(?:c|d)', 0, 'anywhere')(text)).toBe(false);
    const large = compileRegularExpression('a.{401}c', 0, 'anywhere');
    expect(() => large(text)).toThrow(TextTooLongError);
    expect(() => large(text)).toThrow(/\d+ instructions take at most \d+ characters, this one has 1000000/);
    expect(large(`${text.slice(0, 100_000)}c`)).toBe(true);
  });
});

describe('estimatedInstructions', () => {
  it('is never far below what the expression compiles to', () => {
    const piece = fc.constantFrom(
      ...['a', 'ab', '.', '^', '$', '\\d', '\\b', '\\(', '\\pL', '\\x{41}', '\\p{Greek}', '\\Q(\\E', '}', '{', ','],
      ...['[a-z]', '[^)]', '[](]', '[[:alpha:])]', '(', '(?:', '(?i:', '(?P<n>', '(?i)', '(?U)', ')', '|'],
      ...['*', '+', '?', '{3}', '{2,5}', '{0,7}', '{4,}', '{20}'],
    );
    let compiled = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const source = pieces.join('');
        let size: number;
        try {
          size = RE2JS.compile(source).programSize();
        } catch {
          return;
        }
        compiled += 1;
        expect(size).toBeLessThanOrEqual(2 * estimatedInstructions(source) + 10);
      }),
      { numRuns: 3000 },
    );
    expect(compiled).toBeGreaterThan(500);
  });
});
