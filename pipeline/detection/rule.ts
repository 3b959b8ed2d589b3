import type { LogSource, ReadRecord } from '../timeline/read-record.ts';
import type { Decision, Escalation, RuleSummary } from '../timeline/signal.ts';
import type { Expression } from './sigma/expression.ts';

/** What a rule says of itself, beside what it detects. */
export interface RuleMetadata extends RuleSummary {
  /** By which correlation rules and filters may name it, beside its id. */
  readonly name?: string | undefined;
  readonly description: string;
  readonly tags: readonly string[];
  /** ATT&CK techniques from the tags, as ids of v19, such as `T1098.001`. */
  readonly techniques: readonly string[];
  readonly falsepositives: readonly string[];
  readonly logsource: LogSource;
  readonly decision: Decision;
  /** When recurrence within the window is decided anew; only where the decision is `monitor`. */
  readonly escalate?: Escalation | undefined;
  /** The team that answers for what the rule raises. */
  readonly owner?: string | undefined;
  /** What signals of one alert have in common: `principal`, or field paths of the record. */
  readonly group: readonly string[];
  /** Length of the deduplication window, milliseconds. */
  readonly window: number;
  /** The file that the rule was read from, as it was named to the loader. */
  readonly file: string;
  /** The line of that file at which the rule's document begins, from 1. */
  readonly line: number;
}

/** The `detection` of a Sigma rule. */
export interface Detection {
  /** By name, in the order in which they were written. */
  readonly selections: ReadonlyMap<string, Expression>;
  /** The condition with the selections put in place; with filters, what they leave of it. */
  readonly condition: Expression;
  /** The condition as written; of several, one must hold. */
  readonly written: readonly string[];
}

/** A rule in Sigma, ready to match. */
export interface SigmaRule extends RuleMetadata {
  readonly kind: 'sigma';
  readonly detection: Detection;
  /**
   * Whether the rule by itself fires on a record, whatever the record's log source. Does not change the record; bounded in depth
   * and linear in the record's size.
   */
  readonly matches: (record: ReadRecord) => boolean;
}

/** A rule in TypeScript, ready to match. */
export interface TypeScriptRule extends RuleMetadata {
  readonly kind: 'typescript';
  /** The OCSF classes (`class_uid`) whose events it reads; none: all. */
  readonly classes: readonly number[];
  readonly matches: (record: ReadRecord) => boolean;
  /** The deduplication key of what it fires on, where the rule makes its own. */
  readonly key?: ((record: ReadRecord) => string) | undefined;
}

export type CompiledRule = SigmaRule | TypeScriptRule;

/** A rule, an exception, or a whole file of them, that cannot be used. */
export interface RejectedRule {
  /** Absent for rules. */
  readonly kind?: 'exception' | undefined;
  readonly file: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number | undefined;
  /** What was wrong, where, and what to do. */
  readonly reason: string;
}
