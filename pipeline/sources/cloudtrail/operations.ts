import { classification, type Classification } from '../../timeline/ocsf/classification.ts';
import type { Service } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';

/** What an API call is in OCSF: a sign-in, a change of an IAM user or role, or any other call. */
export type Operation =
  | { readonly kind: 'sign-in'; readonly class: Classification<3002>; readonly protocol: 0 | 4 | 5 }
  | { readonly kind: 'account-change'; readonly class: Classification<3001> }
  | { readonly kind: 'call'; readonly class: Classification<6003>; readonly verbKnown: boolean };

type SignInActivity = Classification<3002>['activity_id'];
type ChangeActivity = Classification<3001>['activity_id'];
type CallActivity = Classification<6003>['activity_id'];

const [LOGON, LOGOFF, PREAUTH, ACCOUNT_SWITCH] = [1, 2, 6, 7] as const;

/**
 * Sign-ins, by service and operation, after OCSF's published mapping of CloudTrail (ocsf/examples,
 * mappings/markdown/AWS/v1.5.0/CloudTrail) with the other STS calls that open a session. Identity Center's own: AWS IAM
 * Identity Center User Guide, "Understanding IAM Identity Center sign-in events".
 */
const SIGN_INS: Readonly<Record<string, Readonly<Record<string, SignInActivity>>>> = {
  'signin.amazonaws.com': {
    ConsoleLogin: LOGON,
    ExternalIdPDirectoryLogin: LOGON,
    UserAuthentication: LOGON,
    CheckMfa: PREAUTH,
    CredentialChallenge: PREAUTH,
    CredentialVerification: PREAUTH,
    SwitchRole: ACCOUNT_SWITCH,
    ExitRole: ACCOUNT_SWITCH,
    Logout: LOGOFF,
  },
  'sso.amazonaws.com': { Authenticate: LOGON, Federate: LOGON, Logout: LOGOFF },
  'sts.amazonaws.com': {
    AssumeRole: LOGON,
    AssumeRoleWithSAML: LOGON,
    AssumeRoleWithWebIdentity: LOGON,
    AssumeRoot: LOGON,
    GetFederationToken: LOGON,
    GetSessionToken: LOGON,
  },
};

const [SAML, OPENID] = [5, 4] as const;

/** The protocol of sign-ins that name it. */
const PROTOCOLS: Readonly<Record<string, 4 | 5>> = { AssumeRoleWithSAML: SAML, AssumeRoleWithWebIdentity: OPENID };

const [CREATE, ENABLE, PASSWORD_CHANGE, PASSWORD_RESET, DISABLE, DELETE, ATTACH, DETACH, MFA_ON, MFA_OFF, OTHER] = [
  1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 99,
] as const;

/** Changes of one IAM user or role; groups, managed policies and providers stay API calls, for they are no accounts. */
const ACCOUNT_CHANGES: Readonly<Record<string, ChangeActivity>> = {
  CreateUser: CREATE,
  CreateRole: CREATE,
  CreateServiceLinkedRole: CREATE,
  DeleteUser: DELETE,
  DeleteRole: DELETE,
  DeleteServiceLinkedRole: DELETE,
  ChangePassword: PASSWORD_CHANGE,
  UpdateLoginProfile: PASSWORD_RESET,
  CreateLoginProfile: ENABLE,
  DeleteLoginProfile: DISABLE,
  AttachUserPolicy: ATTACH,
  AttachRolePolicy: ATTACH,
  PutUserPolicy: ATTACH,
  PutRolePolicy: ATTACH,
  PutUserPermissionsBoundary: ATTACH,
  PutRolePermissionsBoundary: ATTACH,
  DetachUserPolicy: DETACH,
  DetachRolePolicy: DETACH,
  DeleteUserPolicy: DETACH,
  DeleteRolePolicy: DETACH,
  DeleteUserPermissionsBoundary: DETACH,
  DeleteRolePermissionsBoundary: DETACH,
  EnableMFADevice: MFA_ON,
  DeactivateMFADevice: MFA_OFF,
  CreateAccessKey: OTHER,
  UpdateAccessKey: OTHER,
  DeleteAccessKey: OTHER,
  UpdateUser: OTHER,
  UpdateRole: OTHER,
  UpdateAssumeRolePolicy: OTHER,
};

/** The verb that AWS puts first in the name of an operation. */
const VERBS: Readonly<Record<'create' | 'read' | 'update' | 'delete', string>> = {
  create: 'Allocate Clone Copy Create Import Issue Launch Provision Publish Register Request Restore Run Upload',
  read: 'Check Decrypt Describe Detect Discover Download Estimate Filter Get Head List Lookup Preview Query Read Resolve Retrieve Scan Search Select Simulate Test Validate View',
  update:
    'Accept Activate Add Apply Assign Associate Attach Authorize Change Configure Deactivate Detach Disable Disassociate Edit Enable Extend Grant Merge Modify Move Promote Put Reboot Reject Rename Replace Reset Restart Resume Revoke Rotate Set Share Start Stop Subscribe Suspend Tag Unassign Unsubscribe Untag Update',
  delete: 'Abort Cancel Delete Deregister Destroy Drop Purge Release Remove Retire Terminate',
};

const ACTIVITY_OF_VERB: ReadonlyMap<string, CallActivity> = new Map<string, CallActivity>([
  ...VERBS.create.split(' ').map((verb) => [verb, 1] as const),
  ...VERBS.read.split(' ').map((verb) => [verb, 2] as const),
  ...VERBS.update.split(' ').map((verb) => [verb, 3] as const),
  ...VERBS.delete.split(' ').map((verb) => [verb, 4] as const),
]);

/** `GetObject` begins with `Get`, `BatchGetItem` too. */
const VERB = /^(?:Batch|Admin)?([A-Z][a-z]+)/;
const LONGEST_NAME = 128;

/** A service as records name it (`ec2.amazonaws.com`), with its operations. */
export interface AwsService {
  /** The first part of its name: `ec2`. */
  readonly prefix: string;
  readonly ocsf: Service;
  /** Its operations by `eventName`. */
  readonly operations: BoundedCache<Operation>;
}

const services = new BoundedCache<AwsService>(
  (name) => ({
    prefix: name.slice(0, Math.max(0, name.indexOf('.'))),
    ocsf: { name },
    operations: new BoundedCache((operation) => classify(name, operation), 512),
  }),
  1024,
);

/** The service of an `eventSource`. */
export const serviceOf = (eventSource: string): AwsService => services.get(eventSource);

function classify(service: string, name: string): Operation {
  const signIns = Object.hasOwn(SIGN_INS, service) ? SIGN_INS[service] : undefined;
  if (signIns !== undefined && Object.hasOwn(signIns, name)) {
    const protocol = Object.hasOwn(PROTOCOLS, name) ? (PROTOCOLS[name] ?? 0) : 0;
    return { kind: 'sign-in', class: classification(3002, signIns[name] ?? 99), protocol };
  }
  if (service === 'iam.amazonaws.com' && Object.hasOwn(ACCOUNT_CHANGES, name)) {
    return { kind: 'account-change', class: classification(3001, ACCOUNT_CHANGES[name] ?? 99) };
  }
  const verb = VERB.exec(name.slice(0, LONGEST_NAME))?.[1];
  const activity = verb === undefined ? undefined : ACTIVITY_OF_VERB.get(verb);
  return { kind: 'call', class: classification(6003, activity ?? 99), verbKnown: activity !== undefined };
}

/** Reading, for calls whose name does not say so but whose record does (`readOnly`). */
export const READ_CALL: Classification<6003> = classification(6003, 2);
