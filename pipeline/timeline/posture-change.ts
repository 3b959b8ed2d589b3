/** What can be weak about a resource, a directory or an account. */
export type PostureCondition =
  | 'storage-public'
  | 'network-open'
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
  /** True where the change creates the condition, false where it clears it. Without `part`, clearing clears all parts. */
  readonly weakened: boolean;
  /** In a few fixed words, what the change did: "lets every address in". Never holds text of a record. */
  readonly what: string;
}
