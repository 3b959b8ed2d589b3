import { leavesOf, type Expression, type Leaf } from '../sigma/expression.ts';
import type { RecordField } from '../sigma/record-field.ts';
import type { TextTest } from '../sigma/text-test.ts';
import { VALUE_KINDS } from './value-kinds.ts';

/** Comparisons of one field, or of the whole record, one of which must hold. */
export interface Comparisons {
  /** Undefined of keywords. */
  readonly field: RecordField | undefined;
  readonly tests: readonly TextTest[];
}

/**
 * Whether an expression asks for something particular in each way in which it can hold. Each alternative must hold a
 * comparison that counts, not negated; what is negated, `exists` and null ask for nothing in particular.
 * @param counts which comparisons count; unless told, those that {@link tellApart}
 */
export function narrows(
  expression: Expression,
  counts: (comparisons: Comparisons) => boolean = ({ tests }) => tellApart(tests),
): boolean {
  const known = [new Map<Expression, boolean>(), new Map<Expression, boolean>()] as const;
  const decide = (part: Expression, positive: boolean): boolean => {
    switch (part.kind) {
      case 'selection':
      case 'item':
        return once(part.part, positive);
      case 'not':
        return once(part.part, !positive);
      case 'and':
      case 'or':
        if (part.parts.length === 0) return false;
        if ((part.kind === 'and') === positive) return part.parts.some((one) => once(one, positive));
        return positive ? alternatives(part) : part.parts.every((one) => once(one, positive));
      case 'text':
      case 'keyword':
        return positive && alternatives(part);
      case 'reference':
        return positive && comparesFields(part);
      case 'null':
      case 'exists':
        return false;
    }
  };
  const once = (part: Expression, positive: boolean): boolean => {
    const results = known[positive ? 0 : 1];
    const result = results.get(part) ?? decide(part, positive);
    results.set(part, result);
    return result;
  };
  /** Alternatives that compare one field count together: below 5 or from 5 on is no comparison at all. */
  const alternatives = (part: Expression): boolean => {
    const byField = new Map<string, { field: RecordField | undefined; tests: TextTest[] }>();
    for (const one of alternativesOf(part)) {
      if (one.kind !== 'text' && one.kind !== 'keyword') {
        if (!once(one, true)) return false;
        continue;
      }
      const field = one.kind === 'text' ? one.field : undefined;
      const group = byField.get(field?.key ?? '') ?? { field, tests: [] };
      group.tests.push(one.test);
      byField.set(field?.key ?? '', group);
    }
    return byField.values().every(counts);
  };
  return once(expression, true);
}

/** More comparisons than this are several exceptions; so that whether they narrow is found in bounded time. */
export const MAX_COMPARISONS = 200;

/** Whether, whichever field is left out of account, an expression still narrows: it then narrows by two fields or more. */
export function narrowsByTwoFields(expression: Expression): boolean {
  const fields = new Set(leavesOf(expression).map(fieldKey));
  return fields
    .values()
    .every((left) => narrows(expression, ({ field, tests }) => (field?.key ?? '') !== left && tellApart(tests)));
}

const fieldKey = (leaf: Leaf): string => (leaf.kind === 'keyword' ? '' : leaf.field.key);

/** Whether comparisons, one of which must hold, tell values of each kind apart: no kind has them all pass. */
export function tellApart(tests: readonly TextTest[]): boolean {
  return !KINDS.some((values) => values.every((value) => tests.some(({ test }) => test(value))));
}

const KINDS = Object.values(VALUE_KINDS);

/** A field compared with itself is compared with nothing. */
function comparesFields({ field, other }: Extract<Leaf, { kind: 'reference' }>): boolean {
  return !field.paths.some((path) => other.paths.includes(path));
}

/** What an expression is a choice of: itself, unless it is one of several parts. */
function alternativesOf(expression: Expression, found = new Set<Expression>()): ReadonlySet<Expression> {
  const part = bare(expression);
  if (found.has(part)) return found;
  found.add(part);
  if (part.kind !== 'or') return found;
  for (const one of part.parts) alternativesOf(one, found);
  found.delete(part);
  return found;
}

/** An expression without what means only what its part means. */
function bare(expression: Expression): Expression {
  if (expression.kind === 'selection' || expression.kind === 'item') return bare(expression.part);
  const [only] = expression.kind === 'and' || expression.kind === 'or' ? expression.parts : [];
  const single = (expression.kind === 'and' || expression.kind === 'or') && expression.parts.length === 1;
  return single && only !== undefined ? bare(only) : expression;
}
