import { RULE_STATES } from '../../pipeline/detection/backtest/compare.ts';
import type { Alert } from '../../pipeline/timeline/alert.ts';
import { rejectedRules } from '../rule-reports.ts';
import type { BacktestResult } from './backtest.ts';
import { daily, totalsOf } from './totals.ts';

type Write = (line: string) => void;

/** One JSON object a line, for machines: each rule that is not the same, its alerts that differ, then one summary. */
export function ndjsonBacktest(result: BacktestResult, write: Write): void {
  const line = (value: object) => write(JSON.stringify(value));
  const { changes, counts, span, seconds, rules } = result;
  for (const change of changes) {
    const { added, gone, changed, alerts, ...rest } = change;
    if (change.state === 'same') continue;
    const numbers = { ...alerts, added: added.length, gone: gone.length, changed: changed.length };
    line({ type: 'rule', ...rest, alerts: { ...numbers, perDay: daily(alerts, span) } });
    for (const alert of added) line({ type: 'alert', change: 'added', ...alertOf(alert, result) });
    for (const alert of gone) line({ type: 'alert', change: 'gone', ...alertOf(alert, result) });
    for (const { before, after } of changed) {
      const { severity, decision, count } = before;
      line({ type: 'alert', change: 'changed', ...alertOf(after, result), before: { severity, decision, count } });
    }
  }
  const totals = totalsOf(changes);
  line({
    type: 'summary',
    records: counts.records,
    events: counts.events,
    rejected: counts.rejected,
    rules: {
      ...Object.fromEntries(RULE_STATES.map((state) => [state, changes.filter((one) => one.state === state).length])),
      rejected: { before: rejectedRules(rules.before).length, after: rejectedRules(rules.after).length },
    },
    signals: totals.signals,
    alerts: { ...totals.alerts, perDay: daily(totals.alerts, span) },
    span: span && { from: isoTime(span.from), to: isoTime(span.to) },
    seconds: Math.round(seconds * 1000) / 1000,
  });
}

const isoTime = (time: number): string => new Date(time).toISOString();

function alertOf(alert: Alert, { originOf }: BacktestResult) {
  const { id, rule, severity, decision, principals, techniques, group, count } = alert;
  const [firstSeen, lastSeen] = [isoTime(alert.firstSeen), isoTime(alert.lastSeen)];
  return {
    id,
    rule,
    severity,
    decision,
    principals,
    techniques,
    group,
    count,
    firstSeen,
    lastSeen,
    origin: originOf(id),
  };
}
