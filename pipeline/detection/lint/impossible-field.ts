import type { Expression } from '../sigma/expression.ts';
import type { FieldNames } from '../fields/field-names.ts';

/** For each field that has one value, the texts (folded) of which it must have one. */
type Required = ReadonlyMap<string, ReadonlySet<string>>;

const NOTHING: Required = new Map();

/**
 * A field that would have to have two values at once for the condition to be true, where records have one: such as the name of
 * an event, in two selections that both must match. Sees what is required as a whole text, not what is required in part.
 */
export function impossibleField(condition: Expression, names: FieldNames): string | undefined {
  const known = new Map<Expression, Required>();
  const requiredBy = (expression: Expression): Required => {
    const found = known.get(expression) ?? required(expression);
    known.set(expression, found);
    return found;
  };
  const required = (expression: Expression): Required => {
    switch (expression.kind) {
      case 'and':
        return expression.parts.map(requiredBy).reduce(both, NOTHING);
      case 'or':
        return byOneOf(expression.parts.map(requiredBy));
      case 'selection':
      case 'item':
        return requiredBy(expression.part);
      case 'text': {
        const [path = '', ...others] = expression.field.paths;
        const { equals } = expression.test;
        if (equals === undefined || others.length > 0 || !names.hasOneValue(path)) return NOTHING;
        return new Map([[path, equals]]);
      }
      default:
        return NOTHING;
    }
  };
  return requiredBy(condition)
    .entries()
    .find(([, texts]) => texts.size === 0)?.[0];
}

function both(one: Required, other: Required): Required {
  if (one.size === 0 || other.size === 0) return one.size === 0 ? other : one;
  const result = new Map(one);
  for (const [field, texts] of other) {
    const already = result.get(field);
    result.set(field, already === undefined ? texts : new Set([...texts].filter((text) => already.has(text))));
  }
  return result;
}

/** What all alternatives require. One that is impossible itself is none. */
function byOneOf(alternatives: readonly Required[]): Required {
  const possible = alternatives.filter((required) => required.values().every((texts) => texts.size > 0));
  const [first] = possible;
  if (first === undefined) return alternatives[0] ?? NOTHING;
  const result = new Map<string, ReadonlySet<string>>();
  for (const field of first.keys()) {
    const texts = possible.map((required) => required.get(field));
    if (texts.every((some) => some !== undefined)) result.set(field, new Set(texts.flatMap((some) => [...some])));
  }
  return result;
}
