import { z } from 'zod';
import type { JsonObject } from '../../../platform/json.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { guidParameter } from '../../contract/parameters.ts';
import { bringAbout, unlessGone } from '../bring-about.ts';
import { graphClient, type GraphClient } from '../graph-client.ts';
import { servicePrincipalParameter, tenantParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import { Resources } from '../resources.ts';
import {
  getServicePrincipal,
  servicePrincipalSubject,
  servicePrincipalTarget,
  tokensLeft,
} from '../service-principals.ts';
import { tenantOf } from '../tenant.ts';
import { guidOf, notTooMany, storedGuid, storedState } from '../values.ts';

const parameters = z.strictObject({
  tenant: tenantParameter,
  servicePrincipal: servicePrincipalParameter,
  roles: z
    .array(guidParameter)
    .min(1)
    .max(100)
    .optional()
    .describe('Ids of the application permissions (app roles) to remove; all unless told.'),
});

/** An assignment by what it assigns: its own id is another one each time it is made. */
const state = z.object({ principalId: storedGuid, resourceId: storedGuid, appRoleId: storedGuid });
type Assignment = z.infer<typeof state>;

const NEEDS = 'AppRoleAssignment.ReadWrite.All';
const DAY = 24 * 3_600_000;
const MOST = 500;

async function assignmentsOf(
  graph: GraphClient,
  principal: string,
): Promise<(Assignment & { id: string | undefined })[]> {
  const path = `/servicePrincipals/${principal}/appRoleAssignments`;
  const { items, complete } = await graph.list({ path, needs: 'Application.Read.All' }, MOST);
  notTooMany(complete, MOST, 'application permissions');
  return items.flatMap((item) => {
    const { principalId, resourceId, appRoleId } = item;
    const parsed = state.safeParse({
      principalId: guidOf(principalId),
      resourceId: guidOf(resourceId),
      appRoleId: guidOf(appRoleId),
    });
    return parsed.success ? [{ ...parsed.data, id: idOf(item) }] : [];
  });
}

const idOf = ({ id }: JsonObject): string | undefined => (typeof id === 'string' ? id : undefined);

async function plan(given: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const graph = await graphClient(context);
  const tenant = await tenantOf(graph, given.tenant);
  const servicePrincipal = await getServicePrincipal(graph, given.servicePrincipal);
  const { id: principalId, label } = servicePrincipal;
  const resources = new Resources(graph);
  const target = servicePrincipalTarget(tenant, servicePrincipal);
  const changes: Change[] = [];
  for (const { resourceId, appRoleId } of await assignmentsOf(graph, principalId)) {
    if (given.roles?.includes(appRoleId) === false) continue;
    const resource = await resources.get(resourceId);
    const permission = `${resource.roles.get(appRoleId) ?? appRoleId} of ${resource.label}`;
    changes.push({
      id: `app-role:${resourceId}:${appRoleId}`,
      holds: `entra-remove-app-roles|${target.id}|${resourceId}/${appRoleId}`,
      summary: `Take the application permission ${permission} from ${label}`,
      target,
      before: { principalId, resourceId, appRoleId },
      after: null,
      undo: `Give ${label} the application permission ${permission} again`,
    });
  }
  changes.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    target,
    changes,
    affects: [
      changes.length === 0
        ? `${label} has none of these application permissions`
        : `What ${label} does with ${changes.length === 1 ? 'this permission' : `these ${changes.length} permissions`} fails`,
    ],
    residual: [
      tokensLeft(servicePrincipal),
      {
        what: 'Directory roles, roles in Azure and memberships of groups stay; so does what is consented on behalf of users (entra-remove-oauth-grants)',
      },
    ],
    subjects: [await servicePrincipalSubject(graph, tenant, servicePrincipal)],
  };
}

async function found(graph: GraphClient, wanted: Assignment) {
  const all = await assignmentsOf(graph, wanted.principalId);
  return all.find(({ resourceId, appRoleId }) => resourceId === wanted.resourceId && appRoleId === wanted.appRoleId);
}

async function verify(change: Change, context: ActionContext): Promise<Verification> {
  const wanted = storedState(state, change);
  const graph = await graphClient(context);
  return unlessGone(change.target, async () =>
    (await found(graph, wanted)) === undefined ? { is: 'held' } : { is: 'absent' },
  );
}

async function execute(change: Change, context: ActionContext): Promise<void> {
  const graph = await graphClient(context);
  const wanted = storedState(state, change);
  const look = () => verify(change, context);
  await bringAbout(context, 'absent', look, async () => {
    const id = (await found(graph, wanted))?.id;
    if (id === undefined) return;
    await graph.write({
      method: 'DELETE',
      path: `/servicePrincipals/${wanted.resourceId}/appRoleAssignedTo/${encodeURIComponent(id)}`,
      needs: NEEDS,
      repeatable: true,
      done: ({ status }) => status === 404,
    });
  });
}

async function undo(change: Change, context: ActionContext): Promise<void> {
  const graph = await graphClient(context);
  const wanted = storedState(state, change);
  const look = () => verify(change, context);
  await bringAbout(context, 'held', look, () =>
    graph.write({
      method: 'POST',
      path: `/servicePrincipals/${wanted.resourceId}/appRoleAssignedTo`,
      body: wanted,
      needs: NEEDS,
      repeatable: true,
      done: ({ status, message }) => status === 409 || (status === 400 && /already exists/.test(message)),
    }),
  );
}

/** https://learn.microsoft.com/graph/api/serviceprincipal-delete-approleassignedto */
export const entraRemoveAppRoles = defineAction({
  name: 'entra-remove-app-roles',
  group: 'entra',
  title: 'Remove application permissions of a service principal',
  description:
    'Takes application permissions (app role assignments) from a service principal or managed identity: all, or those given. They are given again when the response ends. Prefer entra-disable-service-principal where it will do: the permission that this action takes is enough to take over the tenant.',
  parameters,
  permissions: {
    graph: ['Application.Read.All', NEEDS, ...FACTS_PERMISSIONS],
    notes: [
      'AppRoleAssignment.ReadWrite.All gives any application any permission without consent, and so is enough to take over the tenant: whoever holds the identity of Crosstrail holds the tenant. Enable this action only with an identity of its own.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 7 * DAY, longest: 365 * DAY },
  from: ({ servicePrincipals }) =>
    servicePrincipals.map(({ tenant, servicePrincipal }) => ({ tenant, servicePrincipal })),
  operations: ['Remove app role assignment from service principal', 'Add app role assignment to service principal'],
  plan,
  verify,
  execute,
  undo,
});
