/** How much a finding matters: what must be put right, what should be, and what is only to be known. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a finding is about. */
export type FindingCode =
  /** A file, a rule, a filter or an exception that cannot be used. */
  | 'unusable'
  /** No record of its log source can make the rule fire. */
  | 'never-fires'
  /** Every record of its log source makes the rule fire. */
  | 'always-fires'
  /** A field that no record has, though the rule can fire without it. */
  | 'unknown-field'
  /** A selection that the condition does not name. */
  | 'unused-selection'
  /** The modifier `all` on a single value. */
  | 'all-of-one'
  /** A filter that excludes nothing, but keeps what it names. */
  | 'bare-filter'
  /** No source gives records of the rule's log source. */
  | 'no-source'
  /** A tag of ATT&CK that v19 does not have. */
  | 'attack-tag'
  /** What the project asks a rule to state, and it does not. */
  | 'statement'
  /** A rule without a firing or a silent test. */
  | 'test'
  /** An exception that suppresses too much, or nothing. */
  | 'exception';

/** Something that is wrong with a rule, a filter or an exception, or worth knowing of it. */
export interface Finding {
  readonly file: string;
  /** From 1; absent where the whole file is meant. */
  readonly line?: number | undefined;
  /** The id of the rule, filter or exception; absent where it cannot be used. */
  readonly rule?: string | undefined;
  readonly severity: Severity;
  readonly code: FindingCode;
  /** What is wrong and what to do. May quote the rule: make it printable before it is shown. */
  readonly message: string;
}
