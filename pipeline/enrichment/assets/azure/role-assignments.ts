import { textOf, type JsonObject } from '../../../../platform/json.ts';
import type { Grant } from '../../../timeline/asset.ts';
import { armKey, entraObjectKey, entraUserKey, servicePrincipalKey } from '../../../timeline/entity-keys.ts';
import { lastNameOf } from '../asset-key.ts';
import { textsIn } from '../json-lists.ts';

/** More rights than this are not kept. */
export const MOST_GRANTS = 500_000;

const MANAGEMENT_GROUP = /^\/providers\/microsoft\.management\/managementgroups\/([^/]+)$/i;

/**
 * Rights of role assignments. What holds for a management group, or for all, holds for each subscription in it: keys of resources do not say in
 * which group they are.
 * @param containers rows of subscriptions with the groups above them
 */
export function azureGrants(
  assignments: readonly JsonObject[],
  definitions: readonly JsonObject[],
  containers: readonly JsonObject[],
): Grant[] {
  const names = new Map(
    definitions.flatMap(({ id, roleName }) => {
      const [definition, name] = [textOf(id), textOf(roleName)];
      return definition === undefined || name === undefined ? [] : [[lastNameOf(definition).toLowerCase(), name]];
    }),
  );
  const groups = subscriptionsByGroup(containers);
  const grants: Grant[] = [];
  for (const { tenantId, principalId, principalType, role, scope } of assignments) {
    const [tenant, id, place] = [textOf(tenantId), textOf(principalId), textOf(scope)];
    if (tenant === undefined || id === undefined || place === undefined) continue;
    const principal = principalKey(textOf(principalType), tenant, id);
    const definition = lastNameOf(textOf(role) ?? '').toLowerCase();
    const group = place === '/' ? ROOT : MANAGEMENT_GROUP.exec(place)?.[1]?.toLowerCase();
    const scopes = group === undefined ? [armKey(place)] : (groups.get(group) ?? []);
    for (const each of scopes) grants.push({ principal, scope: each, role: names.get(definition) ?? definition });
    if (grants.length > MOST_GRANTS) break;
  }
  return grants.slice(0, MOST_GRANTS);
}

const ROOT = '/';

/** Keys of subscriptions by the name of each management group that they are in, and of all by the root. */
function subscriptionsByGroup(containers: readonly JsonObject[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>([[ROOT, []]]);
  for (const { id, type, ancestors } of containers) {
    const subscription = textOf(id);
    if (subscription === undefined || type !== 'microsoft.resources/subscriptions') continue;
    const above = textsIn(ancestors, 'name').map((name) => name.toLowerCase());
    for (const group of new Set([ROOT, ...above])) {
      const known = groups.get(group);
      if (known === undefined) groups.set(group, [armKey(subscription)]);
      else known.push(armKey(subscription));
    }
  }
  return groups;
}

function principalKey(type: string | undefined, tenant: string, id: string): string {
  switch (type?.toLowerCase()) {
    case 'user':
      return entraUserKey(tenant, id);
    case 'serviceprincipal':
      return servicePrincipalKey(tenant, id);
    default:
      return entraObjectKey(tenant, id);
  }
}
