import type { CorrelationRule } from '../correlation/correlation-rule.ts';
import type { Expression } from '../sigma/expression.ts';
import type { CompiledRule, Detection } from '../rule.ts';

/** A rule of any kind, as a backtest compares it. */
export type AnyRule = CompiledRule | CorrelationRule;

/** Of a rule, what bears on what it raises and how, each by a name for people; the texts that are for them, in `shown`. */
export interface Definition {
  readonly shown: ReadonlyMap<string, string>;
  /** What it detects, as text that is only compared. */
  readonly detection: string;
}

/** @param code of a rule in TypeScript */
export function definitionOf(rule: AnyRule, code = ''): Definition {
  const { title, level, decision, escalate, group, window, tags } = rule;
  const logsource = 'logsource' in rule ? rule.logsource : {};
  const shown = new Map([
    ['title', title],
    ['level', level],
    ['decision', escalate === undefined ? decision : `${decision}, ${escalate.decision} at ${escalate.count}`],
    ['group', group.join(', ')],
    ['window', `${window / 60_000} min`],
    ['logsource', [logsource.category, logsource.product, logsource.service].map((part) => part ?? '*').join('/')],
    ['tags', tags.join(', ')],
  ]);
  switch (rule.kind) {
    case 'sigma':
      return { shown, detection: detectionText(rule.detection) };
    case 'typescript':
      return { shown, detection: JSON.stringify([rule.classes, code]) };
    case 'correlation':
      return { shown, detection: correlationText(rule) };
  }
}

function correlationText({ type, rules, groupBy, aliases, timespan, condition, generate }: CorrelationRule): string {
  const fields = [...aliases].map(([alias, byRule]) => [alias, ...byRule]);
  return JSON.stringify([type, rules, groupBy, fields, timespan, condition, generate]);
}

/** The condition with the items of each selection that it names, once, as they are written. */
function detectionText({ condition }: Detection): string {
  const numbers = new Map<Expression, number>();
  const texts: unknown[] = [];
  const data = (expression: Expression): unknown => {
    switch (expression.kind) {
      case 'and':
      case 'or':
        return [expression.kind, ...expression.parts.map(data)];
      case 'not':
        return ['not', data(expression.part)];
      case 'selection': {
        const { part } = expression;
        const number = numbers.get(part) ?? numbers.size;
        if (!numbers.has(part)) {
          numbers.set(part, number);
          texts[number] = data(part);
        }
        return number;
      }
      case 'item':
        return [expression.key, expression.values];
      default:
        return expression.kind;
    }
  };
  return JSON.stringify([data(condition), texts]);
}
