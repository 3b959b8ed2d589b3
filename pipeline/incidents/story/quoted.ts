import { printable } from '../../../platform/printable.ts';

/** No name is shown with more characters than this. */
export const LONGEST_NAME = 80;

/** Names that cannot be read as words of a sentence: ids, addresses, ARNs, and what is written like them. */
const PLAIN = /^[\p{L}\p{N}._@:/+=#$~-]+$/u;

/**
 * A name from a record, fit to stand in a sentence: printable, of bounded length, and in quotation marks unless it is a single word. Whoever
 * chose the name can write a sentence of his own into it; the marks show where it begins and ends.
 */
export function quoted(name: string): string {
  const text = bounded(name);
  return PLAIN.test(text) ? text : `“${text.replace(/[“”]/g, "'")}”`;
}

/** Text of a record, printable, on one line and cut to a length. @param max in characters */
export function bounded(text: string, max = LONGEST_NAME): string {
  // Cut before it is looked at, so that its length costs nothing; then by characters, so that none is cut in two.
  const characters = Array.from(printable(text.slice(0, max * 2 + 2).toWellFormed()));
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
}
