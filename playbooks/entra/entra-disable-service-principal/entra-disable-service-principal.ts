import { z } from 'zod';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { enabledAs, setEnabled } from '../account-enabled.ts';
import { graphClient } from '../graph-client.ts';
import { servicePrincipalParameter, tenantParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import {
  findServicePrincipal,
  getServicePrincipal,
  isMicrosofts,
  servicePrincipalSubject,
  servicePrincipalTarget,
  tokensLeft,
} from '../service-principals.ts';
import { tenantOf } from '../tenant.ts';
import { objectOfTarget, refuseUndo } from '../values.ts';

const parameters = z.strictObject({ tenant: tenantParameter, servicePrincipal: servicePrincipalParameter });
const HOUR = 3_600_000;

async function plan(
  { tenant: wanted, servicePrincipal: named }: z.infer<typeof parameters>,
  context: ActionContext,
): Promise<Plan> {
  const graph = await graphClient(context);
  const tenant = await tenantOf(graph, wanted);
  const servicePrincipal = await getServicePrincipal(graph, named);
  const { label, enabled, managedIdentity, of, owner } = servicePrincipal;
  if (isMicrosofts(servicePrincipal)) {
    throw new ActionError(
      'unsuitable',
      `${label} is an application of Microsoft, which services of the tenant stand on. Remove what was added to it instead: entra-remove-credentials, entra-remove-oauth-grants`,
    );
  }
  const target = servicePrincipalTarget(tenant, servicePrincipal);
  const change: Change = {
    id: 'account',
    holds: `entra-disable-service-principal|${target.id}|accountEnabled`,
    summary: enabled
      ? `Disable the service principal ${label}`
      : `Keep the service principal ${label} disabled, as it is already`,
    target,
    before: { accountEnabled: enabled },
    after: { accountEnabled: false },
    undo: enabled ? `Enable the service principal ${label} again` : undefined,
  };
  return {
    target,
    changes: [change],
    affects: [
      `Whatever runs as ${label} gets no tokens, and nobody can sign in to it`,
      ...(managedIdentity
        ? [`It is the managed identity ${of ?? 'of an Azure resource'}, which stops working with it`]
        : []),
      ...(owner !== undefined && owner !== tenant
        ? [`Its application is of the tenant ${owner}, and works on in other tenants`]
        : []),
    ],
    residual: [
      tokensLeft(servicePrincipal),
      {
        what: 'Its credentials, consents and roles stay, and are good again when it is enabled: remove what an attacker added before then',
      },
    ],
    subjects: [await servicePrincipalSubject(graph, tenant, servicePrincipal)],
  };
}

async function verify({ target }: Change, context: ActionContext): Promise<Verification> {
  const found = await findServicePrincipal(await graphClient(context), { id: objectOfTarget(target) });
  return enabledAs(found?.enabled, target);
}

async function set(change: Change, context: ActionContext, accountEnabled: boolean): Promise<void> {
  await setEnabled({
    context,
    accountEnabled,
    path: `/servicePrincipals/${objectOfTarget(change.target)}`,
    needs: 'Application.ReadWrite.All',
    look: () => verify(change, context),
  });
}

/** https://learn.microsoft.com/graph/api/serviceprincipal-update */
export const entraDisableServicePrincipal = defineAction({
  name: 'entra-disable-service-principal',
  group: 'entra',
  title: 'Disable a service principal',
  description:
    'Disables a service principal or managed identity, so that it is given no more tokens in this tenant. Its application in other tenants, its credentials and its permissions stay. Refused for applications of Microsoft.',
  parameters,
  permissions: {
    graph: ['Application.ReadWrite.All', ...FACTS_PERMISSIONS],
    notes: [
      'Application.ReadWrite.All also adds credentials to every application of the tenant, and so acts as any of them. Where the identity of Crosstrail owns the service principals, Application.ReadWrite.OwnedBy with Application.Read.All is enough.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 24 * HOUR, longest: 90 * 24 * HOUR },
  from: ({ servicePrincipals }) =>
    servicePrincipals.map(({ tenant, servicePrincipal }) => ({ tenant, servicePrincipal })),
  operations: ['Update service principal'],
  plan,
  verify,
  execute: (change, context) => set(change, context, false),
  undo: async (change, context) => {
    refuseUndo(change, 'was disabled before this response: whoever did that decides when it is enabled again');
    await set(change, context, true);
  },
});
