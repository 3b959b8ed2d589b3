/** What an entity is. */
export type EntityKind =
  | 'user'
  | 'service-principal'
  | 'application'
  | 'managed-identity'
  | 'role'
  | 'role-session'
  | 'access-key'
  | 'session'
  | 'service-account'
  | 'account'
  | 'device'
  | 'ip'
  | 'resource'
  | 'vulnerability';

/** What an entity does in the event that names it. */
export type EntityPart = 'actor' | 'target' | 'origin' | 'credential';

/**
 * A thing with identity, as one event names it.
 * `key` is canonical: two events that mean the same thing by the same kind of id carry the same key. Keys are made only by
 * the functions of `entity-keys.ts`.
 */
export interface Entity {
  readonly kind: EntityKind;
  readonly key: string;
  readonly part: EntityPart;
  /** A name for people, as the record wrote it. */
  readonly label?: string | undefined;
}

/** No event names more entities than this; a record that lists more keeps them in its body only. */
export const MAX_ENTITIES = 24;
