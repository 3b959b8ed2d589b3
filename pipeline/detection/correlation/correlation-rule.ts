import type { RuleMetadata } from '../rule.ts';

/** What a correlation rule measures; value_median is pySigma's, the others are Sigma's. */
export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
] as const;

export type CorrelationType = (typeof CORRELATION_TYPES)[number];

/** How a measured number compares with the number of the rule. */
export const BOUND_OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;

/** One line of a condition, such as `gte: 10`. */
export interface Bound {
  readonly operator: (typeof BOUND_OPERATORS)[number];
  readonly number: number;
}

/** Which rules a window must hold, and which not. */
export type RuleExpression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly RuleExpression[] }
  | { readonly kind: 'not'; readonly part: RuleExpression }
  /** The window holds a match of the rule: a reference as written, an id once it is resolved. */
  | { readonly kind: 'rule'; readonly rule: string };

export type CorrelationCondition =
  /** What is measured in a window is within all bounds. */
  | {
      readonly kind: 'bounds';
      readonly bounds: readonly Bound[];
      /** Whose values are measured: of several, their tuples; none where events or rules are counted. */
      readonly fields: readonly string[];
      /** Which percentile of the values, 0 to 100, for `value_percentile`. */
      readonly percentile?: number | undefined;
    }
  | { readonly kind: 'expression'; readonly expression: RuleExpression };

/** A Sigma correlation rule: what several matches of other rules mean together. */
export interface CorrelationRule extends Omit<RuleMetadata, 'logsource'> {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** The rules and correlations whose matches it takes, in the order written: ids, once resolved. */
  readonly rules: readonly string[];
  /** Fields, or aliases of fields, in whose values the matches of one window agree; none: all matches belong together. */
  readonly groupBy: readonly string[];
  /** Alias → rule (an id, once resolved) → the name of the field in that rule's events. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Length of the sliding window, milliseconds. */
  readonly timespan: number;
  readonly condition: CorrelationCondition;
  /** Whether the rules that it names also raise signals of their own. */
  readonly generate: boolean;
}
