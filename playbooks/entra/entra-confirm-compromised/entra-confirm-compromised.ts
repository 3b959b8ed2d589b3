import { z } from 'zod';
import { textOf } from '../../../platform/json.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { bringAbout } from '../bring-about.ts';
import { graphClient, type GraphClient } from '../graph-client.ts';
import { tenantParameter, userParameter } from '../parameters.ts';
import { FACTS_PERMISSIONS } from '../principal-facts.ts';
import { tenantOf } from '../tenant.ts';
import { findUser, getUser, userSubject, userTarget } from '../users.ts';
import { objectOfTarget, refuseUndo, storedState } from '../values.ts';
import { ActionError } from '../../contract/action-error.ts';

const parameters = z.strictObject({ tenant: tenantParameter, user: userParameter });
const state = z.object({ riskState: z.string(), riskLevel: z.string() });
type Risk = z.infer<typeof state>;

const NEEDS = 'IdentityRiskyUser.ReadWrite.All';
const DAY = 24 * 3_600_000;
/** Of a user about whom Entra ID Protection has nothing to say. */
const NO_RISK: Risk = { riskState: 'none', riskLevel: 'none' };
/** States in which no risk is open that dismissing would hide. */
const CLOSED: ReadonlySet<string> = new Set(['none', 'dismissed', 'remediated', 'confirmedSafe']);

/** Whoever never was at risk is not in the list of risky users. */
async function riskOf(graph: GraphClient, user: string): Promise<Risk> {
  const found = await graph.find({ path: `/identityProtection/riskyUsers/${user}`, needs: NEEDS });
  if (found === undefined) return NO_RISK;
  return { riskState: textOf(found['riskState']) ?? 'none', riskLevel: textOf(found['riskLevel']) ?? 'none' };
}

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
      `${user.label} signs in in another tenant, where the risk of the account is kept. Disable the guest here (entra-disable-user), and tell the other tenant`,
    );
  }
  const target = userTarget(tenant, user);
  const before = await riskOf(graph, user.id);
  const open = !CLOSED.has(before.riskState);
  const change: Change = {
    id: 'risk',
    holds: `entra-confirm-compromised|${target.id}|riskState`,
    summary: `Confirm that ${user.label} is compromised, which sets the risk of the user to high`,
    target,
    before,
    after: { riskState: 'confirmedCompromised', riskLevel: 'high' },
    undo: open ? undefined : `Dismiss the risk of ${user.label}`,
  };
  return {
    target,
    changes: [change],
    affects: [
      `Conditional access that asks for the risk of a user treats ${user.label} as high risk: sign-ins are blocked, or a new password is asked for`,
      ...(open
        ? [
            `${user.label} is ${before.riskState} already: it is not taken back by itself, for dismissing would hide that risk too`,
          ]
        : []),
    ],
    residual: [
      { what: 'Without a conditional access policy on user risk, nothing is blocked' },
      {
        what: 'Access tokens that were given out before work until they end, where the service does not evaluate access continuously (CAE)',
        lasts: 90 * 60_000,
      },
    ],
    subjects: [await userSubject(graph, tenant, user)],
  };
}

async function verify(change: Change, context: ActionContext): Promise<Verification> {
  const before = storedState(state, change);
  const graph = await graphClient(context);
  const id = objectOfTarget(change.target);
  const { riskState, riskLevel } = await riskOf(graph, id);
  if (riskState === 'confirmedCompromised') {
    return riskLevel === 'high'
      ? { is: 'held' }
      : { is: 'settling', why: `The risk is still ${riskLevel}`, again: 15_000 };
  }
  if (riskState === before.riskState || riskState === 'none' || riskState === 'dismissed') {
    const gone = (await findUser(graph, id)) === undefined;
    return gone ? { is: 'changed', why: `${change.target.label} was deleted since` } : { is: 'absent' };
  }
  return { is: 'changed', why: `The risk of ${change.target.label} is ${riskState} since` };
}

const send = async (
  change: Change,
  context: ActionContext,
  action: 'confirmCompromised' | 'dismiss',
): Promise<void> => {
  const graph = await graphClient(context);
  await bringAbout(
    context,
    action === 'dismiss' ? 'held' : 'absent',
    () => verify(change, context),
    () =>
      graph.write({
        method: 'POST',
        path: `/identityProtection/riskyUsers/${action}`,
        body: { userIds: [objectOfTarget(change.target)] },
        needs: NEEDS,
        repeatable: false,
      }),
  );
};

/** https://learn.microsoft.com/graph/api/riskyuser-confirmcompromised and https://learn.microsoft.com/graph/api/riskyuser-dismiss */
export const entraConfirmCompromised = defineAction({
  name: 'entra-confirm-compromised',
  group: 'entra',
  title: 'Confirm a user as compromised',
  description:
    'Tells Entra ID Protection that a user is compromised. The risk of the user becomes high, and conditional access policies on user risk take effect. Needs Microsoft Entra ID P2. Taken back by dismissing the risk, which the user then has none of; where Entra had found a risk itself before, it is left to a person.',
  parameters,
  permissions: { graph: [NEEDS, 'User.Read.All', ...FACTS_PERMISSIONS], others: ['Licence: Microsoft Entra ID P2'] },
  reversibility: 'partly',
  lease: { usual: 7 * DAY, longest: 90 * DAY },
  from: ({ entraUsers }) => entraUsers.map(({ tenant, user }) => ({ tenant, user })),
  operations: ['ConfirmCompromised', 'ConfirmAccountCompromised', 'DismissUser'],
  plan,
  verify,
  execute: (change, context) => send(change, context, 'confirmCompromised'),
  undo: async (change, context) => {
    refuseUndo(change, 'was at risk before this response: dismissing would hide that too, so a person decides');
    await send(change, context, 'dismiss');
  },
});
