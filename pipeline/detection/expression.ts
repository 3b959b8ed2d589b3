import type { Json, JsonObject } from '../../platform/json.ts';
import { compactJson, someContainedText } from './contained-text.ts';
import { textOfValue, type FieldPath } from './field-path.ts';
import type { RequiredLiterals } from './rule.ts';
import type { TextTest } from './text-test.ts';
import type { Anchor } from './value-modifiers.ts';

/** What a rule detects: its condition with its selections put in place. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  /** The text of a value of the field passes the test. */
  | { readonly kind: 'text'; readonly field: FieldPath; readonly test: TextTest }
  /** The field is null, or there is nothing at it. */
  | { readonly kind: 'null'; readonly field: FieldPath }
  /** There is something at the field, be it null. */
  | { readonly kind: 'exists'; readonly field: FieldPath }
  /** A value of the field compares with a value of another. */
  | {
      readonly kind: 'reference';
      readonly field: FieldPath;
      readonly other: FieldPath;
      readonly compare: ReferenceComparison;
    }
  /** A text anywhere in the record passes the test. */
  | { readonly kind: 'keyword'; readonly test: TextTest };

/** How the text of a field compares with the text of another. */
export interface ReferenceComparison {
  readonly normal: (text: string) => string;
  readonly anchor: Anchor;
}

type Test = (fields: JsonObject) => boolean;

/** Comparing each value of one list with each of another takes their product: of the other field, this many values are taken. */
const MAX_REFERENCED = 64;

/** Compiles an expression into a test of a record's fields. */
export function compileExpression(expression: Expression): Test {
  return compileOnce(expression, new Map());
}

/** A selection that is named more than once is compiled once. */
function compileOnce(expression: Expression, compiled: Map<Expression, Test>): Test {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const test = compile(expression, compiled);
  compiled.set(expression, test);
  return test;
}

function compile(expression: Expression, compiled: Map<Expression, Test>): Test {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return compileJunction(
        expression.kind,
        expression.parts.map((part) => compileOnce(part, compiled)),
      );
    case 'not': {
      const part = compileOnce(expression.part, compiled);
      return (fields) => !part(fields);
    }
    case 'text': {
      const { field } = expression;
      const test = valueTest(expression.test);
      return (fields) => field.some(fields, test);
    }
    case 'null': {
      const { field } = expression;
      return (fields) => field.some(fields, isNull) || !field.some(fields, isAnything);
    }
    case 'exists': {
      const { field } = expression;
      return (fields) => field.exists(fields);
    }
    case 'reference':
      return compileReference(expression.field, expression.other, expression.compare);
    case 'keyword': {
      const { test } = expression.test;
      return (fields) => someContainedText(fields, test);
    }
  }
}

const isNull = (value: Json): boolean => value === null;
const isAnything = (): boolean => true;

function compileJunction(kind: 'and' | 'or', parts: readonly Test[]): Test {
  const [first, second] = parts;
  if (first !== undefined && parts.length === 1) return first;
  if (first !== undefined && second !== undefined && parts.length === 2) {
    return kind === 'and' ? (fields) => first(fields) && second(fields) : (fields) => first(fields) || second(fields);
  }
  return kind === 'and'
    ? (fields) => parts.every((part) => part(fields))
    : (fields) => parts.some((part) => part(fields));
}

/**
 * A test of one value. A search also looks inside an object: at each key and text in it, and at its compact JSON, which is what
 * a rule sees in a system that keeps the object as text.
 */
function valueTest({ test, searches }: TextTest): (value: Json) => boolean {
  return (value) => {
    if (typeof value === 'string') return test(value);
    const text = textOfValue(value);
    if (text !== undefined) return test(text);
    if (!searches || value === null) return false;
    if (someContainedText(value, test)) return true;
    const json = compactJson(value);
    return json !== undefined && test(json);
  };
}

function compileReference(field: FieldPath, other: FieldPath, { normal, anchor }: ReferenceComparison): Test {
  return (fields) => {
    const referenced = new Set<string>();
    other.some(fields, (value) => {
      const text = textOfValue(value);
      if (text !== undefined) referenced.add(normal(text));
      return anchor !== 'whole' && referenced.size >= MAX_REFERENCED;
    });
    if (referenced.size === 0) return false;
    return field.some(fields, (value) => {
      const text = textOfValue(value);
      if (text === undefined) return false;
      const comparable = normal(text);
      switch (anchor) {
        case 'whole':
          return referenced.has(comparable);
        case 'contains':
          return referenced.values().some((part) => comparable.includes(part));
        case 'startswith':
          return referenced.values().some((part) => comparable.startsWith(part));
        case 'endswith':
          return referenced.values().some((part) => comparable.endsWith(part));
      }
    });
  };
}

/** Of the ways to rule an expression out, this many are kept: one is enough, a choice is better. */
const MAX_WAYS = 16;

/** The ways to rule an expression out by literals; see {@link RequiredLiterals}. */
export function requiredLiterals(expression: Expression): readonly RequiredLiterals[] {
  return requiredOnce(expression, new Map());
}

function requiredOnce(
  expression: Expression,
  found: Map<Expression, readonly RequiredLiterals[]>,
): readonly RequiredLiterals[] {
  const ways = found.get(expression) ?? required(expression, found);
  found.set(expression, ways);
  return ways;
}

function required(
  expression: Expression,
  found: Map<Expression, readonly RequiredLiterals[]>,
): readonly RequiredLiterals[] {
  switch (expression.kind) {
    case 'and':
      return expression.parts.flatMap((part) => requiredOnce(part, found)).slice(0, MAX_WAYS);
    case 'or':
      return requiredByOne(expression.parts.map((part) => requiredOnce(part, found)));
    case 'text': {
      const { equals } = expression.test;
      return equals === undefined ? [] : [new Map([[expression.field.name, equals]])];
    }
    case 'not':
    case 'null':
    case 'exists':
    case 'reference':
    case 'keyword':
      return [];
  }
}

/**
 * What alternatives require together: one way of each alternative, joined. For each set of fields by which all alternatives can
 * be ruled out there is one way; where they share none, the first way of each is taken.
 */
function requiredByOne(alternatives: readonly (readonly RequiredLiterals[])[]): RequiredLiterals[] {
  const [first = []] = alternatives;
  if (alternatives.some((ways) => ways.length === 0)) return [];
  const shared = first.flatMap((way) => {
    const alike = alternatives.map((ways) => ways.find((other) => sameFields(way, other)));
    return alike.every((other) => other !== undefined) ? [merged(alike)] : [];
  });
  return shared.length > 0 ? shared : [merged(alternatives.flatMap((ways) => ways.slice(0, 1)))];
}

function sameFields(one: RequiredLiterals, other: RequiredLiterals): boolean {
  return one.size === other.size && one.keys().every((field) => other.has(field));
}

function merged(ways: readonly RequiredLiterals[]): RequiredLiterals {
  const result = new Map<string, Set<string>>();
  for (const way of ways) {
    for (const [field, literals] of way) {
      const all = result.get(field) ?? new Set();
      for (const literal of literals) all.add(literal);
      result.set(field, all);
    }
  }
  return result;
}
