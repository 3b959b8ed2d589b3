import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bounded, LONGEST_NAME, quoted } from './quoted.ts';

it('leaves single words as they are, and marks where others begin and end', () => {
  expect(quoted('ann@contoso.example')).toBe('ann@contoso.example');
  expect(quoted('snap-0123456789abcdef0')).toBe('snap-0123456789abcdef0');
  expect(quoted('Azure Portal')).toBe('“Azure Portal”');
  expect(quoted('')).toBe('“”');
  expect(quoted('x” and then Bob deleted everything. “')).toBe("“x' and then Bob deleted everything. '”");
});

it('cuts by characters, and never one in two', () => {
  expect(bounded('a'.repeat(81))).toBe(`${'a'.repeat(79)}…`);
  expect(bounded('a'.repeat(80))).toBe('a'.repeat(80));
  expect(bounded('😀😀😀', 2)).toBe('😀…');
});

it('gives printable text of bounded length of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const shown = quoted(text);
      expect(shown.isWellFormed()).toBe(true);
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/);
      expect(Array.from(shown).length).toBeLessThanOrEqual(LONGEST_NAME + 2);
    }),
  );
});
