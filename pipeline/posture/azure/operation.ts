import type { JsonObject } from '../../../platform/json.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { PostureChange, PostureCondition } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';

/** What an operation of the Activity log does to the security of a resource. */
export interface Operation {
  readonly conditions: readonly PostureCondition[];
  /**
   * `request`: what it does stands in the body of the request, which the row of the start has and others need not repeat.
   * `result`: its name says what it does, and the row of the result that it was done.
   */
  readonly from: 'request' | 'result';
  /** Key of what the conditions are of. @param id of the resource that is written or deleted, in lower case */
  readonly resource: (id: string) => string;
  /** @param properties of the request's body, their names in lower case; none of a result */
  readonly changes: (id: string, properties: JsonObject) => readonly PostureChange[];
}

/** Operations by name, in lower case. */
export type Operations = Readonly<Record<string, Operation>>;

/** An operation of which the request says what it does. */
export const request = (
  conditions: readonly PostureCondition[],
  changes: Operation['changes'],
  resource: Operation['resource'] = armKey,
): Operation => ({ conditions, from: 'request', changes, resource });

/** An operation of which the name says what it does. */
export const result = (place: (id: string) => Place, does: 'weakens' | 'mends', what: string): Operation => ({
  conditions: [],
  from: 'result',
  changes: (id) => [does === 'weakens' ? weakens(place(id), what) : mends(place(id), what)],
  resource: armKey,
});

/** The deletion of a resource, with which its conditions end. */
export const deletion = (...conditions: readonly PostureCondition[]): Operation => ({
  conditions,
  from: 'result',
  changes: (id) => conditions.map((condition) => mends({ condition, resource: armKey(id) }, 'is deleted')),
  resource: armKey,
});

/** The id before the segment that names a kind of children, and the name behind it. */
export function split(id: string, segment: string): readonly [owner: string, name: string] {
  const at = id.lastIndexOf(`/${segment}/`);
  return at === -1 ? [id, ''] : [id.slice(0, at), id.slice(at + segment.length + 2)];
}

/** Key of what stands before the segment that names a kind of children. */
export const ownerBefore =
  (segment: string) =>
  (id: string): string =>
    armKey(split(id, segment)[0]);

/** Key of what a setting or lock is on: `/subscriptions/…/vaults/kv` of `/subscriptions/…/vaults/kv/providers/microsoft.insights/…`. */
export function extended(id: string, provider: string, segment: string): string {
  const [owner] = split(id, segment);
  const suffix = `/providers/${provider}`;
  return armKey(owner.length > suffix.length && owner.endsWith(suffix) ? owner.slice(0, -suffix.length) : owner);
}
