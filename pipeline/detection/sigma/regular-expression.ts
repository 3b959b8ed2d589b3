import { RE2JS, RE2JSException } from 're2js';

/** Why a pattern cannot be used. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/** Thrown where a text is too long for an expression: the rule fails on the record, which is counted and reported. */
export class TextTooLongError extends Error {
  override readonly name = 'TextTooLongError';
}

/** The most instructions of a compiled expression. Those of public rules have a hundred or two. */
const MAX_INSTRUCTIONS = 5000;

/**
 * The most work of one test: instructions of the expression times characters of the text. RE2's worst case is to look at each
 * instruction for each character, which takes re2js 20 to 50 ns (measured): one to three seconds. An expression of 50
 * instructions thus takes a text of a million characters, which is more than a hub's message holds.
 */
const MAX_STEPS = 50_000_000;

/**
 * Compiles a regular expression of RE2's syntax into a test in linear time.
 * @param source of bounded length
 * @param flags of RE2JS
 * @param match whether the expression is found anywhere in a text, at its start or its end, or is all of it
 * @returns the test; it throws {@link TextTooLongError}
 * @throws PatternError
 */
export function compileRegularExpression(
  source: string,
  flags: number,
  match: 'anywhere' | 'start' | 'end' | 'whole',
): (text: string) => boolean {
  // First by itself, wherever it is to be found: `a)|(b` is an expression only where something is written around it.
  const alone = compile(source, flags);
  const tied = match === 'start' ? `\\A(?:${source})` : match === 'end' ? `(?:${source})\\z` : undefined;
  const expression = tied === undefined ? alone : compile(tied, flags);
  const instructions = expression.programSize();
  const longest = Math.floor(MAX_STEPS / instructions);
  return (text) => {
    if (text.length > longest) {
      const cost = `${instructions} instructions take at most ${longest} characters, this one has ${text.length}`;
      throw new TextTooLongError(`the text is too long for the pattern: ${cost}`);
    }
    return match === 'whole' ? expression.testExact(text) : expression.test(text);
  };
}

function compile(source: string, flags: number): RE2JS {
  if (estimatedInstructions(source) > 2 * MAX_INSTRUCTIONS) throw tooLarge();
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source, flags);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    throw new PatternError(`${error.message}; look-around and back references are not supported`);
  }
  if (expression.programSize() > MAX_INSTRUCTIONS) throw tooLarge();
  return expression;
}

function tooLarge(): PatternError {
  return new PatternError(
    `it compiles to more than ${MAX_INSTRUCTIONS} instructions; repeat less, or say less at once`,
  );
}

/** A piece of an expression: flags, what may be repeated, what groups and what repeats; anything else is one character. */
const PIECE =
  /\(\?[a-zA-Z-]*\)|\\Q[^]*?(?:\\E|$)|\\[xpP]\{[^}]*\}|\\[^]|\[\^?\]?(?:\[:[^\]]*\]|\\[^]|[^\]])*\]?|\{(\d+)(?:(,)(\d*))?\}|[()|]|[^]/g;

/**
 * About how many instructions an expression compiles to, counted without compiling it: repetitions are written out, so that
 * four thousand characters can make a million instructions and hundreds of megabytes.
 */
export function estimatedInstructions(source: string): number {
  const outer: number[] = [];
  let group = 0;
  let last = 0;
  for (const [piece, least, open, most] of source.matchAll(PIECE)) {
    if (piece.startsWith('(?')) continue;
    if (piece === '(') {
      outer.push(group);
      group = 0;
      last = 0;
    } else if (piece === ')') {
      last = group + 2;
      group = (outer.pop() ?? 0) + last;
    } else if (least !== undefined) {
      // At least one stays: the repetition may be of nothing, and be a text.
      const times = Math.max(1, Number(least), most === undefined || most === '' ? 0 : Number(most));
      const repeated = last * times + (open === undefined ? 0 : times + 1);
      group += repeated - last;
      last = repeated;
    } else {
      const size = piece.startsWith('\\Q') ? piece.length : 1;
      last = '*+?'.includes(piece) ? last + 1 : 1;
      group += size;
    }
  }
  return outer.reduce((sum, size) => sum + size, group);
}
