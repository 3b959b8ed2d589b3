/** What can be weak about a resource, a directory or an account. */
export type PostureCondition =
  | 'storage-public'
  | 'network-open'
  | 'public-address'
  | 'logging-off'
  | 'federation-changed'
  | 'conditional-access-off'
  | 'protection-off';

/** A change that weakens the security of something, or that undoes such a change. Plain data: it travels with its event. */
export interface PostureChange {
  readonly condition: PostureCondition;
  /** Canonical key of what is weak; see `entity-keys.ts`. */
  readonly resource: string;
  /** Which of several like parts of the resource, such as the name of one rule of a network security group. */
  readonly part?: string | undefined;
  /** Another name of the part, by which later changes may mean it: the id that a rule was given when it was made. */
  readonly also?: string | undefined;
  /** True where the change creates the condition, false where it clears it. Without `part`, clearing clears all parts. */
  readonly weakened: boolean;
  /**
   * Where a source writes several rows for one operation. `requested`: what was asked for, which came about unless a row of the same operation
   * says `refused`, and that row changes nothing. Left out where the change is known to be done.
   */
  readonly stage?: 'requested' | 'refused' | undefined;
  /** In a few fixed words, what the change did: "lets every address in". Never holds text of a record. */
  readonly what: string;
}
