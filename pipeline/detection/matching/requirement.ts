import type { Expression } from '../sigma/expression.ts';
import type { RecordField } from '../sigma/record-field.ts';
import type { TextTest } from '../sigma/text-test.ts';

/**
 * What an expression cannot hold without: on every record on which it holds, at least one of these is true of a value of its
 * field. By key of field.
 */
export type Requirement = ReadonlyMap<string, RequiredOfField>;

export interface RequiredOfField {
  readonly field: RecordField;
  /** A value comes down to one of these texts; see {@link TextTest.equals}. */
  readonly literals: ReadonlySet<string>;
  /** A value passes one of these tests; by key of test. */
  readonly tests: ReadonlyMap<string, TextTest>;
}

/** Of the ways to rule an expression out, this many are kept: one is enough, a choice is better. */
const MAX_REQUIREMENTS = 16;

/** The ways to rule an expression out by the values of fields, each sufficient; none where there is no such way. */
export function requirementsOf(expression: Expression): readonly Requirement[] {
  const found = new Map<Expression, readonly Requirement[]>();
  const once = (part: Expression): readonly Requirement[] => {
    const known = found.get(part);
    if (known !== undefined) return known;
    const requirements = required(part, once);
    found.set(part, requirements);
    return requirements;
  };
  return once(expression);
}

function required(
  expression: Expression,
  partRequirements: (part: Expression) => readonly Requirement[],
): readonly Requirement[] {
  switch (expression.kind) {
    case 'and':
      return expression.parts.flatMap(partRequirements).slice(0, MAX_REQUIREMENTS);
    case 'or':
      return requiredByOne(expression.parts.map(partRequirements));
    case 'selection':
    case 'item':
      return partRequirements(expression.part);
    case 'text': {
      const { field, test } = expression;
      const literals = test.equals ?? new Set<string>();
      const tests = test.equals === undefined ? new Map([[test.key, test]]) : new Map<string, TextTest>();
      return [new Map([[field.key, { field, literals, tests }]])];
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
 * What alternatives require together: one requirement of each, joined. For each set of fields by which all alternatives can be
 * ruled out there is one; where they share none, the first of each is taken.
 */
function requiredByOne(alternatives: readonly (readonly Requirement[])[]): Requirement[] {
  const [first = []] = alternatives;
  if (alternatives.some((requirements) => requirements.length === 0)) return [];
  if (alternatives.length === 1) return [...first];
  const shared = first.flatMap((requirement) => {
    const alike = alternatives.map((others) => others.find((other) => sameFields(requirement, other)));
    return alike.every((other) => other !== undefined) ? [merged(alike)] : [];
  });
  return shared.length > 0 ? shared : [merged(alternatives.flatMap((others) => others.slice(0, 1)))];
}

function sameFields(one: Requirement, other: Requirement): boolean {
  return one.size === other.size && one.keys().every((key) => other.has(key));
}

function merged(requirements: readonly Requirement[]): Requirement {
  const result = new Map<string, { field: RecordField; literals: Set<string>; tests: Map<string, TextTest> }>();
  for (const requirement of requirements) {
    for (const [key, { field, literals, tests }] of requirement) {
      const all = result.get(key) ?? { field, literals: new Set(), tests: new Map() };
      for (const literal of literals) all.literals.add(literal);
      for (const [name, test] of tests) all.tests.set(name, test);
      result.set(key, all);
    }
  }
  return result;
}
