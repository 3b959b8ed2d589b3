import { z } from 'zod';
import { textOf } from '../../../platform/json.ts';
import { applicationKey, entraObjectIdKey, servicePrincipalKey } from '../../../pipeline/timeline/entity-keys.ts';
import { printable } from '../../../platform/printable.ts';
import { ActionError } from '../../contract/action-error.ts';
import {
  defineAction,
  type ActionContext,
  type Change,
  type Plan,
  type Subject,
  type Target,
  type Verification,
} from '../../contract/action.ts';
import { bringAbout, unlessGone } from '../bring-about.ts';
import { graphClient, type GraphClient } from '../graph-client.ts';
import { servicePrincipalParameter, tenantParameter, userParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import { Resources, type Resource } from '../resources.ts';
import { getServicePrincipal, servicePrincipalSubject, servicePrincipalTarget } from '../service-principals.ts';
import { tenantOf } from '../tenant.ts';
import { getUser, userSubject, userTarget } from '../users.ts';
import { guidOf, notTooMany, storedGuid, storedState } from '../values.ts';

const parameters = z
  .strictObject({
    tenant: tenantParameter,
    servicePrincipal: servicePrincipalParameter.optional(),
    user: userParameter.optional(),
  })
  .refine(({ servicePrincipal, user }) => servicePrincipal !== undefined || user !== undefined, {
    message: 'expected servicePrincipal, user or both',
  });

/** A grant by whom it lets do what to whom on whose behalf. */
const state = z.object({
  clientId: storedGuid,
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: storedGuid.nullable(),
  resourceId: storedGuid,
  scope: z.string(),
});
type Grant = z.infer<typeof state>;

const NEEDS = 'DelegatedPermissionGrant.ReadWrite.All';
const DAY = 24 * 3_600_000;
const MOST = 200;
const LONGEST_SCOPES = 200;

/**
 * The grants of a client or a user, each with its id. Those of a user are filtered from all: their own list is told to people alone.
 * @param of object ids: GUIDs, for one stands in a filter
 */
async function grantsOf(graph: GraphClient, of: { client: string } | { user: string }) {
  const { items, complete } = await graph.list(
    'client' in of
      ? { path: `/servicePrincipals/${of.client}/oauth2PermissionGrants`, needs: NEEDS }
      : { path: '/oauth2PermissionGrants', query: { $filter: `principalId eq '${of.user}'` }, needs: NEEDS },
    MOST,
  );
  notTooMany(complete && items.length <= MOST, MOST, 'consents');
  return items.flatMap(({ id, clientId, consentType, principalId, resourceId, scope }) => {
    const grant = state.safeParse({
      clientId: guidOf(clientId),
      consentType,
      principalId: guidOf(principalId) ?? null,
      resourceId: guidOf(resourceId),
      scope: textOf(scope) ?? '',
    });
    return grant.success ? [{ id: textOf(id), grant: grant.data }] : [];
  });
}

interface Wanted {
  readonly grants: readonly Grant[];
  readonly target: Target;
  readonly subjects: readonly Subject[];
}

async function wantedBy(given: z.infer<typeof parameters>, graph: GraphClient): Promise<Wanted> {
  const tenant = await tenantOf(graph, given.tenant);
  const user = given.user === undefined ? undefined : await getUser(graph, given.user);
  const ofUser = user === undefined ? [] : [await userSubject(graph, tenant, user)];
  if (given.servicePrincipal === undefined) {
    if (user === undefined) throw new ActionError('input', 'expected servicePrincipal, user or both');
    const grants = (await grantsOf(graph, { user: user.id })).map(({ grant }) => grant);
    return { grants, target: userTarget(tenant, user), subjects: ofUser };
  }
  const client = await getServicePrincipal(graph, given.servicePrincipal);
  const grants = (await grantsOf(graph, { client: client.id })).map(({ grant }) => grant);
  return {
    grants: grants.filter(({ principalId }) => user === undefined || principalId === user.id),
    target: servicePrincipalTarget(tenant, client),
    subjects: [await servicePrincipalSubject(graph, tenant, client), ...ofUser],
  };
}

async function plan(given: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const graph = await graphClient(context);
  const { grants, target, subjects } = await wantedBy(given, graph);
  const resources = new Resources(graph);
  const tenant = target.id.split('/')[0] ?? '';
  const changes: Change[] = [];
  const clients = new Map<string, Subject>();
  for (const grant of grants) {
    const { clientId, principalId, resourceId, scope } = grant;
    const [client, resource] = [await resources.get(clientId), await resources.get(resourceId)];
    clients.set(clientId, clientSubject(tenant, clientId, client));
    const scopes = printable(scope.trim().slice(0, LONGEST_SCOPES));
    const what = `${client.label} use ${resource.label} on behalf of ${principalId === null ? 'all users' : `the user ${principalId}`} (${scopes})`;
    const named = `${clientId}/${resourceId}/${principalId ?? 'all'}`;
    changes.push({
      id: `grant:${named}`,
      holds: `entra-remove-oauth-grants|${tenant}/${named}|${wordsOf(scope).join(' ')}`,
      summary: `Remove the consent that lets ${what}`,
      target,
      before: grant,
      after: null,
      undo: `Consent again that ${what}`,
    });
  }
  changes.sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    target,
    changes,
    affects: [
      changes.length === 0
        ? `${target.label} has no such consents`
        : 'Where users may consent themselves, the next sign-in can ask them for the same again: disable the service principal too',
    ],
    residual: [
      { what: 'Access tokens that were given out before work until they end, up to 90 minutes', lasts: 90 * 60_000 },
      { what: 'Application permissions, which act without a user, stay (entra-remove-app-roles)' },
    ],
    // Where all consents of a user go, so do those of applications that may be protected.
    subjects: given.servicePrincipal === undefined ? [...subjects, ...clients.values()] : subjects,
  };
}

