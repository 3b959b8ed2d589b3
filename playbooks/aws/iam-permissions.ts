import type { AwsStatement } from '../contract/permissions.ts';

const USERS = 'arn:aws:iam::*:user/*';
const ROLES = 'arn:aws:iam::*:role/*';

/** IAM changes are read from copies, seconds late: what was made must be seen three times in a row. */
export const SETTLE = { checks: 3, every: 2_000 } as const;

/** What is read of a user: that it is there, and whether it is privileged. */
export const USER_READS: readonly AwsStatement[] = [
  {
    actions: [
      'iam:GetUser',
      'iam:ListUserPolicies',
      'iam:GetUserPolicy',
      'iam:ListAttachedUserPolicies',
      'iam:ListGroupsForUser',
    ],
    resources: [USERS],
  },
  {
    actions: ['iam:ListGroupPolicies', 'iam:GetGroupPolicy', 'iam:ListAttachedGroupPolicies'],
    resources: ['arn:aws:iam::*:group/*'],
  },
  { actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'], resources: ['arn:aws:iam::*:policy/*'] },
];

/** The same of a role. */
export const ROLE_READS: readonly AwsStatement[] = [
  {
    actions: ['iam:GetRole', 'iam:ListRolePolicies', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies'],
    resources: [ROLES],
  },
  { actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'], resources: ['arn:aws:iam::*:policy/*'] },
];

/** Actions on users. */
export const onUsers = (...actions: readonly string[]): AwsStatement => ({ actions, resources: [USERS] });

/** Actions on roles. */
export const onRoles = (...actions: readonly string[]): AwsStatement => ({ actions, resources: [ROLES] });
