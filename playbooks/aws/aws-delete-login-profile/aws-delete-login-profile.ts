import { z } from 'zod';
import { textOf, objectOf } from '../../../platform/json.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan } from '../../contract/action.ts';
import { iamArnParameter } from '../../contract/parameters.ts';
import { onUsers, SETTLE, USER_READS } from '../iam-permissions.ts';
import { existing, principalOf, subjectOf, targetOf } from '../iam-principal.ts';
import { iamOf } from '../iam.ts';
import { untilSeen } from '../until-seen.ts';

const HOUR = 3_600_000;

/** Takes the console password from a user of IAM. */
export const awsDeleteLoginProfile = defineAction({
  name: 'aws-delete-login-profile',
  group: 'aws',
  title: 'Delete the console password of an IAM user',
  description:
    'Deletes the login profile of the user, so that nobody signs in to the console as it any more. It cannot be taken back: a new password has to be set. Access keys go on working, and so does a console session that exists, for up to 12 hours: quarantine the user as well. People who sign in through IAM Identity Center have no login profile here.',
  parameters: z.strictObject({ user: iamArnParameter('user').describe('The ARN of the user.') }),
  permissions: { aws: [onUsers('iam:GetLoginProfile', 'iam:DeleteLoginProfile', 'iam:ListAccessKeys'), ...USER_READS] },
  reversibility: 'irreversible',
  lease: undefined,
  settle: SETTLE,
  from: ({ awsUsers }) => awsUsers.map((user) => ({ user })),
  operations: ['DeleteLoginProfile'],
  plan: ({ user }, context) => plan(user, context),
  execute: async (change, context) => {
    const { name, account } = principalOf(change.target.id);
    const iam = await iamOf(context, account);
    const standing = await iam.loginProfile(name);
    if (standing === undefined) return;
    if (standing.created !== createdIn(change)) throw new ActionError('conflict', anew(name, standing.created));
    await iam.deleteLoginProfile(name);
    await untilSeen(context, async () => (await iam.loginProfile(name)) === undefined);
  },
  verify: async (change, context) => {
    const { name, account } = principalOf(change.target.id);
    const standing = await (await iamOf(context, account)).loginProfile(name);
    if (standing === undefined) return { is: 'held' };
    if (standing.created === createdIn(change)) return { is: 'absent' };
    return { is: 'changed', why: anew(name, standing.created) };
  },
});

async function plan(user: string, context: ActionContext): Promise<Plan> {
  const iam = await iamOf(context, principalOf(user).account);
  const { principal, uniqueId } = await existing(iam, user, context);
  const { name, account } = principal;
  const profile = await iam.loginProfile(name);
  const keys = (await iam.keys(name)).filter(({ status }) => status === 'Active');
  const target = targetOf(principal);
  return {
    target,
    changes:
      profile === undefined
        ? []
        : [
            {
              id: 'login-profile',
              holds: `aws-delete-login-profile|${user}|no password`,
              summary: `Delete the console password of ${name} of ${account}, set at ${profile.created}`,
              target,
              before: { created: profile.created },
              after: null,
              undo: undefined,
            },
          ],
    affects: [
      profile === undefined
        ? `${name} has no password for the console`
        : `${name} cannot sign in to the console until a new password is set`,
    ],
    residual: [
      { what: 'A console session that exists', lasts: 12 * HOUR },
      ...(keys.length === 0 ? [] : [{ what: `${keys.length} access keys of ${name} that are active` }]),
    ],
    subjects: [await subjectOf(iam, principal, uniqueId)],
  };
}

const createdIn = ({ before }: Change): string => textOf(objectOf(before)?.['created']) ?? '';

const anew = (name: string, created: string): string =>
  `${name} was given a new password for the console at ${created}`;
