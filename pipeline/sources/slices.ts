/**
 * Finds the exact text of each element of the list that a body holds: a bare array, or the array under `records` or
 * `Records`. Used only for what was rejected, so that a dead letter keeps a record as its source wrote it: digits of large numbers,
 * repeated names and nesting that writing it anew would change.
 * @param text JSON that has been parsed before; for other text the answer means nothing
 * @returns the texts in order, or undefined where the body holds no such list
 */
export function elementTexts(text: string): string[] | undefined {
  let at = skipSpace(text, 0);
  if (text[at] === '{') {
    const list = findList(text, at + 1);
    if (list === undefined) return undefined;
    at = list;
  }
  if (text[at] !== '[') return undefined;
  const elements: string[] = [];
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return elements;
}

/**
 * Finds the exact texts of JSON values that stand one after the other, with or without white space between them.
 * @param text any text; where it is not JSON the pieces mean nothing, but they follow each other to the end of the text
 */
export function* valueTexts(text: string): Generator<{ readonly start: number; readonly text: string }> {
  for (let start = skipSpace(text, 0); start < text.length;) {
    const end = Math.max(valueEnd(text, start), start + 1);
    yield { start, text: text.slice(start, end) };
    start = skipSpace(text, end);
  }
}

/**
 * Where the list begins that a reader of the object would see, in an object whose first member begins at `at`: `records` before `Records`, and of
 * members with the same name the last. Undefined also where a name is written with escapes, for it may be one of these.
 */
function findList(text: string, at: number): number | undefined {
  const lists: { records?: number | undefined; Records?: number | undefined } = {};
  at = skipSpace(text, at);
  while (at < text.length && text[at] === '"') {
    const nameEnd = stringEnd(text, at);
    const name = text.slice(at + 1, nameEnd - 1);
    if (name.includes('\\')) return undefined;
    const value = skipSpace(text, skipSpace(text, nameEnd) + 1);
    if (name === 'records' || name === 'Records') lists[name] = text[value] === '[' ? value : undefined;
    at = skipSpace(text, valueEnd(text, value));
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return lists.records ?? lists.Records;
}

function skipSpace(text: string, at: number): number {
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

/** The place after the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (at++; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** The place after the value that begins at `at`; counts depth instead of recursing, so that no nesting can overflow the stack. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = stringEnd(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === ',' || text.charCodeAt(at) <= 32)) return at;
    at++;
  }
  return at;
}
