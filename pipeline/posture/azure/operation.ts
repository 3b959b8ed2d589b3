import type { JsonObject } from '../../../platform/json.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { PostureChange, PostureCondition } from '../../timeline/posture-change.ts';
import { mends, weakens, type Place } from '../change-of.ts';

/** What an operation of the Activity log does to the security of a resource. */
export type Operation = RequestedOperation | NamedOperation;

/** What it does stands in the body of the request, which the row of the start has and others need not repeat. */
interface RequestedOperation {
  readonly from: 'request';
  /** All that it can change, and the key of what: for rows that say that it failed. */
  readonly conditions: readonly PostureCondition[];
  readonly resource: (id: string) => string;
  /** @param id of the resource, in lower case; @param properties of the body, their names in lower case */
  readonly changes: (id: string, properties: JsonObject) => readonly PostureChange[];
}

/** Its name says what it does, and the row of the result that it was done. */
interface NamedOperation {
  readonly from: 'result';
  /** @param id of the resource, in lower case */
  readonly changes: (id: string) => readonly PostureChange[];
}

/** Operations by name, in lower case. */
export type Operations = Readonly<Record<string, Operation>>;

/** An operation of which the request says what it does. */
export const request = (
  conditions: readonly PostureCondition[],
  changes: RequestedOperation['changes'],
  resource: RequestedOperation['resource'] = armKey,
): Operation => ({ from: 'request', conditions, resource, changes });

/** An operation of which the name says what it does. */
export const result = (place: (id: string) => Place, does: 'weakens' | 'mends', what: string): Operation => ({
  from: 'result',
  changes: (id) => [does === 'weakens' ? weakens(place(id), what) : mends(place(id), what)],
});

/** The deletion of a resource, with which its conditions end. */
export const deletion = (...conditions: readonly PostureCondition[]): Operation => ({
  from: 'result',
  changes: (id) => conditions.map((condition) => mends({ condition, resource: armKey(id) }, 'is deleted')),
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
