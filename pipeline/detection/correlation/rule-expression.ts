import { ConditionError, parseConditions } from '../sigma/condition.ts';
import type { Expression } from '../sigma/expression.ts';
import { RuleError } from '../loading/rule-error.ts';
import type { RuleExpression } from './correlation-rule.ts';

const PATH = ['correlation', 'condition'];

const WORD = /[^\s()]+/g;
const OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'not']);

/** The rules that an expression names, in the order of their first appearance. */
export function rulesNamedIn(expression: string): string[] {
  return [...new Set(expression.match(WORD))].filter((word) => !OPERATORS.has(word.toLowerCase()));
}

/** Stands for a rule, where the grammar of conditions has a selection. */
const RULE: Expression = { kind: 'or', parts: [] };

/**
 * Reads an expression over rules: `and`, `or`, `not` and parentheses, as in the conditions of detection rules.
 * @param rules the references of the correlation; the expression names each of them and no other
 * @throws RuleError also where it would hold without any of the rules
 */
export function parseRuleExpression(expression: string, rules: readonly string[]): RuleExpression {
  const named = rulesNamedIn(expression);
  if (named.some((word) => word.toLowerCase() === 'of')) {
    throw new RuleError("condition: '1 of' and its like do not go with rules; name each with 'and', 'or', 'not'", PATH);
  }
  const unlisted = named.find((rule) => !rules.includes(rule));
  if (unlisted !== undefined)
    throw new RuleError(`condition: '${unlisted}' is not among the correlation's rules`, PATH);
  const unnamed = rules.find((rule) => !named.includes(rule));
  if (unnamed !== undefined)
    throw new RuleError(`condition: does not name '${unnamed}', one of the correlation's rules`, PATH);
  const read = toRules(parsed(expression, named));
  if (presentIn(read, () => false)) {
    throw new RuleError('condition: holds although no rule has matched; it needs a rule that must match', PATH);
  }
  return read;
}

function parsed(expression: string, named: readonly string[]): Expression {
  try {
    return parseConditions([expression], new Map(named.map((rule) => [rule, RULE])));
  } catch (error) {
    if (error instanceof ConditionError) throw new RuleError(`condition: ${error.message}`, PATH);
    throw error;
  }
}

function toRules(expression: Expression): RuleExpression {
  switch (expression.kind) {
    case 'and':
    case 'or': {
      const parts = expression.parts.map(toRules);
      const [only] = parts;
      return only !== undefined && parts.length === 1 ? only : { kind: expression.kind, parts };
    }
    case 'not':
      return { kind: 'not', part: toRules(expression.part) };
    case 'selection':
      return { kind: 'rule', rule: expression.name };
    default:
      throw new RuleError('condition: expected names of rules', PATH);
  }
}

/** The expression with each rule replaced. */
export function withRules(expression: RuleExpression, replace: (rule: string) => string): RuleExpression {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { kind: expression.kind, parts: expression.parts.map((part) => withRules(part, replace)) };
    case 'not':
      return { kind: 'not', part: withRules(expression.part, replace) };
    case 'rule':
      return { kind: 'rule', rule: replace(expression.rule) };
  }
}

/** Whether the expression is true of the rules that are present. */
export function presentIn(expression: RuleExpression, isPresent: (rule: string) => boolean): boolean {
  switch (expression.kind) {
    case 'and':
      return expression.parts.every((part) => presentIn(part, isPresent));
    case 'or':
      return expression.parts.some((part) => presentIn(part, isPresent));
    case 'not':
      return !presentIn(expression.part, isPresent);
    case 'rule':
      return isPresent(expression.rule);
  }
}
