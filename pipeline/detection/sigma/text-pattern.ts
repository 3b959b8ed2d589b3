import { RE2JS } from 're2js';
import { compileRegularExpression } from './regular-expression.ts';

/** The wildcard `*`: any text, also none. */
export const ANY = Symbol('*');
/** The wildcard `?`: one character, whichever. */
export const ONE = Symbol('?');

/** A text with wildcards. Neighbouring texts, and neighbouring `*`, are one part. */
export type Pattern = readonly (string | typeof ANY | typeof ONE)[];

/**
 * Reads a value of a Sigma rule, with the escapes of Sigma's rule specification: a backslash takes the wildcard or the
 * backslash after it as it stands, and stands for itself before anything else.
 */
export function parsePattern(value: string): Pattern {
  const parts: (string | typeof ANY | typeof ONE)[] = [];
  let text = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    const next = value.charAt(at + 1);
    if (character === '\\' && (next === '*' || next === '?' || next === '\\')) {
      text += next;
      at += 1;
    } else if (character === '*' || character === '?') {
      parts.push(text, character === '*' ? ANY : ONE);
      text = '';
    } else {
      text += character;
    }
  }
  return joined([...parts, text]);
}

/** The pattern with its neighbouring texts and neighbouring `*` joined, and empty texts left out. */
export function joined(parts: Pattern): Pattern {
  const result: (string | typeof ANY | typeof ONE)[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (part === '' || (part === ANY && last === ANY)) continue;
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else result.push(part);
  }
  return result;
}

/** The text of a pattern without wildcards; otherwise undefined. */
export function plainText(pattern: Pattern): string | undefined {
  const [only = ''] = pattern;
  return pattern.length <= 1 && typeof only === 'string' ? only : undefined;
}

/**
 * Compiles a pattern into a test of a whole text, linear in the text's length.
 * @throws PatternError where there is too much of it around a `?`; what the test throws: see {@link compileRegularExpression}
 */
export function compilePattern(pattern: Pattern): (text: string) => boolean {
  const literals = pattern.filter((part) => typeof part === 'string');
  const [first = '', second = ''] = literals;
  if (pattern.includes(ONE)) return compileWithSingles(pattern);
  const open = { start: pattern[0] === ANY, end: pattern.at(-1) === ANY };
  if (!pattern.includes(ANY)) return (text) => text === first;
  if (literals.length === 0) return () => true;
  if (literals.length === 1) {
    if (open.start && open.end) return (text) => text.includes(first);
    return open.start ? (text) => text.endsWith(first) : (text) => text.startsWith(first);
  }
  if (literals.length === 2 && !open.start && !open.end) {
    return (text) => text.length >= first.length + second.length && text.startsWith(first) && text.endsWith(second);
  }
  return (text) => matchesInOrder(text, literals, open);
}

/** Whether the literals stand in the text one after the other: the leftmost place of each leaves the most room for the next. */
function matchesInOrder(text: string, literals: readonly string[], open: { start: boolean; end: boolean }): boolean {
  let from = 0;
  for (const [index, literal] of literals.entries()) {
    const last = index === literals.length - 1;
    if (last && !open.end) return text.length - literal.length >= from && text.endsWith(literal);
    const at = index === 0 && !open.start ? (text.startsWith(literal) ? 0 : -1) : text.indexOf(literal, from);
    if (at < 0) return false;
    from = at + literal.length;
  }
  return true;
}

/** A `?` is rare and a character may be one or two code units: the linear-time pattern engine knows how. */
function compileWithSingles(pattern: Pattern): (text: string) => boolean {
  const source = pattern.map((part) => (part === ANY ? '.*' : part === ONE ? '.' : RE2JS.quote(part)));
  return compileRegularExpression(source.join(''), RE2JS.DOTALL, 'whole');
}
