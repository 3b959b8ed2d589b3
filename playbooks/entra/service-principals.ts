import { arrayOf, textOf, type JsonObject } from '../../platform/json.ts';
import { applicationKey, entraObjectIdKey, servicePrincipalKey } from '../../pipeline/timeline/entity-keys.ts';
import { ActionError } from '../contract/action-error.ts';
import type { Residual, Subject, Target } from '../contract/action.ts';
import type { GraphClient } from './graph-client.ts';
import { principalFacts } from './principal-facts.ts';
import { guidOf, labelOf, targetId } from './values.ts';

/** A service principal as the directory has it at one moment. */
export interface ServicePrincipal {
  readonly id: string;
  /** The client id of its application. */
  readonly appId: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly managedIdentity: boolean;
  /** Of a managed identity, what it is the identity of, or its own ARM id. */
  readonly of: string | undefined;
  /** The tenant whose application it is. */
  readonly owner: string | undefined;
  readonly raw: JsonObject;
}

/** Tenants of Microsoft's own applications: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
const MICROSOFT = new Set(['f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47']);

export const isMicrosofts = ({ owner }: ServicePrincipal): boolean => owner !== undefined && MICROSOFT.has(owner);

/** By object id, or by the client id of its application; undefined where there is none. @throws ActionError */
export async function findServicePrincipal(
  graph: GraphClient,
  by: { readonly id: string } | { readonly appId: string },
): Promise<ServicePrincipal | undefined> {
  // Both are GUIDs, as parameters or `guidOf` give them.
  const path = 'id' in by ? `/servicePrincipals/${by.id}` : `/servicePrincipals(appId='${by.appId}')`;
  // Without `$select`, which would tell the keys of certificates too.
  const raw = await graph.find({ path, needs: 'Application.Read.All' });
  if (raw === undefined) return undefined;
  const [id, appId] = [guidOf(raw['id']), guidOf(raw['appId'])];
  if (id === undefined || appId === undefined) {
    throw new ActionError('failed', 'Microsoft Graph gives a service principal without its ids');
  }
  const resource = arrayOf(raw['alternativeNames'])?.find((name) => textOf(name)?.startsWith('/subscriptions/'));
  return {
    id,
    appId,
    label: labelOf(raw['displayName']) ?? id,
    enabled: raw['accountEnabled'] !== false,
    managedIdentity: raw['servicePrincipalType'] === 'ManagedIdentity',
    of: labelOf(resource),
    owner: guidOf(raw['appOwnerOrganizationId']),
    raw,
  };
}

/** @throws ActionError of kind `absent` where there is none */
export async function getServicePrincipal(graph: GraphClient, id: string): Promise<ServicePrincipal> {
  const found = await findServicePrincipal(graph, { id });
  if (found !== undefined) return found;
  throw new ActionError(
    'absent',
    `There is no service principal with the object id ${id} in this tenant. A client id, or the object id of an application, is another id`,
  );
}

export const servicePrincipalTarget = (tenant: string, { id, label }: ServicePrincipal): Target => ({
  kind: 'service principal',
  id: targetId(tenant, id),
  label,
});

/** The service principal as guards ask for it. @throws ActionError where the directory is away */
export async function servicePrincipalSubject(
  graph: GraphClient,
  tenant: string,
  servicePrincipal: ServicePrincipal,
): Promise<Subject> {
  const { id, appId, label } = servicePrincipal;
  const facts = await principalFacts(graph, 'servicePrincipals', id);
  const own = isMicrosofts(servicePrincipal)
    ? ['is an application of Microsoft, which services of the tenant use']
    : [];
  return {
    kind: 'principal',
    keys: [servicePrincipalKey(tenant, id), entraObjectIdKey(id), applicationKey(appId), id, appId],
    label,
    ...facts,
    privileged: [...own, ...facts.privileged],
  };
}

const HOUR = 3_600_000;

/**
 * Tokens that a service principal holds stay good until they end: of an application after 60 to 90 minutes, of a managed identity after 24 hours.
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/managed-identity-best-practice-recommendations
 */
export const tokensLeft = ({ managedIdentity }: ServicePrincipal): Residual =>
  managedIdentity
    ? {
        what: 'Access tokens of the managed identity that were given out before work until they end, up to 24 hours',
        lasts: 24 * HOUR,
      }
    : { what: 'Access tokens that were given out before work until they end, up to 90 minutes', lasts: 1.5 * HOUR };
