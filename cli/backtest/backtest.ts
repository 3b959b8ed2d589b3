import { performance } from 'node:perf_hooks';
import {
  compare,
  Tallies,
  type BeforeAfter,
  type Outcome,
  type RuleChange,
} from '../../pipeline/detection/backtest/compare.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import type { Matcher } from '../../pipeline/read-body.ts';
import type { Source } from '../../pipeline/sources/source.ts';
import type { Signal } from '../../pipeline/timeline/signal.ts';
import { Findings } from '../scan/findings.ts';
import { readFile, type Place } from '../scan/read-file.ts';
import type { ScanCounts } from '../scan/scan.ts';

/** Of each alert this many events are remembered, so that memory grows with the alerts, not with the logs. */
const MAX_EVENTS = 1000;

/** Both sets match what was read. */
const NO_RULES: Matcher = { match: () => [] };

/** Event times, milliseconds since 1970-01-01T00:00:00Z. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface BacktestResult {
  readonly changes: readonly RuleChange[];
  readonly rules: BeforeAfter<RuleSet>;
  readonly counts: { readonly records: number; readonly events: number; readonly rejected: number };
  /** Of the events in the logs; undefined where none says when it happened. */
  readonly span: Span | undefined;
  readonly originOf: (alertId: string) => Place | undefined;
  /** Files that could not be opened or read to their end; what was read of them counts. */
  readonly unreadable: readonly string[];
  readonly seconds: number;
}

export interface BacktestOptions {
  readonly source?: Source | undefined;
  /** The text of rules in TypeScript, by file. */
  readonly code?: ReadonlyMap<string, string>;
  readonly progress?: (file: string, counts: Readonly<ScanCounts>) => void;
}

/**
 * Reads files once, matches two sets of rules, and compares what each would have raised. A record met twice counts once, within the
 * first thousand events of an alert. Correlation rules are evaluated over all that was read, as in a scan.
 */
export async function backtest(
  files: readonly string[],
  rules: BeforeAfter<RuleSet>,
  { source, code = new Map(), progress }: BacktestOptions = {},
): Promise<BacktestResult> {
  const started = performance.now();
  const before = new Side(rules.before, code);
  const after = new Side(rules.after, code);
  const counts: ScanCounts = { records: 0, events: 0, rejected: 0, signals: 0, suppressed: 0, alerts: 0, incidents: 0 };
  const unreadable: string[] = [];
  let span: Span | undefined;
  for (const file of files) {
    for await (const piece of readFile(file, NO_RULES, source)) {
      for (const { read, event, place } of piece.accepted) {
        const earlier = before.findings.take(read, rules.before.match(read), event, place);
        const later = after.findings.take(read, rules.after.match(read), event, place);
        for (const signal of earlier) before.tallies.count(signal, later);
        for (const signal of later) after.tallies.count(signal, earlier);
        counts.signals += later.length;
        span = withTime(span, event.time);
      }
      counts.events += piece.accepted.length;
      counts.rejected += piece.rejected.length;
      counts.records += piece.records;
      if (piece.unreadable) unreadable.push(file);
      progress?.(file, counts);
    }
  }
  countCorrelated(before, after);
  return {
    changes: compare(before.outcome(), after.outcome()),
    rules,
    counts,
    span,
    originOf: (alertId) => after.findings.originOf(alertId) ?? before.findings.originOf(alertId),
    unreadable,
    seconds: (performance.now() - started) / 1000,
  };
}

/** What one of the two sets of rules makes of the logs. */
class Side {
  readonly findings: Findings;
  readonly tallies = new Tallies();
  readonly #rules: RuleSet;
  readonly #code: ReadonlyMap<string, string>;

  constructor(rules: RuleSet, code: ReadonlyMap<string, string>) {
    this.findings = new Findings(rules, MAX_EVENTS);
    this.#rules = rules;
    this.#code = code;
  }

  outcome(): Outcome {
    const { rules, correlations, errors } = this.#rules;
    return {
      rules: [...rules, ...correlations],
      code: this.#code,
      tallies: this.tallies.byRule,
      errors: new Map([...errors].map(([id, { count }]) => [id, count])),
      alerts: this.findings.alerts(),
    };
  }
}

/** Counts the signals of correlations: those of one rule, time and group are the same in both sets. */
function countCorrelated(before: Side, after: Side): void {
  const earlier = correlatedIn(before);
  const later = correlatedIn(after);
  for (const [key, signal] of earlier) before.tallies.count(signal, later.has(key) ? [signal] : []);
  for (const [key, signal] of later) after.tallies.count(signal, earlier.has(key) ? [signal] : []);
}

function correlatedIn({ findings }: Side): ReadonlyMap<string, Signal> {
  return new Map(
    findings.finish().map(({ signal, time }) => [JSON.stringify([signal.rule.id, time, signal.group]), signal]),
  );
}

/** A record that says no time counts as of 1970, which is none. */
function withTime(span: Span | undefined, time: number): Span | undefined {
  if (time <= 0) return span;
  if (span === undefined) return { from: time, to: time };
  return time < span.from || time > span.to ? { from: Math.min(span.from, time), to: Math.max(span.to, time) } : span;
}
