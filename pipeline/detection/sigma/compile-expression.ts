import type { Json, JsonObject } from '../../../platform/json.ts';
import { compactJson, someContainedText } from './contained-text.ts';
import type { Expression, Leaf, ReferenceComparison } from './expression.ts';
import { textOfValue } from './field-path.ts';
import type { RecordField } from './record-field.ts';
import type { TextTest } from './text-test.ts';

/** A test of a record's fields. */
export type FieldsTest = (fields: JsonObject) => boolean;

/** Comparing each value of one list with each of another takes their product: of the other field, this many values are taken. */
const MAX_REFERENCED = 64;

/**
 * Compiles an expression into a test of a record's fields.
 * @param leafTest makes the test of a leaf; unless told, a new one for each
 */
export function compileExpression(
  expression: Expression,
  leafTest: (leaf: Leaf) => FieldsTest = compileLeaf,
): FieldsTest {
  const compiled = new Map<Expression, FieldsTest>();
  // A selection that is named more than once is compiled once.
  const once = (part: Expression): FieldsTest => {
    const known = compiled.get(part);
    if (known !== undefined) return known;
    const test = compile(part);
    compiled.set(part, test);
    return test;
  };
  const compile = (part: Expression): FieldsTest => {
    switch (part.kind) {
      case 'and':
      case 'or':
        return compileJunction(part.kind, part.parts.map(once));
      case 'not': {
        const inner = once(part.part);
        return (fields) => !inner(fields);
      }
      case 'selection':
      case 'item':
        return once(part.part);
      default:
        return leafTest(part);
    }
  };
  return once(expression);
}

function compileJunction(kind: 'and' | 'or', parts: readonly FieldsTest[]): FieldsTest {
  const [first, second] = parts;
  if (first !== undefined && parts.length === 1) return first;
  if (first !== undefined && second !== undefined && parts.length === 2) {
    return kind === 'and' ? (fields) => first(fields) && second(fields) : (fields) => first(fields) || second(fields);
  }
  const all = kind === 'and';
  return (fields) => {
    for (const part of parts) if (part(fields) !== all) return !all;
    return all;
  };
}

/** Compiles a leaf into a test of its own. */
export function compileLeaf(leaf: Leaf): FieldsTest {
  switch (leaf.kind) {
    case 'text': {
      const { field } = leaf;
      const test = valueTest(leaf.test);
      return (fields) => field.some(fields, test);
    }
    case 'null': {
      const { field } = leaf;
      return (fields) => field.isNull(fields);
    }
    case 'exists': {
      const { field } = leaf;
      return (fields) => field.exists(fields);
    }
    case 'reference':
      return compileReference(leaf.field, leaf.other, leaf.compare);
    case 'keyword': {
      const { test } = leaf.test;
      return (fields) => someContainedText(fields, test);
    }
  }
}

/**
 * A test of one value. A search also looks inside an object: at each key and text in it, and at its compact JSON, which is what
 * a rule sees in a system that keeps the object as text.
 */
export function valueTest({ test, searches }: TextTest): (value: Json) => boolean {
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

function compileReference(field: RecordField, other: RecordField, { normal, anchor }: ReferenceComparison): FieldsTest {
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
