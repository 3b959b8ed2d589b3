import { boundedKey } from '../timeline/entity-keys.ts';
import type { PostureChange, PostureCondition } from '../timeline/posture-change.ts';

/** What is weak: its key, and which part of it. */
export interface Place {
  readonly condition: PostureCondition;
  /** Canonical key; cut where it is longer than keys may be. */
  readonly resource: string;
  readonly part?: string | undefined;
  readonly also?: string | undefined;
}

/** A change that makes something weak. @param what in a few fixed words, what it did */
export const weakens = (place: Place, what: string): PostureChange => ({ ...bounded(place), weakened: true, what });

/** A change that undoes such a change, of one part or, without `part`, of all. */
export const mends = (place: Place, what: string): PostureChange => ({ ...bounded(place), weakened: false, what });

/** So that a change is the same before it is written as JSON and after, and no name of a record makes it large. */
const bounded = ({ condition, resource, part, also }: Place): Place => ({
  condition,
  resource: boundedKey(resource),
  ...(part !== undefined && { part: boundedKey(part) }),
  ...(also !== undefined && { also: boundedKey(also) }),
});
