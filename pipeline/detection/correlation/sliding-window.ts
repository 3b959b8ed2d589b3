import type { CorrelationRule } from './correlation-rule.ts';
import { MAX_TUPLES, measureOf, type WindowRule } from './measures.ts';
import type { CorrelatedEvent } from './point.ts';
import type { SlidingWindow } from './sliding-state.ts';

/** Whether a correlation is one of sliding windows: those of Sigma are. */
export function isWindowRule(correlation: CorrelationRule): correlation is WindowRule {
  return correlation.condition.kind === 'bounds' || correlation.condition.kind === 'expression';
}

/** What the groups of a correlation have in common. @param chained whether it takes what other correlations found */
export function windowOf<E extends CorrelatedEvent>(correlation: WindowRule, chained: boolean): SlidingWindow<E> {
  return {
    timespan: correlation.timespan,
    monotone: isMonotone(correlation),
    ordered: correlation.type === 'temporal_ordered',
    least: leastPoints(correlation),
    measure: () => measureOf<E>(correlation, chained),
    scratch: measureOf<E>(correlation, chained),
    from: -Infinity,
    decided: -Infinity,
  };
}

/**
 * Whether the condition, where it holds, still holds with points more. A sum counts as such, though numbers may be negative: the few
 * that are take back what was found, and need not delay all others.
 */
function isMonotone({ condition, type }: WindowRule): boolean {
  if (condition.kind === 'expression') return !hasNot(condition.expression);
  const grows = type !== 'value_avg' && type !== 'value_median' && type !== 'value_percentile';
  return grows && condition.bounds.every(({ operator }) => operator === 'gt' || operator === 'gte');
}

type Expression = Extract<WindowRule['condition'], { kind: 'expression' }>['expression'];

function hasNot(expression: Expression): boolean {
  if (expression.kind === 'not') return true;
  return expression.kind !== 'rule' && expression.parts.some(hasNot);
}

function leastPoints({ condition, type }: WindowRule): number {
  if (condition.kind === 'expression') return 1;
  const least = Math.max(
    1,
    ...condition.bounds.map(({ operator, number }) => {
      if (operator === 'gte' || operator === 'eq') return number;
      return operator === 'gt' ? number + 1 : 1;
    }),
  );
  if (type === 'event_count' || type === 'temporal' || type === 'temporal_ordered') return least;
  return type === 'value_count' ? Math.ceil(least / MAX_TUPLES) : 1;
}
