import { z } from 'zod';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { bringAbout } from '../bring-about.ts';
import { graphClient } from '../graph-client.ts';
import { tenantParameter, userParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import { tenantOf } from '../tenant.ts';
import { findUser, getUser, userSubject, userTarget } from '../users.ts';
import { objectOfTarget, storedState } from '../values.ts';

const parameters = z.strictObject({ tenant: tenantParameter, user: userParameter });
/** Sign-ins before then have no sessions. */
const state = z.object({ sessionsValidFrom: z.string().nullable() });

async function plan(
  { tenant: wanted, user: named }: z.infer<typeof parameters>,
  context: ActionContext,
): Promise<Plan> {
  const graph = await graphClient(context);
  const tenant = await tenantOf(graph, wanted);
  const user = await getUser(graph, named);
  if (user.external) {
    throw new ActionError(
      'unsuitable',
      `${user.label} signs in in another tenant, which alone can revoke the sessions. Disable the guest here (entra-disable-user), and tell the other tenant`,
    );
  }
  const before = user.sessionsValidFrom ?? null;
  const target = userTarget(tenant, user);
  const change: Change = {
    id: 'sessions',
    // A later revocation of the same user is another one.
    holds: `entra-revoke-sessions|${target.id}|sessions since ${before ?? 'ever'}`,
    summary: `Revoke all refresh tokens and browser sessions of ${user.label}`,
    target,
    before: { sessionsValidFrom: before },
    after: { sessionsValidFrom: 'the time of execution' },
  };
  return {
    target,
    changes: [change],
    affects: [
      `${user.label} must sign in again everywhere, on all devices`,
      ...(user.enabled ? [] : [`The account of ${user.label} is disabled already`]),
    ],
    residual: [
      {
        what: 'Access tokens that were given out before work until they end, up to 90 minutes; where the service evaluates access continuously (CAE), for some minutes',
        lasts: 90 * 60_000,
      },
      { what: 'Whoever knows the password, or has registered a method to sign in with, signs in again' },
    ],
    subjects: [await userSubject(graph, tenant, user)],
  };
}

async function verify(change: Change, context: ActionContext): Promise<Verification> {
  const { sessionsValidFrom: before } = storedState(state, change);
  const user = await findUser(await graphClient(context), objectOfTarget(change.target));
  if (user === undefined) return { is: 'changed', why: `${change.target.label} was deleted since` };
  const { sessionsValidFrom: now } = user;
  const later = now !== undefined && (before === null || Date.parse(now) > Date.parse(before));
  return later
    ? { is: 'held', note: `Sessions from before ${now} are revoked; services may take some minutes to hear of it` }
    : { is: 'absent' };
}

async function execute(change: Change, context: ActionContext): Promise<void> {
  const graph = await graphClient(context);
  await bringAbout(
    context,
    'absent',
    () => verify(change, context),
    () =>
      graph.write({
        method: 'POST',
        path: `/users/${objectOfTarget(change.target)}/revokeSignInSessions`,
        needs: 'User.RevokeSessions.All',
        repeatable: false,
      }),
  );
}

/** https://learn.microsoft.com/graph/api/user-revokesigninsessions */
export const entraRevokeSessions = defineAction({
  name: 'entra-revoke-sessions',
  group: 'entra',
  title: 'Revoke the sessions of a user',
  description:
    'Makes all refresh tokens and browser sessions of a user invalid, so that every device must sign in again. The account stays enabled. It cannot be taken back, and nothing is lost by it but the need to sign in. Does nothing for users whose account is in another tenant, and is refused for them.',
  parameters,
  permissions: { graph: ['User.Read.All', 'User.RevokeSessions.All', ...FACTS_PERMISSIONS] },
  reversibility: 'irreversible',
  lease: undefined,
  from: ({ entraUsers }) => entraUsers.map(({ tenant, user }) => ({ tenant, user })),
  operations: ['Update StsRefreshTokenValidFrom Timestamp', 'Update user'],
  plan,
  verify,
  execute,
});
