import { describe, expect, it } from 'vitest';
import { fold } from './fold.ts';

/** Every code point with its case variants, as Unicode's simple folding (the `iu` flags of ECMAScript) and as `fold` see them. */
function* casePairs(): Generator<[string, string]> {
  const byUpper = new Map<string, string[]>();
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCodePoint(code);
    const upper = letter.toUpperCase();
    if (upper === letter && letter.toLowerCase() === letter) continue;
    const others = byUpper.get(upper) ?? [];
    for (const other of others) yield [letter, other];
    others.push(letter);
    byUpper.set(upper, others);
    for (const other of [letter.toLowerCase(), upper]) if (Array.from(other).length === 1) yield [letter, other];
  }
}

describe('fold', () => {
  it('joins what differs in case only', () => {
    expect(fold('ListBuckets')).toBe('listbuckets');
    expect(fold('ΟΔΟΣ')).toBe(fold('οδος'));
    expect(fold('\u212Aubectl')).toBe('kubectl');
    expect(fold('ſts')).toBe('sts');
  });

  it('keeps apart what differs otherwise', () => {
    expect(fold('straße')).not.toBe(fold('strasse'));
    expect(fold('é')).not.toBe('e');
  });

  it('agrees with simple case folding on every letter of Unicode', () => {
    const wrong: string[] = [];
    for (const [one, other] of casePairs()) {
      const code = one.codePointAt(0)?.toString(16) ?? '';
      const same = new RegExp(`^\\u{${code}}$`, 'iu').test(other);
      // The dotted capital I alone is lowered to two letters, and dotless i has the capital of i: Turkish, left apart by simple folding.
      if (one !== 'İ' && same !== (fold(one) === fold(other))) wrong.push(`${code} ${other}`);
    }
    expect(wrong).toEqual([]);
  });

  it('makes no letter shorter', () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const letter = String.fromCodePoint(code);
      if (fold(letter).length < letter.length) expect.fail(`U+${code.toString(16)}`);
    }
  });

  it('folds a part as part of the whole, and what is folded to itself', () => {
    for (const text of ['ΑΣ ΑΣΑ', 'ſtοpLogging', 'ᏸᏀ𐐀', 'ﬅ']) {
      expect(Array.from(text, fold).join('')).toBe(fold(text));
      expect(fold(fold(text))).toBe(fold(text));
    }
  });
});
