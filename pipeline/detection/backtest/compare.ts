import type { Alert } from '../../timeline/alert.ts';
import type { RuleSummary, Signal } from '../../timeline/signal.ts';
import { definitionOf, type AnyRule } from './definition.ts';

/** What one set of rules made of the logs. */
export interface Outcome {
  readonly rules: readonly AnyRule[];
  /** The text of rules in TypeScript, by file. */
  readonly code: ReadonlyMap<string, string>;
  readonly tallies: ReadonlyMap<string, Tally>;
  /** How often the evaluation of a rule failed, by its id. */
  readonly errors: ReadonlyMap<string, number>;
  readonly alerts: readonly Alert[];
}

/** The signals of one rule, each event once. */
export interface Tally {
  readonly signals: number;
  /** Of these, those on events on which the rule of the same id in the other set makes none. */
  readonly alone: number;
  /** Those that an exception suppresses, which are not among the others. */
  readonly suppressed: number;
}

/** Counts the signals of a set of rules. */
export class Tallies {
  readonly #counts = new Map<string, { signals: number; alone: number; suppressed: number }>();

  /** @param others the signals of the other set on the same event */
  count({ rule, suppressed }: Signal, others: readonly Signal[]): void {
    const counts = this.#counts.get(rule.id) ?? { signals: 0, alone: 0, suppressed: 0 };
    this.#counts.set(rule.id, counts);
    if (suppressed !== undefined) counts.suppressed += 1;
    else {
      counts.signals += 1;
      if (!others.some((other) => other.rule.id === rule.id && other.suppressed === undefined)) counts.alone += 1;
    }
  }

  get byRule(): ReadonlyMap<string, Tally> {
    return this.#counts;
  }
}

export interface BeforeAfter<T> {
  readonly before: T;
  readonly after: T;
}

/** `changed`: it says something else than before, or it makes something else of the logs. */
export type RuleState = 'new' | 'changed' | 'removed' | 'same';

export const RULE_STATES: readonly RuleState[] = ['new', 'changed', 'removed', 'same'];

/** How a rule, and what it makes of the logs, differs between two sets of rules. */
export interface RuleChange {
  /** As it is after the change, or was before it was removed. */
  readonly rule: RuleSummary;
  readonly state: RuleState;
  /** What it says otherwise than before; the texts are missing where they would say nothing to people. */
  readonly changes: readonly ({ readonly what: string } & Partial<BeforeAfter<string>>)[];
  readonly signals: BeforeAfter<number> & { readonly added: number; readonly gone: number };
  readonly suppressed: BeforeAfter<number>;
  readonly errors: BeforeAfter<number>;
  /** How many alerts. */
  readonly alerts: BeforeAfter<number>;
  /** Alerts that only the later set raises, and those that only the earlier one raised. */
  readonly added: readonly Alert[];
  readonly gone: readonly Alert[];
  /** Alerts that both raise, with another severity, decision or number of events. */
  readonly changed: readonly BeforeAfter<Alert>[];
}

/** Compares what two sets of rules made of the same logs, rule by rule: new ones first, then changed, removed and same. */
export function compare(before: Outcome, after: Outcome): RuleChange[] {
  const sides = { before: sideOf(before), after: sideOf(after) };
  const ids = new Set([...sides.after.rules.keys(), ...sides.before.rules.keys()]);
  return [...ids]
    .flatMap((id) => changeOf(id, sides))
    .sort(
      (one, other) => RULE_STATES.indexOf(one.state) - RULE_STATES.indexOf(other.state) || weight(other) - weight(one),
    );
}

/** What a person should look at first. */
const weight = ({ added, gone, changed }: RuleChange): number => added.length + gone.length + changed.length;

/** One of the two outcomes, by rule id. */
interface Side extends Pick<Outcome, 'code' | 'tallies' | 'errors'> {
  readonly rules: ReadonlyMap<string, AnyRule>;
  /** By rule id, then by their own. */
  readonly alerts: ReadonlyMap<string, ReadonlyMap<string, Alert>>;
}

function sideOf(outcome: Outcome): Side {
  const alerts = new Map<string, Map<string, Alert>>();
  for (const alert of outcome.alerts) {
    const known = alerts.get(alert.rule.id);
    if (known === undefined) alerts.set(alert.rule.id, new Map([[alert.id, alert]]));
    else known.set(alert.id, alert);
  }
  return { ...outcome, alerts, rules: new Map(outcome.rules.map((rule) => [rule.id, rule])) };
}

const NO_ALERTS: ReadonlyMap<string, Alert> = new Map();

function changeOf(id: string, { before, after }: BeforeAfter<Side>): RuleChange[] {
  const [earlier, later] = [before.rules.get(id), after.rules.get(id)];
  const rule = later ?? earlier;
  if (rule === undefined) return [];
  const [raised, raising] = [before.alerts.get(id) ?? NO_ALERTS, after.alerts.get(id) ?? NO_ALERTS];
  const changes = earlier && later ? changesOf(earlier, later, { before, after }) : [];
  const outcome = {
    ...talliesOf(id, before, after),
    errors: { before: before.errors.get(id) ?? 0, after: after.errors.get(id) ?? 0 },
    alerts: { before: raised.size, after: raising.size },
    added: [...raising.values()].filter((alert) => !raised.has(alert.id)),
    gone: [...raised.values()].filter((alert) => !raising.has(alert.id)),
    changed: [...raised.values()].flatMap((alert) => differing(alert, raising.get(alert.id))),
  };
  const common = changes.length === 0 && isSame(outcome) ? 'same' : 'changed';
  const state = earlier === undefined ? 'new' : later === undefined ? 'removed' : common;
  return [{ rule: { id, title: rule.title, level: rule.level }, state, changes, ...outcome }];
}

const NONE: Tally = { signals: 0, alone: 0, suppressed: 0 };

function talliesOf(id: string, before: Side, after: Side): Pick<RuleChange, 'signals' | 'suppressed'> {
  const [was, is] = [before.tallies.get(id) ?? NONE, after.tallies.get(id) ?? NONE];
  return {
    signals: { before: was.signals, after: is.signals, added: is.alone, gone: was.alone },
    suppressed: { before: was.suppressed, after: is.suppressed },
  };
}

function differing(before: Alert, after: Alert | undefined): BeforeAfter<Alert>[] {
  if (after === undefined) return [];
  const same = before.severity === after.severity && before.decision === after.decision && before.count === after.count;
  return same ? [] : [{ before, after }];
}

function changesOf(earlier: AnyRule, later: AnyRule, { before, after }: BeforeAfter<Side>): RuleChange['changes'] {
  const was = definitionOf(earlier, before.code.get(earlier.file));
  const is = definitionOf(later, after.code.get(later.file));
  const changes = [...is.shown].flatMap(([what, text]) => {
    const other = was.shown.get(what) ?? '';
    return other === text ? [] : [{ what, before: other, after: text }];
  });
  return was.detection === is.detection ? changes : [...changes, { what: 'detection' }];
}

type MadeOfLogs = Omit<RuleChange, 'rule' | 'state' | 'changes'>;

function isSame({ signals, suppressed, added, gone, changed }: MadeOfLogs): boolean {
  const alerts = added.length + gone.length + changed.length;
  return alerts === 0 && signals.added + signals.gone === 0 && suppressed.before === suppressed.after;
}
