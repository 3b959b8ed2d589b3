import { textOf, type JsonObject } from '../../../platform/json.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import type {
  Actor,
  Api,
  ApiActivity,
  EntityManagement,
  Group,
  GroupManagement,
  ManagedEntity,
  OcsfEvent,
  ResourceDetails,
  User,
  UserAccess,
} from '../../timeline/ocsf/types.ts';
import { classifyActivity, entityActivity, type Activity, type EntityActivity } from './audit-activities.ts';
import type { Target, Targets } from './audit-targets.ts';
import { personUser, workloadUser } from './parties.ts';

/** The attributes that an audit has whatever its class. */
export type AuditAttributes = Pick<
  ApiActivity,
  | 'cloud'
  | 'http_request'
  | 'message'
  | 'metadata'
  | 'severity_id'
  | 'status'
  | 'status_code'
  | 'status_detail'
  | 'status_id'
  | 'time'
  | 'unmapped'
> & { readonly actor: Actor; readonly api: Api; readonly src_endpoint: ApiActivity['src_endpoint'] | undefined };

/**
 * An audit as the OCSF class that its activity is: Account Change, User Access Management or Group Management where it has the
 * account, privilege or group that these want; else Entity Management of its first target; without one, API Activity.
 */
export function auditEvent(attributes: AuditAttributes, targets: Targets, properties: JsonObject): OcsfEvent {
  const activity = classifyActivity(attributes.api.operation);
  return (
    specific(activity, attributes, targets) ??
    entityEvent(activity, attributes, targets, properties) ??
    apiEvent(attributes, properties, activity)
  );
}

function specific(activity: Activity, attributes: AuditAttributes, targets: Targets): OcsfEvent | undefined {
  switch (activity.kind) {
    case 'account': {
      const user = targets.all.find(isUser);
      return user === undefined
        ? undefined
        : { ...activity.class, ...named(activity.class, attributes), ...attributes, user: userOf(user) };
    }
    case 'access':
      return accessEvent(activity, attributes, targets);
    case 'group':
      return groupEvent(activity, attributes, targets);
    case 'entity':
      return undefined;
  }
}

/** What OCSF has no name for keeps its own. */
const named = ({ activity_id }: { activity_id: number }, { api }: AuditAttributes) => ({
  activity_name: activity_id === 99 ? api.operation : undefined,
});

function accessEvent(
  { class: numbers, about }: Extract<Activity, { kind: 'access' }>,
  attributes: AuditAttributes,
  targets: Targets,
): UserAccess | undefined {
  const privileges = privilegesOf(about, targets);
  const user = about === 'elevation' ? attributes.actor.user : holderOf(about, targets);
  if (user === undefined || privileges.length === 0) return undefined;
  const resources = targets.all.filter(({ id }) => id === undefined || id !== user.uid).flatMap(resourceOf);
  return {
    ...numbers,
    ...named(numbers, attributes),
    ...attributes,
    user,
    privileges,
    resources: resources.length === 0 ? undefined : resources,
  };
}

function privilegesOf(about: 'role' | 'grant' | 'owner' | 'elevation', targets: Targets): readonly string[] {
  switch (about) {
    case 'elevation':
      return ['User Access Administrator'];
    case 'owner':
      return ['Owner'];
    case 'grant':
      return targets.privileges;
    case 'role': {
      // Privileged Identity Management names the role as a target of its own.
      const role = targets.all.find(({ type }) => type === 'Role')?.displayName;
      return targets.privileges.length === 0 && role !== undefined ? [role] : targets.privileges;
    }
  }
}

/** Who was given, or lost, the access. */
function holderOf(about: 'role' | 'grant' | 'owner', { all, grantee }: Targets): User | undefined {
  if (about === 'grant' && grantee !== undefined) {
    return grantee.kind === 'user'
      ? personUser({ objectId: grantee.id, upn: grantee.name, displayName: undefined }, undefined)
      : workloadUser({ objectId: grantee.id, appId: grantee.appId, name: grantee.name }, '');
  }
  const holder = all.find(isHolder);
  return holder === undefined ? undefined : userOf(holder);
}

