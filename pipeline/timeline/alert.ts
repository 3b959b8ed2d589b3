import type { Decision, Escalation, Level, RuleSummary } from './signal.ts';

/** Signals of one rule and one deduplication key within one window of event time. */
export interface Alert {
  /** Deterministic: the same signals in any order and on any machine make the same alert. */
  readonly id: string;
  readonly rule: RuleSummary;
  readonly severity: Level;
  /** What is to be done by now: an alert that was only counted is decided anew when it has recurred often enough. */
  readonly decision: Decision;
  /** When that is, or was; of rules whose decision is `monitor`. */
  readonly escalate?: Escalation | undefined;
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
