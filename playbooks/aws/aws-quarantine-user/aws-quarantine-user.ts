import { z } from 'zod';
import { iamArnParameter } from '../../contract/parameters.ts';
import { onUsers, USER_READS } from '../iam-permissions.ts';
import type { IamPrincipal } from '../iam-principal.ts';
import type { Iam } from '../iam.ts';
import { quarantineAction } from '../quarantine.ts';
import { shown } from '../shown.ts';

const HOUR = 3_600_000;

/** Denies everything to a user of IAM. */
export const awsQuarantineUser = quarantineAction({
  kind: 'user',
  title: 'Deny everything to an IAM user',
  description:
    'Puts an inline policy on the user that denies all actions on all resources. It takes effect on requests with its access keys, its password and sessions of its own (GetSessionToken, GetFederationToken), some seconds later. Roles that the user took before go on: deny their older sessions too. The keys stay active: deactivate them as well. The account’s root user cannot be restricted by policies. Whoever can change IAM in the account can remove the policy; only a service control policy of the organization is out of their reach. Users of IAM Identity Center are no IAM users.',
  parameters: z.strictObject({ user: iamArnParameter('user').describe('The ARN of the user.') }),
  arnIn: ({ user }) => user,
  from: ({ awsUsers }) => awsUsers.map((user) => ({ user })),
  permissions: [
    onUsers('iam:PutUserPolicy', 'iam:DeleteUserPolicy', 'iam:ListAccessKeys', 'iam:GetLoginProfile'),
    ...USER_READS,
  ],
  operations: ['PutUserPolicy', 'DeleteUserPolicy'],
  affects: affected,
  residual: [
    { what: 'Requests of the next seconds, until the policy is everywhere', lasts: 60_000 },
    { what: 'Sessions of roles that the user took before, until they end', lasts: 12 * HOUR },
    { what: 'What the user set up while it could: other users, keys, roles, trust policies' },
  ],
});

async function affected(iam: Iam, { name }: IamPrincipal): Promise<readonly string[]> {
  const keys = (await iam.keys(name)).filter(({ status }) => status === 'Active').map(({ id }) => shown(id));
  const hasPassword = (await iam.loginProfile(name)) !== undefined;
  return [
    keys.length === 0
      ? `${name} has no active access key`
      : `All that runs with the access keys of ${name} is denied: ${keys.join(', ')}`,
    hasPassword
      ? `${name} can sign in to the console, and is denied everything there`
      : `${name} has no password for the console`,
  ];
}
