import type { JsonObject } from '../../platform/json.ts';
import type { LogSource } from '../timeline/read-record.ts';
import type { Decision, RuleSummary } from '../timeline/signal.ts';

/** What a rule says of itself, beside what it detects. */
export interface RuleMetadata extends RuleSummary {
  readonly description: string;
  readonly tags: readonly string[];
  /** ATT&CK technique ids from the tags, such as `T1098.001`. */
  readonly techniques: readonly string[];
  readonly falsepositives: readonly string[];
  readonly logsource: LogSource;
  readonly decision: Decision;
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

/**
 * Literals without which a rule cannot fire: on every record on which it fires, at least one of the fields holds a value that
 * folds to one of that field's literals. Keyed by field path.
 */
export type RequiredLiterals = ReadonlyMap<string, ReadonlySet<string>>;

/** A rule ready to match. */
export interface CompiledRule extends RuleMetadata {
  /**
   * Whether the rule fires on a record's fields, whatever the record's log source. Does not change the record; bounded in depth
   * and linear in the record's size.
   */
  readonly matches: (fields: JsonObject) => boolean;
  /** Ways to rule the rule out, each sufficient; empty where there is none. */
  readonly required: readonly RequiredLiterals[];
}

/** A rule, or a whole file, that cannot be used. */
export interface RejectedRule {
  readonly file: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number | undefined;
  /** What was wrong, where, and what to do. */
  readonly reason: string;
}
