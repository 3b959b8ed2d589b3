import type { Action } from '../contract/action.ts';
import { awsDeactivateAccessKey } from './aws-deactivate-access-key/aws-deactivate-access-key.ts';
import { awsDeleteLoginProfile } from './aws-delete-login-profile/aws-delete-login-profile.ts';
import { awsDenyOlderSessions } from './aws-deny-older-sessions/aws-deny-older-sessions.ts';
import { awsDetachPolicies } from './aws-detach-policies/aws-detach-policies.ts';
import { awsNetworkAclDeny } from './aws-network-acl-deny/aws-network-acl-deny.ts';
import { awsQuarantineRole } from './aws-quarantine-role/aws-quarantine-role.ts';
import { awsQuarantineUser } from './aws-quarantine-user/aws-quarantine-user.ts';
import { awsWafIpSetAdd } from './aws-waf-ip-set-add/aws-waf-ip-set-add.ts';

/** Actions of this folder. */
export const awsActions: readonly Action[] = [
  awsDeactivateAccessKey,
  awsDenyOlderSessions,
  awsQuarantineUser,
  awsQuarantineRole,
  awsDeleteLoginProfile,
  awsDetachPolicies,
  awsNetworkAclDeny,
  awsWafIpSetAdd,
];
