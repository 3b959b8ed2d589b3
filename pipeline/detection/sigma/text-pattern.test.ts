import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY, compilePattern, joined, ONE, parsePattern, plainText, type Pattern } from './text-pattern.ts';

describe('parsePattern', () => {
  it.each<[string, Pattern]>([
    ['plain', ['plain']],
    ['', []],
    ['a*b?c', ['a', ANY, 'b', ONE, 'c']],
    ['**', [ANY]],
    ['??', [ONE, ONE]],
    [String.raw`\*`, ['*']],
    [String.raw`\?`, ['?']],
    [String.raw`C:\Windows`, [String.raw`C:\Windows`]],
    [String.raw`C:\\Windows`, [String.raw`C:\Windows`]],
    [String.raw`\\*`, ['\\', ANY]],
    [String.raw`\\\*`, [String.raw`\*`]],
    [String.raw`\\\host`, [String.raw`\\host`]],
    [String.raw`\\\\host`, [String.raw`\\host`]],
    ['trailing\\', ['trailing\\']],
  ])('reads %s', (value, pattern) => {
    expect(parsePattern(value)).toEqual(pattern);
  });
});

describe('plainText', () => {
  it('is the text of a pattern without wildcards only', () => {
    expect(plainText(parsePattern(String.raw`50\*`))).toBe('50*');
    expect(plainText([])).toBe('');
    expect(plainText(parsePattern('50*'))).toBeUndefined();
  });
});

/** What a pattern means, said as plainly as possible: which ends of the text the pattern can reach. */
function meant(pattern: Pattern, text: string): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return text === '';
  if (part === ONE) return text !== '' && meant(rest, Array.from(text).slice(1).join(''));
  if (part !== ANY) return text.startsWith(part) && meant(rest, text.slice(part.length));
  const letters = Array.from(text);
  return letters.some((_, at) => meant(rest, letters.slice(at).join(''))) || meant(rest, '');
}

const part = fc.oneof(
  fc.constantFrom<typeof ANY | typeof ONE>(ANY, ONE),
  fc.constantFrom('a', 'b', 'ab', 'ba', '😀', '.'),
);
const letters = fc.array(fc.constantFrom('a', 'b', '😀', '.', '\n'), { maxLength: 10 }).map((all) => all.join(''));

describe('compilePattern', () => {
  it('means what the pattern says', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), letters, (parts, text) => {
        const pattern = joined(parts);
        expect(compilePattern(pattern)(text)).toBe(meant(pattern, text));
      }),
      { numRuns: 3000 },
    );
  });

  it('takes time in proportion to the text, however many wildcards there are', () => {
    const text = 'a'.repeat(500_000);
    const started = performance.now();
    expect(compilePattern(parsePattern('*a*a*a*a*a*a*a*a*b'))(text)).toBe(false);
    expect(compilePattern(parsePattern('*a?a*a?a*a?a*b'))(text)).toBe(false);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