function groupEvent(
  { class: numbers }: Extract<Activity, { kind: 'group' }>,
  attributes: AuditAttributes,
  { all, group: changed, privileges }: Targets,
): GroupManagement | undefined {
  const target = all.find(({ type, id }) => type === 'Group' && (changed?.id === undefined || id === changed.id));
  const group = groupOf(changed?.id ?? target?.id, changed?.name ?? target?.displayName);
  if (group === undefined) return undefined;
  const namesMember = numbers.activity_id > 2 || privileges.length === 0;
  const member = namesMember ? all.find((candidate) => candidate !== target && isHolder(candidate)) : undefined;
  const isSubgroup = member?.type === 'Group';
  return {
    ...(isSubgroup ? ofSubgroup(numbers) : numbers),
    ...named(numbers, attributes),
    ...attributes,
    group,
    subgroup: isSubgroup ? groupOf(member.id, member.displayName) : undefined,
    user: member === undefined || isSubgroup ? undefined : userOf(member),
    privileges: numbers.activity_id > 2 ? undefined : privileges.length === 0 ? ['Owner'] : privileges,
  };
}

/** A member that is a group itself: Add Subgroup (7), Remove Subgroup (8). */
function ofSubgroup(numbers: GroupNumbers): GroupNumbers {
  if (numbers.activity_id === 3) return classification(3006, 7);
  return numbers.activity_id === 4 ? classification(3006, 8) : numbers;
}
type GroupNumbers = Extract<Activity, { kind: 'group' }>['class'];

const groupOf = (uid: string | undefined, name: string | undefined): Group | undefined =>
  uid === undefined && name === undefined ? undefined : { uid, name };

function entityEvent(
  activity: Activity,
  attributes: AuditAttributes,
  { all }: Targets,
  properties: JsonObject,
): OcsfEvent | undefined {
  const target = all.find(({ id, displayName, upn }) => (id ?? displayName ?? upn) !== undefined);
  if (target === undefined) return undefined;
  if (isUser(target) && properties.category === 'UserManagement') {
    return { ...ACCOUNT_OTHER, activity_name: attributes.api.operation, ...attributes, user: userOf(target) };
  }
  const numbers = classification(3004, activityOn(activity, properties));
  const event: EntityManagement = {
    ...numbers,
    ...named(numbers, attributes),
    ...attributes,
    entity: entityOf(target),
  };
  return event;
}
const ACCOUNT_OTHER = classification(3001, 99);

const activityOn = (activity: Activity, { operationType }: JsonObject): EntityActivity =>
  entityActivity(activity.kind === 'entity' ? activity.activity_id : undefined, operationType);

function apiEvent(attributes: AuditAttributes, properties: JsonObject, activity: Activity): ApiActivity {
  // Create, read, update and delete have the same numbers in both classes.
  const id = activityOn(activity, properties);
  const numbers = classification(6003, id === 1 || id === 2 || id === 3 || id === 4 ? id : 99);
  return {
    ...numbers,
    ...named(numbers, attributes),
    ...attributes,
    // API Activity must have an origin; the directory's own changes have none but the service that logged them.
    src_endpoint: attributes.src_endpoint ?? {
      svc_name: textOf(properties.loggedByService) ?? 'Microsoft Entra ID',
    },
  };
}

const isUser = ({ type, upn }: Target): boolean => type === 'User' || (type === undefined && upn !== undefined);

/** Whether a target can hold a role or be a member: for a role assigned to a group, the group holds it. */
const isHolder = (target: Target): boolean =>
  (isUser(target) || target.type === 'ServicePrincipal' || target.type === 'Group') &&
  (target.id ?? target.displayName ?? target.upn) !== undefined;

function userOf({ type, id, upn, displayName }: Target): User {
  if (type === 'ServicePrincipal') return workloadUser({ objectId: id, appId: undefined, name: displayName }, '');
  if (type === 'Group') return { uid: id, name: displayName, type_id: 99, type: 'Group' };
  return personUser({ objectId: id, upn, displayName }, undefined);
}

function resourceOf({ type, id, displayName, upn }: Target): ResourceDetails[] {
  const name = displayName ?? upn;
  return (id ?? name) === undefined ? [] : [{ uid: id, name, type, role_id: 1, role: 'Target' }];
}

/** Numbers of kinds of entities that OCSF has; others keep the name that Entra gives them. */
const ENTITY_TYPES: ReadonlyMap<string, readonly [1 | 2 | 3 | 4 | 5, string]> = new Map([
  ['Device', [1, 'Device']],
  ['User', [2, 'User']],
  ['Group', [3, 'Group']],
  ['Directory', [4, 'Organization']],
  ['Policy', [5, 'Policy']],
]);

function entityOf({ type, id, displayName, upn }: Target): ManagedEntity {
  const [type_id, caption] = ENTITY_TYPES.get(type ?? '') ?? [99, type ?? 'Unknown'];
  return { uid: id, name: displayName ?? upn, type_id, type: caption };
}
