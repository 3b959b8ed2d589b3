import type { RecordField } from './record-field.ts';
import type { TextTest } from './text-test.ts';
import type { Anchor } from './value-modifiers.ts';

/** What a rule detects: its condition with its selections put in place. */
export type Expression = Junction | Negation | NamedSelection | Item | Leaf;

export interface Junction {
  readonly kind: 'and' | 'or';
  readonly parts: readonly Expression[];
}

export interface Negation {
  readonly kind: 'not';
  readonly part: Expression;
}

/** A selection, where the condition names it. Means what its part means. */
export interface NamedSelection {
  readonly kind: 'selection';
  readonly name: string;
  readonly part: Expression;
}

/** One line of a selection, or one of its keywords, as written. Means what its part means. */
export interface Item {
  readonly kind: 'item';
  /** The field and its modifiers, such as `eventName|contains`; of a keyword, empty. */
  readonly key: string;
  readonly values: readonly unknown[];
  readonly part: Expression;
  /** For each of the values, what is true where that value alone is found, whatever `neq` makes of it. */
  readonly each: () => readonly Expression[];
}

/** What is asked of the record itself. */
export type Leaf =
  /** The text of a value of the field passes the test. */
  | { readonly kind: 'text'; readonly field: RecordField; readonly test: TextTest }
  /** The field is null, or there is nothing at it. */
  | { readonly kind: 'null'; readonly field: RecordField }
  /** There is something at the field, be it null. */
  | { readonly kind: 'exists'; readonly field: RecordField }
  /** A value of the field compares with a value of another. */
  | {
      readonly kind: 'reference';
      readonly field: RecordField;
      readonly other: RecordField;
      readonly compare: ReferenceComparison;
    }
  /** A text anywhere in the record passes the test. */
  | { readonly kind: 'keyword'; readonly test: TextTest };

/** How the text of a field compares with the text of another. */
export interface ReferenceComparison {
  readonly normal: (text: string) => string;
  readonly anchor: Anchor;
  /** The same for comparisons that are the same. */
  readonly key: string;
}

/** Calls `visit` with each part of an expression, in the order written, and once where several name it. */
export function forEachPart(expression: Expression, visit: (part: Expression) => void): void {
  const seen = new Set<Expression>();
  const enter = (part: Expression): void => {
    if (seen.has(part)) return;
    seen.add(part);
    visit(part);
    if ('parts' in part) part.parts.forEach(enter);
    else if ('part' in part) enter(part.part);
  };
  enter(expression);
}

/** The leaves of an expression; those of a selection that is named more than once, once. */
export function leavesOf(expression: Expression): Leaf[] {
  const leaves: Leaf[] = [];
  forEachPart(expression, (part) => {
    if (!('parts' in part) && !('part' in part)) leaves.push(part);
  });
  return leaves;
}
