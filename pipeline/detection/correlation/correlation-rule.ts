import type { RuleMetadata } from '../rule.ts';

/** What a correlation rule of Sigma measures; value_median is pySigma's. */
const SIGMA_TYPES = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'temporal',
  'temporal_ordered',
] as const;

/** The project's own, for what Sigma cannot say: what was never there before, what is missing, what differs from before. */
export const TYPED_KINDS = ['first_seen', 'impossible_travel', 'rate', 'absence', 'sequence'] as const;

export const CORRELATION_TYPES = [...SIGMA_TYPES, ...TYPED_KINDS] as const;

/** A type that looks at what a sliding window holds. */
export type WindowType = (typeof SIGMA_TYPES)[number];
export type CorrelationType = (typeof CORRELATION_TYPES)[number];
export type TypedKind = (typeof TYPED_KINDS)[number];

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

/** A condition of Sigma's: of what a sliding window holds. */
export type WindowCondition =
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

/**
 * A condition of the project's own types. Lengths of time are milliseconds; a group is known from its first match on, and anew where
 * none came for so long that nothing is remembered.
 */
export type TypedCondition =
  /** A value of the fields that the group did not have within the timespan before, once the group has been known for `learning`. */
  | { readonly kind: 'first_seen'; readonly fields: readonly string[]; readonly learning: number }
  /** Two places at least so many kilometres apart, one after the other, at more than so many kilometres an hour. */
  | { readonly kind: 'impossible_travel'; readonly speed: number; readonly distance: number }
  /**
   * In one bucket of the timespan's length, at least so many matches, and so many times what the busiest bucket had within `learning`
   * before, once the group has been known for that long.
   */
  | { readonly kind: 'rate'; readonly factor: number; readonly atLeast: number; readonly learning: number }
  /**
   * The first rule matches, and none of the others within the timespan before or after. With `learning`, one of the others must have
   * matched within that time before.
   */
  | { readonly kind: 'absence'; readonly direction: 'before' | 'after'; readonly learning?: number | undefined }
  /** All rules match in their order, each on another event, no two steps further apart than `gap`, in so many different sources. */
  | { readonly kind: 'sequence'; readonly gap?: number | undefined; readonly sources: number };

export type CorrelationCondition = WindowCondition | TypedCondition;

/** The fields whose values a condition looks at. */
export function fieldsOf(condition: CorrelationCondition): readonly string[] {
  return 'fields' in condition ? condition.fields : [];
}

/** A correlation rule, of Sigma or of the project's own types: what several matches of other rules mean together. */
export interface CorrelationRule extends Omit<RuleMetadata, 'logsource'> {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** The rules and correlations whose matches it takes, in the order written: ids, once resolved. */
  readonly rules: readonly string[];
  /** Fields, or aliases of fields, in whose values the matches of one window agree; none: all matches belong together. */
  readonly groupBy: readonly string[];
  /** Alias → rule (an id, once resolved) → the name of the field in that rule's events. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Length of the sliding window, or what the type makes of it; milliseconds. */
  readonly timespan: number;
  readonly condition: CorrelationCondition;
  /** Whether the rules that it names also raise signals of their own. */
  readonly generate: boolean;
}
