import { z } from 'zod';
import type { JsonObject } from '../../../platform/json.ts';
import { applicationKey, entraObjectKey } from '../../../pipeline/timeline/entity-keys.ts';
import { ActionError } from '../../contract/action-error.ts';
import {
  defineAction,
  type ActionContext,
  type Change,
  type Plan,
  type Subject,
  type Target,
} from '../../contract/action.ts';
import type { IncidentTargets } from '../../contract/incident-targets.ts';
import { guidParameter } from '../../contract/parameters.ts';
import { bringAbout } from '../bring-about.ts';
import { credentialsOf, removeCredential, type Credential, type CredentialHolder } from '../credentials.ts';
import { graphClient, type GraphClient } from '../graph-client.ts';
import { servicePrincipalParameter, tenantParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import {
  findServicePrincipal,
  getServicePrincipal,
  servicePrincipalSubject,
  servicePrincipalTarget,
  tokensLeft,
  type ServicePrincipal,
} from '../service-principals.ts';
import { tenantOf } from '../tenant.ts';
import { guidOf, labelOf, objectOfTarget, storedGuid, storedState, targetId } from '../values.ts';

const parameters = z
  .strictObject({
    tenant: tenantParameter,
    servicePrincipal: servicePrincipalParameter.optional(),
    application: guidParameter.optional().describe('The client id of the application, in place of servicePrincipal.'),
    keys: z
      .array(guidParameter)
      .min(1)
      .max(100)
      .optional()
      .describe('Key ids of secrets and certificates and ids of federated credentials to remove; all unless told.'),
  })
  .refine(({ servicePrincipal, application }) => (servicePrincipal === undefined) !== (application === undefined), {
    message: 'expected either servicePrincipal or application',
  });

const state = z.object({
  holder: z.enum(['applications', 'servicePrincipals']),
  kind: z.enum(['secret', 'certificate', 'federation']),
  id: storedGuid,
});

/** What the credentials of one workload stand on: one or both. */
interface Workload {
  readonly servicePrincipal: ServicePrincipal | undefined;
  /** Of another tenant's application there is none here. */
  readonly application: JsonObject | undefined;
  readonly appId: string;
}

async function workloadOf(given: z.infer<typeof parameters>, graph: GraphClient): Promise<Workload> {
  const { servicePrincipal: id, application: client } = given;
  const servicePrincipal =
    id === undefined
      ? await findServicePrincipal(graph, { appId: client ?? '' })
      : await getServicePrincipal(graph, id);
  const appId = servicePrincipal?.appId ?? client ?? '';
  if (servicePrincipal?.managedIdentity === true) {
    throw new ActionError(
      'unsuitable',
      `${servicePrincipal.label} is the managed identity ${servicePrincipal.of ?? 'of an Azure resource'}, which has no credentials that can be removed. Disable it (entra-disable-service-principal), or take it from the resource`,
    );
  }
  const application = await graph.find({ path: `/applications(appId='${appId}')`, needs: 'Application.Read.All' });
  if (servicePrincipal === undefined && application === undefined) {
    throw new ActionError(
      'absent',
      `There is neither an application nor a service principal of the client id ${appId} in this tenant`,
    );
  }
  return { servicePrincipal, application, appId };
}

async function plan(given: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const graph = await graphClient(context);
  const tenant = await tenantOf(graph, given.tenant);
  const { servicePrincipal, application, appId } = await workloadOf(given, graph);
  const targets: { holder: CredentialHolder; target: Target; object: JsonObject }[] = [];
  const subjects: Subject[] = [];
  if (servicePrincipal !== undefined) {
    const target = servicePrincipalTarget(tenant, servicePrincipal);
    targets.push({ holder: 'servicePrincipals', target, object: servicePrincipal.raw });
    subjects.push(await servicePrincipalSubject(graph, tenant, servicePrincipal));
  }
  const id = guidOf(application?.['id']);
  if (application !== undefined && id !== undefined) {
    const label = labelOf(application['displayName']) ?? id;
    targets.push({
      holder: 'applications',
      target: { kind: 'application', id: targetId(tenant, id), label },
      object: application,
    });
    const keys = [entraObjectKey(tenant, id), applicationKey(appId), id, appId];
    subjects.push({ kind: 'principal', keys, label, groups: [], privileged: [] });
  }
  const changes: Change[] = [];
  let signs = false;
  for (const { holder, target, object } of targets) {
    for (const credential of await credentialsOf(graph, holder, object)) {
      if (given.keys?.includes(credential.id) === false) continue;
      changes.push(changeOf(holder, target, credential));
      signs ||= credential.signs;
    }
  }
  const [first] = targets;
  if (first === undefined) throw new ActionError('failed', 'Microsoft Graph gives an application without its id');
  return {
    target: first.target,
    changes,
    affects: affectedBy(
      first.target.label,
      changes.length,
      signs,
      application === undefined ? servicePrincipal : undefined,
    ),
    residual: [
      servicePrincipal === undefined
        ? { what: 'Access tokens that were given out before work until they end, up to 90 minutes', lasts: 90 * 60_000 }
        : tokensLeft(servicePrincipal),
      { what: 'Whoever owns the application, or may change all applications, can add credentials anew' },
    ],
    subjects,
  };
}

function changeOf(holder: CredentialHolder, target: Target, credential: Credential): Change {
  const { kind, id, name, start, end, of } = credential;
  const called = [name, of].filter((part) => part !== null).join(', ');
  return {
    id: `${target.kind.replaceAll(' ', '-')}:${kind}:${id}`,
    holds: `entra-remove-credentials|${target.id}|${kind}/${id}`,
    summary: `Remove the ${kind} ${id}${called === '' ? '' : ` (${called})`} from the ${target.kind} ${target.label}`,
    target,
    before: { holder, kind, id, name, start, end, of },
    after: null,
  };
}

function affectedBy(label: string, count: number, signs: boolean, foreign: ServicePrincipal | undefined): string[] {
  const facts = [
    count === 0
      ? `${label} has none of these credentials`
      : `Whatever signs in as ${label} with ${count === 1 ? 'this credential' : `these ${count} credentials`} gets no more tokens, whoever made them`,
  ];
  if (signs)
    facts.push(
      'A certificate among them signs assertions of single sign-on: users cannot sign in to the application until it has a new one',
    );
  if (foreign?.owner !== undefined) {
    facts.push(
      `The application itself is of the tenant ${foreign.owner}: the credentials that it has there stay, and only that tenant can remove them`,
    );
  }
  return facts;
}

/** Credentials of what was deleted are gone too. */
async function verify(change: Change, context: ActionContext) {
  const { holder, kind, id } = storedState(state, change);
  const graph = await graphClient(context);
  const path = `/${holder}/${objectOfTarget(change.target)}`;
  const object = await graph.find({ path, needs: 'Application.Read.All' });
  const held = object === undefined ? [] : await credentialsOf(graph, holder, object);
  const stands = held.some((credential) => credential.kind === kind && credential.id === id);
  return stands ? ({ is: 'absent' } as const) : ({ is: 'held' } as const);
}

async function execute(change: Change, context: ActionContext): Promise<void> {
  const { holder, kind, id } = storedState(state, change);
  const graph = await graphClient(context);
  const holderId = objectOfTarget(change.target);
  await bringAbout(
    context,
    'absent',
    () => verify(change, context),
    () => removeCredential(graph, { holder, holderId, kind, id }),
  );
}

function from({ servicePrincipals, applications }: IncidentTargets): JsonObject[] {
  // The application of a service principal is found by it: named twice it would be asked about twice.
  return servicePrincipals.length > 0
    ? servicePrincipals.map(({ tenant, servicePrincipal }) => ({ tenant, servicePrincipal }))
    : applications.map((application) => ({ application }));
}

/** https://learn.microsoft.com/graph/api/application-removepassword and https://learn.microsoft.com/graph/api/serviceprincipal-removepassword */
export const entraRemoveCredentials = defineAction({
  name: 'entra-remove-credentials',
  group: 'entra',
  title: 'Remove credentials of an application',
  description:
    'Removes secrets, certificates and federated credentials of an application, from the application and from its service principal alike: all, or those given. It cannot be taken back, for nobody but the owner has the values; names, times and ids are kept as evidence. Credentials of the application in another tenant, and managed identities, are out of its reach.',
  parameters,
  permissions: {
    graph: ['Application.ReadWrite.All', ...FACTS_PERMISSIONS],
    notes: [
      'Application.ReadWrite.All also adds credentials to every application of the tenant, and so acts as any of them. Where the identity of Crosstrail owns the applications, Application.ReadWrite.OwnedBy with Application.Read.All is enough.',
    ],
  },
  reversibility: 'irreversible',
  lease: undefined,
  from,
  operations: [
    'Remove service principal credentials',
    'Update application – Certificates and secrets management',
    'Update application',
    'Update service principal',
  ],
  plan,
  verify,
  execute,
});
