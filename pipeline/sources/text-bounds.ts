import { RejectedRecord } from './source.ts';

/** Shorter text cannot take much memory whatever it holds; longer text is looked through before it is parsed. */
const LOOKED_THROUGH_FROM = 1024 * 1024;
const MAX_TEXT_DEPTH = 20_000;
/** Real logs have some ten objects and lists in a record of a kilobyte; this many are four hundred megabytes of them. */
const MAX_CONTAINERS = 4_000_000;

/**
 * Refuses large text that would take many times its size in memory once parsed: a parsed object takes some fifty bytes and each level of nesting
 * sixty, while a bracket takes one. Linear, and faster than parsing.
 * @throws RejectedRecord
 */
export function checkTextBounds(text: string): void {
  if (text.length < LOOKED_THROUGH_FROM) return;
  let depth = 0;
  let containers = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at);
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        containers++;
        if (++depth > MAX_TEXT_DEPTH) throw new RejectedRecord(`the body is nested more than ${MAX_TEXT_DEPTH} deep`);
        if (containers > MAX_CONTAINERS) {
          throw new RejectedRecord(`the body holds more than ${MAX_CONTAINERS} objects and lists in one piece`);
        }
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        depth--;
    }
  }
}

const [QUOTE, BACKSLASH, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [34, 92, 123, 125, 91, 93];

/** Where the string that begins at `at` ends; the end of the text where it does not. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
