import type { Expression } from './expression.ts';
import { ANY, compilePattern, joined, type Pattern } from './text-pattern.ts';

/** Why a condition cannot be read. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

/** The most characters in the conditions of a rule. */
const MAX_LENGTH = 10_000;
const MAX_DEPTH = 64;
/** The most selections that the conditions of a rule may name, counting each that a pattern stands for. */
const MAX_REFERENCES = 10_000;

const TOKEN = /\s*([()|]|[^\s()|]+)/y;

/**
 * Reads the conditions of a rule, of which one must hold. In each: `not`, `and`, `or` and parentheses, in rising order of
 * binding `or`, `and`, `not`; `1 of`, `any of` and `all of` with `them` or a pattern in which `*` stands for any text. `them`,
 * and a pattern that does not itself begin with an underscore, leave out selections whose names begin with one.
 * @param selections what the names stand for
 * @throws ConditionError
 */
export function parseConditions(
  conditions: readonly string[],
  selections: ReadonlyMap<string, Expression>,
): Expression {
  if (conditions.reduce((length, condition) => length + condition.length, 0) > MAX_LENGTH) {
    throw new ConditionError(`the conditions of a rule have at most ${MAX_LENGTH} characters`);
  }
  const parser = new ConditionParser(selections);
  return { kind: 'or', parts: conditions.map((condition) => parser.parse(tokens(condition))) };
}

function tokens(condition: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(condition); match !== null; match = TOKEN.exec(condition)) found.push(match[1] ?? '');
  return found;
}

class ConditionParser {
  readonly #selections: ReadonlyMap<string, Expression>;
  #references = 0;
  #tokens: readonly string[] = [];
  #at = 0;

  constructor(selections: ReadonlyMap<string, Expression>) {
    this.#selections = selections;
  }

  parse(words: readonly string[]): Expression {
    this.#tokens = words;
    this.#at = 0;
    if (this.#tokens.length === 0) throw new ConditionError('the condition is empty');
    if (this.#tokens.includes('|')) {
      throw new ConditionError("aggregations ('| count() ...') are no longer part of Sigma; write a correlation rule");
    }
    const expression = this.#or(0);
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new ConditionError(`'and' or 'or' expected before '${rest}'`);
    return expression;
  }

  /** The next token in lower case, as the words of the grammar are compared. */
  #next(): string | undefined {
    return this.#tokens[this.#at]?.toLowerCase();
  }

  #take(word: string): boolean {
    if (this.#next() !== word) return false;
    this.#at += 1;
    return true;
  }

  #or(depth: number): Expression {
    const parts = [this.#and(depth)];
    while (this.#take('or')) parts.push(this.#and(depth));
    return { kind: 'or', parts };
  }

  #and(depth: number): Expression {
    const parts = [this.#not(depth)];
    while (this.#take('and')) parts.push(this.#not(depth));
    return { kind: 'and', parts };
  }

  #not(depth: number): Expression {
    if (depth > MAX_DEPTH) throw new ConditionError(`the condition is nested deeper than ${MAX_DEPTH}`);
    if (this.#take('not')) return { kind: 'not', part: this.#not(depth + 1) };
    if (!this.#take('(')) return this.#selection();
    const inner = this.#or(depth + 1);
    if (!this.#take(')')) throw new ConditionError("a parenthesis is not closed: ')' expected");
    return inner;
  }

  #selection(): Expression {
    const word = this.#tokens[this.#at];
    if (word === undefined) throw new ConditionError('the condition ends where a selection is expected');
    if (this.#tokens[this.#at + 1]?.toLowerCase() === 'of') return this.#quantified(word.toLowerCase());
    if (['(', ')', 'and', 'or', 'of', 'them'].includes(word.toLowerCase())) {
      throw new ConditionError(`a selection is expected where '${word}' stands`);
    }
    this.#at += 1;
    this.#count(1);
    const expression = this.#selections.get(word);
    if (expression !== undefined) return { kind: 'selection', name: word, part: expression };
    if (word.includes('*')) throw new ConditionError(`'${word}' is a pattern; put '1 of' or 'all of' before it`);
    throw new ConditionError(`there is no selection '${word}'; there are ${[...this.#selections.keys()].join(', ')}`);
  }

  #quantified(quantifier: string): Expression {
    if (!['1', 'any', 'all'].includes(quantifier)) {
      throw new ConditionError(`'1 of', 'any of' or 'all of' expected, found '${quantifier} of'`);
    }
    const pattern = this.#tokens[this.#at + 2];
    if (pattern === undefined) throw new ConditionError(`'them' or a pattern is expected after '${quantifier} of'`);
    this.#at += 3;
    const parts = [...this.#selections]
      .filter(([name]) => covers(pattern, name))
      .map(([name, part]): Expression => ({ kind: 'selection', name, part }));
    this.#count(parts.length);
    if (parts.length === 0) throw new ConditionError(`no selection is named as '${pattern}' says`);
    return { kind: quantifier === 'all' ? 'and' : 'or', parts };
  }

  #count(references: number): void {
    this.#references += references;
    if (this.#references > MAX_REFERENCES) {
      throw new ConditionError(`the conditions of a rule name at most ${MAX_REFERENCES} selections`);
    }
  }
}

/** Whether a pattern of selection names, in which `*` is any text, covers a name. */
function covers(pattern: string, name: string): boolean {
  const all = pattern.toLowerCase() === 'them';
  if (name.startsWith('_') && (all || !pattern.startsWith('_'))) return false;
  const parts: Pattern = pattern.split('*').flatMap((text, index) => (index === 0 ? [text] : [ANY, text]));
  return all || compilePattern(joined(parts))(name);
}
