import type { LogSource } from '../../timeline/read-record.ts';
import type { RuleSummary } from '../../timeline/signal.ts';
import type { CorrelationType } from '../correlation/correlation-rule.ts';

/**
 * Why a rule fires on a record, or does not. Plain data, and bounded whatever the rule and the record hold: texts are cut, and of
 * long lists the beginning is kept. The texts are the rule's and the record's own: make them printable before they are shown.
 */
export type Explanation = SigmaExplanation | TypeScriptExplanation | FailedExplanation;

interface RuleExplanation {
  readonly rule: RuleSummary & { readonly file: string; readonly line: number };
  readonly logsource: {
    readonly wanted: LogSource;
    readonly found: LogSource;
    /** Whether the rule sees the record at all. */
    readonly applies: boolean;
  };
  /** Whether the rule fires: its log source applies, and it matches. */
  readonly fires: boolean;
}

/** Whether a record takes part in a correlation: which of its rules fire on it. Whether the correlation fires, no single record says. */
export interface CorrelationExplanation {
  readonly kind: 'correlation';
  readonly rule: RuleExplanation['rule'];
  readonly type: CorrelationType;
  /** Milliseconds. */
  readonly timespan: number;
  readonly groupBy: readonly string[];
  /** Whether one of its rules fires, or one that these are built on. */
  readonly fires: boolean;
  /** Those that fire first. */
  readonly rules: Excerpt<CorrelatedExplanation>;
}

/** A rule that a correlation names. */
export interface CorrelatedExplanation {
  readonly explanation: Explanation | CorrelationExplanation;
  /** By what the correlation groups matches of the rule; of a correlation, nothing. */
  readonly group: readonly GroupValue[];
}

export interface GroupValue {
  /** As the correlation names it, and the field of the rule's records for which that stands. */
  readonly name: string;
  readonly field: string;
  readonly values: Excerpt<ShownValue>;
}

export interface SigmaExplanation extends RuleExplanation, DetectionExplanation {
  readonly kind: 'sigma';
}

export interface TypeScriptExplanation extends RuleExplanation {
  readonly kind: 'typescript';
  /** The OCSF classes that the rule reads (none: all), and the event's. */
  readonly classes: { readonly wanted: readonly number[]; readonly found: number; readonly applies: boolean };
  /** What the rule says of the event; undefined where it is not asked. */
  readonly matched: boolean | undefined;
  /** The deduplication key that the rule makes of an event on which it fires, or why it cannot: then it groups as rules do that make none. */
  readonly key?: string | undefined;
  readonly keyError?: string | undefined;
}

/** A rule whose evaluation failed, and which therefore does not fire. */
export interface FailedExplanation extends RuleExplanation {
  readonly kind: 'failed';
  readonly error: string;
}

/** What the `detection` of a rule, or of what is written like one, makes of a record. */
export interface DetectionExplanation {
  readonly matched: boolean;
  /** The condition as written; of several, one must hold. */
  readonly written: readonly string[];
  readonly condition: ConditionPart;
  /** Those that the condition names, then the others. */
  readonly selections: readonly SelectionExplanation[];
  /** Where it does not match: the selections for which it does not. */
  readonly reasons: readonly Reason[];
}

export interface SelectionExplanation {
  readonly name: string;
  readonly matched: boolean;
  /** Whether the condition names it. */
  readonly used: boolean;
  readonly part: SelectionPart;
}

/** A selection that the condition needed otherwise than it is, and those of its items that made it so. */
export interface Reason {
  readonly selection: string;
  readonly matched: boolean;
  /** Items as written, such as `eventName|contains`; empty text: a keyword. */
  readonly items: readonly string[];
}

/** `not`, `and` and `or` over ends, each with what came of it. */
export type Tree<End> = Junction<End> | Negation<End> | End;

export interface Junction<End> {
  readonly kind: 'and' | 'or';
  readonly matched: boolean;
  readonly parts: readonly Tree<End>[];
  /** How many parts are left out; those that are kept decide. */
  readonly more: number;
}

export interface Negation<End> {
  readonly kind: 'not';
  readonly matched: boolean;
  readonly part: Tree<End>;
}

/** A selection, where the condition names it. */
export interface NamedSelection {
  readonly kind: 'selection';
  readonly matched: boolean;
  readonly name: string;
}

export type ConditionPart = Tree<NamedSelection>;
export type SelectionPart = Tree<ItemExplanation>;

/** One line of a selection, or a keyword. */
export interface ItemExplanation {
  readonly kind: 'item';
  readonly matched: boolean;
  /** As the rule spells it; empty for keywords, which are looked for in the whole record. */
  readonly field: string;
  readonly modifiers: readonly string[];
  /** The paths of the record that the field stands for. */
  readonly paths: readonly string[];
  /** Whether the record has anything at one of the paths, be it null or an empty list. */
  readonly present: boolean;
  /** The values of the rule, those first that match. */
  readonly wanted: Excerpt<WantedValue>;
  /** The values of the record, those first that match; of the record as a whole, only those. */
  readonly found: Excerpt<FoundValue>;
  /** The values of the field that `fieldref` names. */
  readonly compared?: Excerpt<FoundValue> | undefined;
  /** What the record may say instead, where its source writes the same thing in other fields. */
  readonly instead?: SelectionPart | undefined;
}

/** The beginning of a list, and how many values follow. */
export interface Excerpt<T> {
  readonly values: readonly T[];
  readonly more: number;
}

export interface ShownValue {
  /** Text that is too long is cut; an object is its compact JSON. */
  readonly value: string | number | boolean | null;
  /** How many characters the whole text has, where it is cut. */
  readonly length?: number | undefined;
}

export interface WantedValue extends ShownValue {
  /** Whether the record has what this value alone asks for; undefined where there were too many values to try each. */
  readonly matched: boolean | undefined;
  /** Where it was found. */
  readonly place?: string | undefined;
}

export interface FoundValue extends ShownValue {
  /** Where it stands, such as `properties.targetResources[1].displayName`. */
  readonly place: string;
  readonly kind: 'value' | 'key' | 'object';
  readonly matched: boolean;
  /** The text within an object that matched. */
  readonly within?: (ShownValue & { readonly place: string }) | undefined;
}
