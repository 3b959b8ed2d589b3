import type { Decision, Level, RuleSummary } from './signal.ts';

/** Signals of one rule and one deduplication key within one window of event time. */
export interface Alert {
  /** Deterministic: the same signals in any order and on any machine make the same alert. */
  readonly id: string;
  readonly rule: RuleSummary;
  readonly severity: Level;
  readonly decision: Decision;
  readonly techniques: readonly string[];
  /** Principals of its events, in order of key; at most the first fifty. */
  readonly principals: readonly string[];
  readonly group: Readonly<Record<string, string>>;
  /** How many events it stands for. */
  readonly count: number;
  /** Event time of the earliest and of the latest event: milliseconds since 1970-01-01T00:00:00Z. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** An alert as it is kept, and whether a person has been told of it. */
export interface KeptAlert extends Alert {
  readonly notified: boolean;
}
