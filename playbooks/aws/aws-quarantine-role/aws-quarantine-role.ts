import { z } from 'zod';
import { iamArnParameter } from '../../contract/parameters.ts';
import { onRoles, ROLE_READS } from '../iam-permissions.ts';
import { quarantineAction } from '../quarantine.ts';

const HOUR = 3_600_000;

/** Denies everything to a role of IAM. */
export const awsQuarantineRole = quarantineAction({
  kind: 'role',
  title: 'Deny everything to an IAM role',
  description:
    'Puts an inline policy on the role that denies all actions on all resources: to all sessions of it, those that exist and those to come, some seconds later. All people and workloads that use the role stand still. Sessions of other roles that were taken from this one go on: deny their older sessions too. Whoever can change IAM in the account can remove the policy; only a service control policy of the organization is out of their reach. Roles of IAM Identity Center (AWSReservedSSO_…) and of services cannot be edited: for the former remove the assignment and attach a service control policy that denies the user by identitystore:UserId.',
  parameters: z.strictObject({ role: iamArnParameter('role').describe('The ARN of the role.') }),
  arnIn: ({ role }) => role,
  from: ({ awsRoles }) => awsRoles.map((role) => ({ role })),
  permissions: [onRoles('iam:PutRolePolicy', 'iam:DeleteRolePolicy'), ...ROLE_READS],
  operations: ['PutRolePolicy', 'DeleteRolePolicy'],
  affects: (_iam, { name }) =>
    Promise.resolve([`All people and workloads that use the role ${name}, with sessions that exist and new ones`]),
  residual: [
    { what: 'Requests of the next seconds, until the policy is everywhere', lasts: 60_000 },
    { what: 'Sessions of other roles that were taken from this one, until they end', lasts: HOUR },
    { what: 'What was set up while the role could: users, keys, other roles, trust policies' },
  ],
});
