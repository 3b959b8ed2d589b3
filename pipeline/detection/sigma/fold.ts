/** Anything outside ASCII. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * Letters that Unicode's simple case folding joins with another letter, though they are lower case already or stay apart when
 * lowered: the letter, then what it folds to. The test of this file proves the list complete.
 */
const FOLDS: ReadonlyMap<string, string> = new Map([
  ['\u00b5', '\u03bc'],
  ['\u017f', 's'],
  ['\u0345', '\u03b9'],
  ['\u03c2', '\u03c3'],
  ['\u03d0', '\u03b2'],
  ['\u03d1', '\u03b8'],
  ['\u03d5', '\u03c6'],
  ['\u03d6', '\u03c0'],
  ['\u03f0', '\u03ba'],
  ['\u03f1', '\u03c1'],
  ['\u03f5', '\u03b5'],
  ['\u1c80', '\u0432'],
  ['\u1c81', '\u0434'],
  ['\u1c82', '\u043e'],
  ['\u1c83', '\u0441'],
  ['\u1c84', '\u0442'],
  ['\u1c85', '\u0442'],
  ['\u1c86', '\u044a'],
  ['\u1c87', '\u0463'],
  ['\u1c88', '\ua64b'],
  ['\u1e9b', '\u1e61'],
  ['\u1fbe', '\u03b9'],
  ['\u1fd3', '\u0390'],
  ['\u1fe3', '\u03b0'],
  ['\ufb05', '\ufb06'],
]);

const LETTERS = new RegExp(`[${[...FOLDS.keys()].join('')}]`, 'gu');

/**
 * The text without its case: two texts fold to the same where Sigma, which ignores case, calls them equal. This is Unicode's
 * simple case folding, letter by letter (a folded part is a part of the folded whole), so `ß` is not `ss`. No text gets
 * shorter.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return BEYOND_ASCII.test(lower) ? lower.replace(LETTERS, (letter) => FOLDS.get(letter) ?? letter) : lower;
}