/** An application that loses a consent. What else it may do is not asked: it loses no more than what the user gave. */
const clientSubject = (tenant: string, id: string, { label, appId }: Resource): Subject => ({
  kind: 'principal',
  keys: [
    ...[servicePrincipalKey(tenant, id), entraObjectIdKey(id), id],
    ...(appId === undefined ? [] : [applicationKey(appId), appId]),
  ],
  label,
  groups: [],
  privileged: [],
  unknown: appId === undefined ? 'which application it is was not looked up' : undefined,
});

const wordsOf = (scope: string): string[] => [...new Set(scope.split(/\s+/).filter((word) => word !== ''))].sort();

async function found(graph: GraphClient, wanted: Grant) {
  const all = await grantsOf(graph, { client: wanted.clientId });
  return all.find(
    ({ grant }) =>
      grant.resourceId === wanted.resourceId &&
      grant.consentType === wanted.consentType &&
      grant.principalId === wanted.principalId,
  );
}

async function verify(change: Change, context: ActionContext): Promise<Verification> {
  const wanted = storedState(state, change);
  const graph = await graphClient(context);
  return unlessGone(change.target, async () => {
    const scope = (await found(graph, wanted))?.grant.scope;
    if (scope === undefined) return { is: 'held' };
    if (wordsOf(scope).join(' ') === wordsOf(wanted.scope).join(' ')) return { is: 'absent' };
    const now = printable(scope.slice(0, LONGEST_SCOPES));
    return { is: 'changed', why: `The consent is to other permissions since: ${now}. Plan again` };
  });
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
      path: `/oauth2PermissionGrants/${encodeURIComponent(id)}`,
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
      path: '/oauth2PermissionGrants',
      body: wanted,
      needs: NEEDS,
      repeatable: true,
      // Whether what exists is the same is looked at afterwards.
      done: ({ status }) => status === 409,
    }),
  );
}

/** https://learn.microsoft.com/graph/api/oauth2permissiongrant-delete */
export const entraRemoveOauthGrants = defineAction({
  name: 'entra-remove-oauth-grants',
  group: 'entra',
  title: 'Remove consents to an application',
  description:
    'Removes delegated permissions (OAuth consents): all that an application has, those that it has for one user, or all that one user gave. They are given again with the same permissions when the response ends.',
  parameters,
  permissions: {
    graph: ['Application.Read.All', NEEDS, 'User.Read.All', ...FACTS_PERMISSIONS],
    notes: [
      'DelegatedPermissionGrant.ReadWrite.All also consents to any application on behalf of all users, administrators among them: give it to an identity that nobody else can use.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 7 * DAY, longest: 365 * DAY },
  from: ({ servicePrincipals }) =>
    servicePrincipals.map(({ tenant, servicePrincipal }) => ({ tenant, servicePrincipal })),
  operations: [
    'Remove delegated permission grant',
    'Add delegated permission grant',
    'Remove OAuth2PermissionGrant',
    'Add OAuth2PermissionGrant',
  ],
  plan,
  verify,
  execute,
  undo,
});
