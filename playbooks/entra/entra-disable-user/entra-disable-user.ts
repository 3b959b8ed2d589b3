import { z } from 'zod';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { graphClient } from '../graph-client.ts';
import { tenantParameter, userParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import { enabledAs, setEnabled } from '../account-enabled.ts';
import { tenantOf } from '../tenant.ts';
import { findUser, getUser, userSubject, userTarget, type User } from '../users.ts';
import { objectOfTarget, refuseUndo } from '../values.ts';

const parameters = z.strictObject({ tenant: tenantParameter, user: userParameter });
const HOUR = 3_600_000;

async function plan(
  { tenant: wanted, user: named }: z.infer<typeof parameters>,
  context: ActionContext,
): Promise<Plan> {
  const graph = await graphClient(context);
  const tenant = await tenantOf(graph, wanted);
  const user = await getUser(graph, named);
  const target = userTarget(tenant, user);
  const subject = await userSubject(graph, tenant, user);
  const change: Change = {
    id: 'account',
    holds: `entra-disable-user|${target.id}|accountEnabled`,
    summary: user.enabled
      ? `Disable the account of ${user.label}`
      : `Keep the account of ${user.label} disabled, as it is already`,
    target,
    before: { accountEnabled: user.enabled },
    after: { accountEnabled: false },
    undo: user.enabled ? `Enable the account of ${user.label} again` : undefined,
  };
  return {
    target,
    changes: [change],
    affects: affectedBy(user, subject.privileged.length > 0),
    residual: [
      {
        what: 'Access tokens that were given out before work until they end, up to 90 minutes; where the service evaluates access continuously (CAE), for up to 15 minutes',
        lasts: 90 * 60_000,
      },
      { what: 'Applications and service principals that the user made, owns or consented to work on' },
    ],
    subjects: [subject],
  };
}

function affectedBy(user: User, privileged: boolean): string[] {
  const facts = [`${user.label} cannot sign in to anything`];
  if (user.synchronised) {
    facts.push(
      `${user.label} comes from an Active Directory on premises, whose next synchronisation may enable the account again: disable it there too`,
    );
  }
  if (user.external) {
    facts.push(
      `${user.label} loses access to this tenant only; the account is in another tenant, and stays as it is there`,
    );
  }
  if (privileged) {
    facts.push(
      'The user is privileged: Microsoft Graph refuses unless this identity holds a higher directory role, and then a person must do it',
    );
  }
  if (user.enabled) facts.push('After the account is enabled again, services may refuse it for up to 40 minutes');
  return facts;
}

async function verify({ target }: Change, context: ActionContext): Promise<Verification> {
  const user = await findUser(await graphClient(context), objectOfTarget(target));
  return enabledAs(user?.enabled, target);
}

async function set(change: Change, context: ActionContext, accountEnabled: boolean): Promise<void> {
  await setEnabled({
    context,
    accountEnabled,
    path: `/users/${objectOfTarget(change.target)}`,
    needs: 'User.EnableDisableAccount.All',
    look: () => verify(change, context),
  });
}

/** https://learn.microsoft.com/graph/api/user-update */
export const entraDisableUser = defineAction({
  name: 'entra-disable-user',
  group: 'entra',
  title: 'Disable a user',
  description:
    'Disables the account of a user, so that nobody can sign in with it. Revoke the sessions too: what is signed in stays so for a while. Of a user who holds a directory role, or is in or owns a group to which roles can be assigned, Microsoft Graph refuses it to applications without a higher role: do not give Crosstrail one, let a person do it.',
  parameters,
  permissions: {
    graph: ['User.EnableDisableAccount.All', 'User.Read.All', ...FACTS_PERMISSIONS],
    notes: [
      'User.EnableDisableAccount.All disables and enables every user of the tenant who is not privileged.',
      'Do not add a directory role to the identity so that it can disable administrators: whoever has the identity could lock them all out.',
    ],
  },
  reversibility: 'reversible',
  lease: { usual: 24 * HOUR, longest: 90 * 24 * HOUR },
  from: ({ entraUsers }) => entraUsers.map(({ tenant, user }) => ({ tenant, user })),
  operations: ['Disable account', 'Enable account', 'Update user'],
  plan,
  verify,
  execute: (change, context) => set(change, context, false),
  undo: async (change, context) => {
    refuseUndo(change, 'was disabled before this response: whoever did that decides when it is enabled again');
    await set(change, context, true);
  },
});
