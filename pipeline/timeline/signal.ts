/** How bad, as Sigma names it; in rising order in {@link LEVELS}. */
export type Level = 'informational' | 'low' | 'medium' | 'high' | 'critical';

export const LEVELS: readonly Level[] = ['informational', 'low', 'medium', 'high', 'critical'];

/** What the gating contract says to do: contain, notify an owner, or count. */
export type Decision = 'block' | 'warn' | 'monitor';

/** When what is only counted is decided anew: as soon as an alert stands for this many events. */
export interface Escalation {
  readonly count: number;
  readonly decision: Exclude<Decision, 'monitor'>;
}

/** What a signal or an alert carries of the rule that made it. */
export interface RuleSummary {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
}

/** One rule that fired on one event. Plain data: it travels with its event over the timeline hub. */
export interface Signal {
  readonly rule: RuleSummary;
  readonly decision: Decision;
  /** Of a rule whose decision is `monitor`. */
  readonly escalate?: Escalation | undefined;
  /** ATT&CK technique ids, such as `T1098.001`. */
  readonly techniques: readonly string[];
  /** Length of the rule's deduplication window, milliseconds. */
  readonly window: number;
  /** What signals of one alert have in common, by field name; always has `principal` unless the rule groups otherwise. */
  readonly group: Readonly<Record<string, string>>;
  /** The exception that suppresses it: it is kept, and raises no alert. */
  readonly suppressed?: { readonly exception: string } | undefined;
}
