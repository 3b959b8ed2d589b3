import { z } from 'zod';
import { accessKeyKey } from '../../../pipeline/timeline/entity-keys.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan } from '../../contract/action.ts';
import { accessKeyParameter, iamArnParameter } from '../../contract/parameters.ts';
import { ask } from '../ask.ts';
import { onUsers, SETTLE, USER_READS } from '../iam-permissions.ts';
import { existing, principalOf, subjectOf, targetOf } from '../iam-principal.ts';
import { iamOf, type AccessKey } from '../iam.ts';
import { awsSession } from '../session.ts';
import { shown } from '../shown.ts';
import { untilSeen } from '../until-seen.ts';

const HOUR = 3_600_000;

const parameters = z.strictObject({
  accessKeyId: accessKeyParameter.describe('The id of the access key, which begins with AKIA.'),
  user: iamArnParameter('user')
    .optional()
    .describe('The ARN of the user that it belongs to; AWS is asked where it is not given.'),
});

/** All that is needed of a change, which may be read days later by another process. */
const keyState = z.object({ accessKeyId: z.string(), user: z.string(), status: z.string() });

/** Deactivates an access key of a user of IAM. */
export const awsDeactivateAccessKey = defineAction({
  name: 'aws-deactivate-access-key',
  group: 'aws',
  title: 'Deactivate an access key',
  description:
    'Sets an access key of an IAM user to Inactive, so that no request can be signed with it; for some seconds it may still work. It can be activated again. What was made with the key goes on: sessions of GetSessionToken and GetFederationToken until they end, roles that were taken with it, and other keys of the user. Quarantine the user for the former, deny older sessions of the roles for the latter. Temporary keys (ASIA…) cannot be deactivated.',
  parameters,
  permissions: {
    aws: [
      onUsers('iam:ListAccessKeys', 'iam:UpdateAccessKey', 'iam:GetAccessKeyLastUsed', 'iam:GetLoginProfile'),
      { actions: ['sts:GetAccessKeyInfo'], resources: ['*'] },
      ...USER_READS,
    ],
    notes: ['Also allows to activate a key again that somebody else deactivated.'],
  },
  reversibility: 'reversible',
  lease: { usual: 7 * 24 * HOUR, longest: 90 * 24 * HOUR },
  settle: SETTLE,
  from: ({ accessKeys }) => accessKeys.map((accessKeyId) => ({ accessKeyId })),
  operations: ['UpdateAccessKey'],
  plan,
  execute: async (change, context) => {
    const { accessKeyId, user } = stateOf(change.after);
    const isInactive = async (): Promise<boolean> => (await find(change, context))?.status !== 'Active';
    if (await isInactive()) return;
    const { name, account } = principalOf(user);
    await (await iamOf(context, account)).setKey(name, accessKeyId, 'Inactive');
    await untilSeen(context, isInactive);
  },
  verify: async (change, context) => {
    const { accessKeyId, user } = stateOf(change.after);
    const { name, account } = principalOf(user);
    const keys = await (await iamOf(context, account)).keysIfThere(name);
    const key = keys?.find(({ id }) => id === accessKeyId);
    if (key === undefined) return { is: 'changed', why: `the access key ${accessKeyId} of ${name} was deleted` };
    return key.status === 'Active' ? { is: 'absent' } : { is: 'held', note: othersIn(keys ?? [], accessKeyId) };
  },
  undo: async (change, context) => {
    const { accessKeyId, user } = stateOf(change.after);
    if (stateOf(change.before).status !== 'Active' || (await find(change, context))?.status !== 'Inactive') return;
    const { name, account } = principalOf(user);
    await (await iamOf(context, account)).setKey(name, accessKeyId, 'Active');
    await untilSeen(context, async () => (await find(change, context))?.status === 'Active');
  },
});

