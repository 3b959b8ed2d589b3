import type { BeforeAfter, RuleChange } from '../../pipeline/detection/backtest/compare.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import type { Alert } from '../../pipeline/timeline/alert.ts';
import { ALERT_COLUMNS, worstFirst } from '../scan/formats.ts';
import { printable, shownTime, styled, styledLevel, table, type Column } from '../terminal.ts';
import type { BacktestResult } from './backtest.ts';
import { daily, totalsOf } from './totals.ts';

type Write = (line: string) => void;

/** Of each kind of change, so many alerts are shown. */
const SHOWN = 20;
const MAX_ORIGIN = 60;

/** A table of the rules that differ, for people, and the alerts that do. */
export function tableBacktest(result: BacktestResult, write: Write): void {
  const differing = result.changes.filter(({ state }) => state !== 'same');
  const telling = differing.filter((change) => !isSilent(change));
  if (telling.length > 0) write(`${table(telling, ruleColumns(result))}\n`);
  const silent = differing.length - telling.length;
  if (silent > 0) {
    const rules = silent === 1 ? '1 rule that is new or removed makes' : `${silent} rules that are new or removed make`;
    write(`${rules} no signal of these logs.\n`);
  }
  const notes = differing.flatMap(notesOf);
  if (notes.length > 0) write(`${notes.join('\n')}\n`);
  const sections: [string, readonly Alert[], Column<Alert>[]][] = [
    ['Would be raised', differing.flatMap(({ added }) => added), []],
    ['Would no longer be raised', differing.flatMap(({ gone }) => gone), []],
    [
      'Would be raised otherwise',
      differing.flatMap(({ changed }) => changed.map(({ after }) => after)),
      [before(differing)],
    ],
  ];
  const example: Column<Alert> = { title: 'FOR EXAMPLE', cell: ({ id }) => shownOrigin(id, result), max: MAX_ORIGIN };
  for (const [title, alerts, columns] of sections) {
    if (alerts.length === 0) continue;
    const more = alerts.length > SHOWN ? `\nand ${alerts.length - SHOWN} more (--format ndjson names each)` : '';
    const shown = table(worstFirst(alerts).slice(0, SHOWN), [...ALERT_COLUMNS, ...columns, example]);
    write(`${styled('bold', `${title}:`)}\n${shown}${more}\n`);
  }
  write(summary(result));
}

/** Whether all that there is to say of a rule is that it came or went. */
const isSilent = ({ state, signals, suppressed, errors }: RuleChange): boolean =>
  (state === 'new' || state === 'removed') &&
  [signals, suppressed, errors].every(({ before: was, after }) => was + after === 0);

function ruleColumns({ span }: BacktestResult): Column<RuleChange>[] {
  const columns: Column<RuleChange>[] = [
    { title: 'CHANGE', cell: ({ state }) => state, whole: true },
    { title: 'LEVEL', cell: ({ rule }) => rule.level, style: ({ rule }, text) => styledLevel(rule.level, text) },
    { title: 'RULE', cell: ({ rule }) => rule.title, max: 70 },
    { title: 'SIGNALS', cell: ({ signals }) => fromTo(signals), right: true },
    { title: 'ALERTS', cell: ({ alerts }) => fromTo(alerts), right: true },
    { title: 'ADDED', cell: ({ added }) => (added.length === 0 ? '' : `+${added.length}`), right: true },
    { title: 'GONE', cell: ({ gone }) => (gone.length === 0 ? '' : `-${gone.length}`), right: true },
  ];
  if (daily({ before: 0, after: 0 }, span) === undefined) return columns;
  return [...columns, { title: 'A DAY', cell: ({ alerts }) => fromTo(daily(alerts, span)), right: true }];
}

const fromTo = (numbers: BeforeAfter<number> | undefined): string =>
  numbers === undefined || numbers.before === numbers.after
    ? String(numbers?.after ?? '')
    : `${numbers.before} → ${numbers.after}`;

/** What a rule says otherwise than before, what exceptions suppress of it, and what failed. */
function notesOf({ rule, changes, suppressed, errors }: RuleChange): string[] {
  const said = changes.map(({ what, before: was, after }) =>
    after === undefined ? what : `${what} ${was ?? ''} → ${after}`,
  );
  const notes = [
    ...(said.length === 0 ? [] : [`changed in ${said.join('; ')}`]),
    ...(suppressed.before === suppressed.after ? [] : [`signals suppressed by exceptions ${fromTo(suppressed)}`]),
    ...(errors.before + errors.after === 0 ? [] : [`failed on records: ${fromTo(errors)}`]),
  ];
  return notes.map((note) => `${styled('bold', printable(rule.title))}: ${printable(note)}`);
}

function before(changes: readonly RuleChange[]): Column<Alert> {
  const earlier = new Map(changes.flatMap(({ changed }) => changed.map((both) => [both.after.id, both.before])));
  const shown = ({ severity, decision, count }: Alert): string =>
    `${severity}, ${decision}, ${count} ${count === 1 ? 'event' : 'events'}`;
  return {
    title: 'BEFORE',
    cell: ({ id }) => {
      const alert = earlier.get(id);
      return alert === undefined ? '' : shown(alert);
    },
  };
}

function shownOrigin(alertId: string, { originOf }: BacktestResult): string {
  const origin = originOf(alertId);
  const text = origin === undefined ? '' : `${origin.file} record ${origin.record}`;
  // What tells places apart stands at the end.
  return text.length <= MAX_ORIGIN ? text : `…${text.slice(1 - MAX_ORIGIN)}`;
}

const ruleCount = ({ rules, correlations }: RuleSet): number => rules.length + correlations.length;

function summary({ changes, counts, span, rules, seconds }: BacktestResult): string {
  const { alerts } = totalsOf(changes);
  const same = changes.filter(({ state }) => state === 'same').length;
  const days = daily(alerts, span);
  const spanned = span === undefined ? '' : `, from ${shownTime(span.from)} to ${shownTime(span.to)} UTC`;
  return [
    `${counts.records} records, ${counts.events} events, ${counts.rejected} rejected${spanned}; ${seconds.toFixed(1)} s`,
    `${ruleCount(rules.before)} rules before, ${ruleCount(rules.after)} after, ${same} of them the same`,
    styled(
      'bold',
      `alerts ${fromTo(alerts)}: ${alerts.added} added, ${alerts.gone} gone, ${alerts.changed} raised otherwise`,
    ) + (days === undefined ? '' : `; about ${fromTo(days)} a day`),
  ].join('\n');
}
