import type { LogSource, ReadRecord } from '../../timeline/read-record.ts';
import type { Expression } from '../sigma/expression.ts';
import { takesIn } from '../log-source.ts';
import { requirementsOf, type Requirement } from '../matching/requirement.ts';
import { shown } from '../loading/rule-error.ts';
import type { CompiledRule } from '../rule.ts';
import { names, type Exception } from './exception.ts';
import { narrows, tellApart, type Comparisons } from './narrowing.ts';
import { matcherOf } from './suppressions.ts';

/**
 * What is wrong with an exception as seen from the rules: rules that do not exist, rules that never fire on its records, and rules of
 * which it would suppress all that they raise. Each problem is a sentence that says what to do.
 * @param rules all rules in use
 * @param firing the records on which, by its tests, a rule fires; none where it has no tests
 */
export function lintException(
  exception: Exception,
  rules: readonly CompiledRule[],
  firing: (rule: CompiledRule) => readonly ReadRecord[],
): string[] {
  const named = exception.rules === 'any' ? [] : exception.rules;
  const missing = named
    .filter((name) => !rules.some((rule) => rule.id === name || rule.name === name))
    .map((name) => `there is no rule ${shown(name)}; name rules by their id or name`);
  const excepted = rules.filter((rule) => names(exception, rule));
  return [...missing, ...excepted.flatMap((rule) => problemWith(exception, rule, firing) ?? [])];
}

function problemWith(
  exception: Exception,
  rule: CompiledRule,
  firing: (rule: CompiledRule) => readonly ReadRecord[],
): string | undefined {
  const named = `the rule ${rule.id} (${rule.title}; ${rule.file}:${rule.line})`;
  const { logsource } = exception;
  if (logsource !== undefined && !overlap(logsource, rule.logsource)) {
    if (exception.rules === 'any') return undefined;
    return `${named} never fires on records of its logsource; take the logsource or the rule away`;
  }
  if (!narrowsWithin(exception, rule)) {
    return `it would suppress all that ${named} raises: what it compares is what the rule itself asks for; compare something else too, such as who acted`;
  }
  if (coversAll(exception, rule, firing(rule))) {
    return `it would suppress all that ${named} raises in its tests; compare something else too, such as who acted`;
  }
  return undefined;
}

/** Whether some record may be of both: one takes in the other, or they do not name different products, services or categories. */
function overlap(one: LogSource, other: LogSource): boolean {
  if (takesIn(one, other) || takesIn(other, one)) return true;
  const agree = (a: string | undefined, b: string | undefined): boolean =>
    a === undefined || b === undefined || a === b;
  return agree(one.product, other.product) && agree(one.service, other.service) && agree(one.category, other.category);
}

/**
 * Whether in one of the ways in which a rule can fire, an exception narrows by something that this way does not ask for itself. Rules in
 * TypeScript do not tell what they ask for.
 */
function narrowsWithin({ logsource, detectionFor }: Exception, rule: CompiledRule): boolean {
  if (rule.kind !== 'sigma') return true;
  const { condition } = detectionFor(logsource ?? rule.logsource);
  return waysOf(rule.detection.condition).some((way) => {
    const requirements = requirementsOf(way);
    return narrows(
      condition,
      (comparisons) => tellApart(comparisons.tests) && !requirements.some((one) => implies(one, comparisons)),
    );
  });
}

/** Of a choice among more ways than this, what they have in common is looked at. */
const MAX_WAYS = 64;

/** The ways in which an expression can hold: its alternatives, where they stand alone or beside what must hold too. */
function waysOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'selection':
    case 'item':
      return waysOf(expression.part);
    case 'or': {
      const ways = expression.parts.flatMap(waysOf);
      return ways.length > MAX_WAYS ? [expression] : ways;
    }
    case 'and': {
      let ways: Expression[][] = [[]];
      for (const part of expression.parts) {
        const choice = waysOf(part);
        const [only = part] = choice;
        if (choice.length === 1) for (const way of ways) way.push(only);
        else if (ways.length * choice.length > MAX_WAYS) for (const way of ways) way.push(part);
        else ways = ways.flatMap((way) => choice.map((one) => [...way, one]));
      }
      return ways.map((parts) => ({ kind: 'and', parts }));
    }
    default:
      return [expression];
  }
}

/** Whether, wherever what a rule requires holds, one of the comparisons holds. */
function implies(requirement: Requirement, { field, tests }: Comparisons): boolean {
  if (field === undefined) return false;
  return requirement.values().every((required) => {
    return (
      required.field.paths.every((path) => field.paths.includes(path)) &&
      required.literals.values().every((literal) => tests.some(({ test }) => test(literal))) &&
      required.tests.keys().every((key) => tests.some((test) => test.key === key))
    );
  });
}

function coversAll(exception: Exception, rule: CompiledRule, records: readonly ReadRecord[]): boolean {
  if (records.length === 0) return false;
  const matches = matcherOf(exception, rule);
  return records.every((record) => {
    try {
      return matches(record);
    } catch {
      return false; // An exception that fails does not suppress.
    }
  });
}