async function plan({ accessKeyId, user: given }: z.infer<typeof parameters>, context: ActionContext): Promise<Plan> {
  const { user, account } = given === undefined ? await ownerOf(accessKeyId, context) : nameAndAccount(given);
  const iam = await iamOf(context, account);
  const { principal, uniqueId } = await existing(iam, given ?? (await arnOf(user, account, context)), context);
  const keys = await iam.keys(user);
  const key = keys.find(({ id }) => id === accessKeyId);
  if (key === undefined) throw new ActionError('absent', `${user} of ${account} has no access key ${accessKeyId}`);
  const isActive = key.status === 'Active';
  const others = othersIn(keys, accessKeyId);
  const hasPassword = (await iam.loginProfile(user)) !== undefined;
  const target = {
    kind: 'access key',
    id: accessKeyKey(accessKeyId),
    label: `${accessKeyId} of ${targetOf(principal).label}`,
  };
  return {
    target,
    changes: [
      {
        id: 'key',
        holds: `aws-deactivate-access-key|${accessKeyId}|inactive`,
        summary: isActive
          ? `Deactivate the access key ${accessKeyId} of ${user} of ${account}`
          : `Leave the access key ${accessKeyId} of ${user} of ${account} ${shown(key.status)}, as it is`,
        target,
        before: { accessKeyId, user: principal.arn, status: key.status },
        after: { accessKeyId, user: principal.arn, status: isActive ? 'Inactive' : key.status },
        undo: isActive ? `Activate ${accessKeyId} again` : undefined,
      },
    ],
    affects: [`All that runs with the access key ${accessKeyId} of ${user}, created ${shown(key.created)}`],
    residual: [
      { what: 'Requests of the next seconds, until the change is everywhere', lasts: 60_000 },
      { what: 'Sessions of the user that were made with the key', lasts: 36 * HOUR },
      { what: 'Sessions of roles that were taken with the key', lasts: 12 * HOUR },
      ...(others === undefined ? [] : [{ what: others }]),
      ...(hasPassword ? [{ what: `${user} can sign in to the console with a password` }] : []),
    ],
    subjects: [await subjectOf(iam, principal, uniqueId, [accessKeyKey(accessKeyId)])],
  };
}

/** Whose a key is: STS says of which account, IAM of which user. */
async function ownerOf(accessKeyId: string, context: ActionContext): Promise<{ user: string; account: string }> {
  const [first] = context.connections.settings.aws.accounts;
  if (first === undefined) {
    throw new ActionError('unsuitable', 'no account is named in response.aws.accounts of crosstrail.yaml');
  }
  const { options } = await awsSession(context, first.account);
  const { STSClient, GetAccessKeyInfoCommand } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(options);
  const { Account } = await ask(context, { permission: 'sts:GetAccessKeyInfo', what: accessKeyId }, (to) =>
    sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }), to),
  ).finally(() => sts.destroy());
  if (Account === undefined) throw new ActionError('absent', `AWS knows no account of the access key ${accessKeyId}`);
  const user = await (await iamOf(context, Account)).userOf(accessKeyId);
  if (user === undefined) {
    throw new ActionError('absent', `the account ${Account} has no user with the access key ${accessKeyId}`);
  }
  return { user, account: Account };
}

const nameAndAccount = (arn: string): { user: string; account: string } => {
  const { name, account } = principalOf(arn);
  return { user: name, account };
};

async function arnOf(name: string, account: string, context: ActionContext): Promise<string> {
  const iam = await iamOf(context, account);
  const found = await iam.find({ kind: 'user', name, account, arn: '' });
  if (found === undefined) throw new ActionError('absent', `there is no user ${shown(name)} in the account ${account}`);
  return found.arn;
}

async function find(change: Change, context: ActionContext): Promise<AccessKey | undefined> {
  const { accessKeyId, user } = stateOf(change.after);
  const { name, account } = principalOf(user);
  const keys = await (await iamOf(context, account)).keysIfThere(name);
  return keys?.find(({ id }) => id === accessKeyId);
}

/** Of the user's other keys those that still work, in a sentence. */
function othersIn(keys: readonly AccessKey[], accessKeyId: string): string | undefined {
  const active = keys.filter(({ id, status }) => id !== accessKeyId && status === 'Active');
  if (active.length === 0) return undefined;
  return `The user has other active access keys: ${active.map(({ id, created }) => `${shown(id)}, created ${shown(created)}`).join('; ')}`;
}

function stateOf(state: Change['after']): z.infer<typeof keyState> {
  const read = keyState.safeParse(state);
  if (read.success) return read.data;
  throw new ActionError('failed', 'the change is not one of an access key');
}
