import type { BeforeAfter, RuleChange } from '../../pipeline/detection/backtest/compare.ts';
import type { Span } from './backtest.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How many a day so many are, by the span of the logs; undefined where that is less than an hour, which says nothing of a day. */
export function daily({ before, after }: BeforeAfter<number>, span: Span | undefined): BeforeAfter<number> | undefined {
  const length = span === undefined ? 0 : span.to - span.from;
  if (length < HOUR) return undefined;
  const perDay = (count: number): number => Math.round((count / length) * DAY * 10) / 10;
  return { before: perDay(before), after: perDay(after) };
}

/** What all rules together made of the logs. */
export function totalsOf(changes: readonly RuleChange[]) {
  const sum = (number: (change: RuleChange) => number): number =>
    changes.reduce((total, change) => total + number(change), 0);
  return {
    signals: {
      before: sum(({ signals }) => signals.before),
      after: sum(({ signals }) => signals.after),
      added: sum(({ signals }) => signals.added),
      gone: sum(({ signals }) => signals.gone),
    },
    alerts: {
      before: sum(({ alerts }) => alerts.before),
      after: sum(({ alerts }) => alerts.after),
      added: sum(({ added }) => added.length),
      gone: sum(({ gone }) => gone.length),
      changed: sum(({ changed }) => changed.length),
    },
  };
}
