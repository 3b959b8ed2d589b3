import { classification, type Classification } from '../../timeline/ocsf/classification.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';

/** What an audited activity is in OCSF, as far as its name tells. */
export type Activity =
  | { readonly kind: 'account'; readonly class: Classification<3001> }
  | {
      readonly kind: 'access';
      readonly class: Classification<3005>;
      readonly about: 'role' | 'grant' | 'owner' | 'elevation';
    }
  | { readonly kind: 'group'; readonly class: Classification<3006> }
  | { readonly kind: 'entity'; readonly activity_id: EntityActivity | undefined };

export type EntityActivity = Classification<3004>['activity_id'];
type AccountActivity = Classification<3001>['activity_id'];
type GroupActivity = Classification<3006>['activity_id'];

const [CREATE, ENABLE, PASSWORD_CHANGE, PASSWORD_RESET, DISABLE, DELETE, LOCK, MFA_ON, MFA_OFF, UNLOCK, OTHER] = [
  1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 99,
] as const;

/**
 * Changes of a user's account, by the activity's name (folded).
 * Source: https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
const ACCOUNT_ACTIVITIES: Readonly<Record<string, AccountActivity>> = {
  'add user': CREATE,
  'create user': CREATE,
  'invite external user': CREATE,
  'invite external user with reset invitation status': CREATE,
  'viral user creation': CREATE,
  'enable account': ENABLE,
  'disable account': DISABLE,
  'delete user': DELETE,
  'hard delete user': DELETE,
  'delete external user': DELETE,
  'change user password': PASSWORD_CHANGE,
  'change password (self-service)': PASSWORD_CHANGE,
  'reset password': PASSWORD_RESET,
  'reset user password': PASSWORD_RESET,
  'reset password (by admin)': PASSWORD_RESET,
  'reset password (self-service)': PASSWORD_RESET,
  'user password reset': PASSWORD_RESET,
  'fraud reported - user is blocked for mfa': LOCK,
  'unlock user account (self-service)': UNLOCK,
  'enable strong authentication': MFA_ON,
  'user registered security info': MFA_ON,
  'user registered all required security info': MFA_ON,
  'admin registered security info': MFA_ON,
  'create temporary access pass method for user': MFA_ON,
  'add fido2 security key': MFA_ON,
  'add windows hello for business credential': MFA_ON,
  'add passwordless phone sign-in credential': MFA_ON,
  'add platform credential': MFA_ON,
  'add users strong authentication phone app detail': MFA_ON,
  'disable strong authentication': MFA_OFF,
  'user deleted security info': MFA_OFF,
  'admin deleted security info': MFA_OFF,
  'delete temporary access pass method for user': MFA_OFF,
  'delete fido2 security key(s)': MFA_OFF,
  'delete windows hello for business credential': MFA_OFF,
  'delete passwordless phone sign-in credential': MFA_OFF,
  'delete platform credential': MFA_OFF,
  'remove users strong authentication phone app detail': MFA_OFF,
};

const [ASSIGN_TO_GROUP, REVOKE_FROM_GROUP, ADD_MEMBER, REMOVE_MEMBER, DELETE_GROUP, CREATE_GROUP] = [
  1, 2, 3, 4, 5, 6,
] as const;

/** Activities about a group that stands in the directory; the member added may turn out to be a group itself. */
const GROUP_ACTIVITIES: Readonly<Record<string, GroupActivity>> = {
  'add group': CREATE_GROUP,
  'create group': CREATE_GROUP,
  'delete group': DELETE_GROUP,
  'hard delete group': DELETE_GROUP,
  'add member to group': ADD_MEMBER,
  'remove member from group': REMOVE_MEMBER,
  'add owner to group': ASSIGN_TO_GROUP,
  'remove owner from group': REVOKE_FROM_GROUP,
  'add app role assignment to group': ASSIGN_TO_GROUP,
  'remove app role assignment from group': REVOKE_FROM_GROUP,
  'restore group': OTHER,
  'update group': OTHER,
  'set group license': OTHER,
  'set group to be managed by user': OTHER,
};

/** The verbs that begin the names of activities, where `operationType` says nothing. */
const VERBS: Readonly<Record<string, EntityActivity>> = {
  add: 1,
  create: 1,
  invite: 1,
  check: 2,
  download: 2,
  export: 2,
  get: 2,
  list: 2,
  read: 2,
  retrieve: 2,
  reveal: 2,
  validate: 2,
  assign: 3,
  change: 3,
  reset: 3,
  set: 3,
  unset: 3,
  update: 3,
  upload: 3,
  delete: 4,
  hard: 4,
  remove: 4,
  register: 6,
  unregister: 7,
  enable: 8,
  disable: 9,
};

/** Entra's `operationType`. Assigning something to an object changes the object. */
const OPERATION_TYPES: Readonly<Record<string, EntityActivity>> = {
  Add: 1,
  Create: 1,
  Update: 3,
  Assign: 3,
  Unassign: 3,
  Delete: 4,
  HardDelete: 4,
};

const LONGEST_NAME = 200;

const activities = new BoundedCache<Activity>((written) => classify(fold(written)));

/** What an activity is, by its name as Entra wrote it: in any case, with any dash, with spaces around it. */
export const classifyActivity = (written: string): Activity => activities.get(written);

/** What is done to an entity where the activity's name does not say: by `operationType`. */
export function entityActivity(named: EntityActivity | undefined, operationType: unknown): EntityActivity {
  if (named !== undefined) return named;
  return typeof operationType === 'string' && Object.hasOwn(OPERATION_TYPES, operationType)
    ? (OPERATION_TYPES[operationType] ?? OTHER)
    : OTHER;
}

/** `Update application – Certificates and secrets management ` is written with an en dash here and a hyphen there. */
function fold(written: string): string {
  return written
    .slice(0, LONGEST_NAME)
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .trim()
    .toLowerCase();
}

function classify(name: string): Activity {
  if (Object.hasOwn(ACCOUNT_ACTIVITIES, name)) {
    return { kind: 'account', class: classification(3001, ACCOUNT_ACTIVITIES[name] ?? OTHER) };
  }
  if (Object.hasOwn(GROUP_ACTIVITIES, name)) {
    return { kind: 'group', class: classification(3006, GROUP_ACTIVITIES[name] ?? OTHER) };
  }
  const about = accessOf(name);
  if (about !== undefined) return { kind: 'access', class: classification(3005, direction(name)), about };
  return { kind: 'entity', activity_id: entityActivityOf(name) };
}

function accessOf(name: string): 'role' | 'grant' | 'owner' | 'elevation' | undefined {
  // The older text of the second is what Azure Activity still calls the operation.
  if (name.startsWith('user has elevated their access') || name.startsWith('assigns the caller to user access admin')) {
    return 'elevation';
  }
  if (/\b(?:member|assignment)\b.*\b(?:to|from) role|\bdirect role assignment|\beligible role assignment/.test(name)) {
    return 'role';
  }
  if (/\bapp role assignment|\bdelegated permission grant|\boauth2permissiongrant|^consent to application/.test(name)) {
    return 'grant';
  }
  return /\bowner (?:to|from) (?:application|service principal)/.test(name) ? 'owner' : undefined;
}

/** Whether access was given (1) or taken (2). A request, and its approval, refusal or end, changes nothing yet (99). */
function direction(name: string): 1 | 2 | 99 {
  if (/\brequest|\bcancel|\bdenied|\bapprov|\bupdate/.test(name)) return OTHER;
  return /^remove|^delete/.test(name) ? 2 : 1;
}

function entityActivityOf(name: string): EntityActivity | undefined {
  // A credential is added to something that exists, and so is an owner or a policy.
  if (/^(?:add|remove) (?:service principal credentials|registered|policy (?:to|from)|owner|member)/.test(name))
    return 3;
  const verb = /^[a-z]+/.exec(name)?.[0];
  return verb !== undefined && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
}
