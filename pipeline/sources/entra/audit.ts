import { isObject, objectOf, textOf, type Json } from '../../../platform/json.ts';
import type { EntityKind } from '../../timeline/entity.ts';
import { applicationKey, deviceKey, entraCredentialKey, entraObjectKey } from '../../timeline/entity-keys.ts';
import type { Product, User } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { trustedSubject } from '../shared/trusted-subject.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import { remainder } from '../shared/remainder.ts';
import type { LogSource, ReadRecord } from '../source.ts';
import { auditEvent, type AuditAttributes } from './audit-classes.ts';
import { readTargets, type Target, type Targets } from './audit-targets.ts';
import { activityOf, type CheckedRecord } from './check.ts';
import { metadataOf } from './metadata.ts';
import { endpointOf, originOf } from './origin.ts';
import { auditOutcome } from './outcome.ts';
import { addPerson, addTenant, addWorkload, cloudOf, labelOf, personUser, workloadUser } from './parties.ts';
import { unmappedOf } from './unmapped.ts';
import { idOf, listOf } from './values.ts';

export const AUDIT_LOGSOURCE: LogSource = { product: 'azure', service: 'auditlogs' };
const PRODUCT: Product = { name: 'Microsoft Entra ID', vendor_name: 'Microsoft', feature: { name: 'Audit logs' } };
const PROFILES: readonly string[] = ['cloud'];

/** Members of `properties` that have a place in the event; targets and details have it in part only. */
const MAPPED: ReadonlySet<string> = new Set([
  'activityDateTime',
  'activityDisplayName',
  'correlationId',
  'id',
  'initiatedBy',
  'loggedByService',
  'operationType',
  'result',
  'resultReason',
  'tenantId',
  'userAgent',
]);

/** An entry of Entra's audit log, as the OCSF class that its activity is. */
export function readAudit(checked: CheckedRecord): ReadRecord {
  const { record, properties: p, time, tenant } = checked;
  const list = new EntityList();
  const details = detailsOf(p.additionalDetails);
  const initiator = initiatorOf(checked, list);
  const origin = originOf(initiator.ipAddress, record.callerIpAddress, details.ipAddress);
  list.add(origin.entity);
  const targets = readTargets(p.targetResources);
  addTargets(targets, details, tenant, list);

  const activity = activityOf(record, p) ?? '';
  const service = textOf(p.loggedByService);
  const recordId = idOf(p.id) ?? recordHash(record);
  const outcome = auditOutcome(record, p);
  const correlation = textOf(p.correlationId) ?? textOf(record.correlationId);
  const userAgent = textOf(p.userAgent) ?? details.userAgent;
  const attributes: AuditAttributes = {
    time,
    message: activity,
    severity_id: 1,
    status_id: outcome.status_id,
    status: outcome.status,
    status_code: outcome.status_code,
    status_detail: outcome.status_detail,
    metadata: metadataOf(checked, {
      recordId,
      product: PRODUCT,
      profiles: PROFILES,
      eventCode: activity,
      provider: service,
    }),
    cloud: cloudOf(tenant),
    actor: {
      user: initiator.user,
      app_uid: initiator.appId,
      app_name: initiator.appName ?? (initiator.user === undefined ? (service ?? 'Microsoft Entra ID') : undefined),
    },
    api: {
      operation: activity,
      service: service === undefined ? undefined : { name: service },
      request: correlation === undefined ? undefined : { uid: correlation },
    },
    src_endpoint: endpointOf(origin, undefined, undefined),
    http_request: userAgent === undefined ? undefined : { user_agent: userAgent },
    unmapped: unmappedOf(record, remainder(p, MAPPED)),
  };
  const ocsf = auditEvent(attributes, targets, p);
  const { principal } = initiator;
  return {
    event: {
      id: eventId('entra', recordId),
      source: 'entra',
      recordId,
      time,
      ocsf,
      entities: list.entities,
      principal,
    },
    fields: record,
    logsource: AUDIT_LOGSOURCE,
  };
}

/** Who did it: a user, a workload, both (an application on a user's behalf), or the directory itself. */
interface Initiator {
  readonly user: User | undefined;
  readonly appId: string | undefined;
  readonly appName: string | undefined;
  readonly ipAddress: Json | undefined;
  readonly principal: string;
}

function initiatorOf({ properties, tenant }: CheckedRecord, list: EntityList): Initiator {
  const initiatedBy = objectOf(properties.initiatedBy);
  const user = objectOf(initiatedBy?.user);
  const app = objectOf(initiatedBy?.app);
  const person = {
    objectId: idOf(user?.id),
    upn: textOf(user?.userPrincipalName),
    displayName: textOf(user?.displayName),
  };
  const workload = {
    objectId: idOf(app?.servicePrincipalId),
    appId: idOf(app?.appId),
    name: textOf(app?.displayName) ?? textOf(app?.servicePrincipalName),
  };
  const asPerson = addPerson(list, tenant, person, 'actor');
  const asWorkload = addWorkload(list, tenant, workload, 'actor');
  const isPerson =
    asPerson !== undefined || (asWorkload === undefined && (person.upn ?? person.displayName) !== undefined);
  return {
    user: isPerson ? personUser(person, tenant) : workloadOf(workload, tenant),
    appId: workload.appId,
    appName: workload.name,
    ipAddress: user?.ipAddress ?? app?.ipAddress,
    principal: asPerson ?? asWorkload ?? addTenant(list, tenant),
  };
}

function workloadOf(workload: Parameters<typeof workloadUser>[0], tenant: string): User | undefined {
  const { objectId, appId, name } = workload;
  return (objectId ?? appId ?? name) === undefined ? undefined : workloadUser(workload, tenant);
}

/** What `additionalDetails`, a list of keys and values, tells. */
interface Details {
  userAgent: string | undefined;
  appId: string | undefined;
  deviceId: string | undefined;
  ipAddress: string | undefined;
}

const MOST_DETAILS = 100;

function detailsOf(additionalDetails: Json | undefined): Details {
  const details: Details = { userAgent: undefined, appId: undefined, deviceId: undefined, ipAddress: undefined };
  const entries = listOf(additionalDetails);
  for (let i = 0; i < entries.length && i < MOST_DETAILS; i++) {
    const entry = entries[i];
    if (!isObject(entry)) continue;
    switch (textOf(entry.key) ?? '') {
      case 'User-Agent':
        details.userAgent = textOf(entry.value);
        break;
      case 'AppId':
        details.appId = idOf(entry.value);
        break;
      case 'DeviceId':
      case 'Device ID':
        details.deviceId = idOf(entry.value);
        break;
      // Privileged Identity Management names the caller's address here only.
      case 'ipaddr':
        details.ipAddress = textOf(entry.value);
        break;
    }
  }
  return details;
}

function addTargets(
  { all, grantee, credentials, subjects }: Targets,
  details: Details,
  tenant: string,
  list: EntityList,
): void {
  for (const target of all) addTarget(target, tenant, list);
  if (grantee?.kind === 'user') {
    addPerson(list, tenant, { objectId: grantee.id, upn: grantee.name, displayName: undefined }, 'target');
  } else if (grantee !== undefined) {
    addWorkload(list, tenant, { objectId: grantee.id, appId: grantee.appId, name: grantee.name }, 'target');
  }
  for (const id of credentials) list.add({ kind: 'access-key', key: entraCredentialKey(id), part: 'target' });
  for (const { issuer, subject } of subjects) for (const entity of trustedSubject(issuer, subject)) list.add(entity);
  const { appId, deviceId } = details;
  if (appId !== undefined) list.add({ kind: 'application', key: applicationKey(appId), part: 'target' });
  if (deviceId !== undefined) list.add({ kind: 'device', key: deviceKey(deviceId), part: 'target' });
}

/** Kinds of directory objects that have one of their own; all others are resources. */
const KINDS: ReadonlyMap<string, EntityKind> = new Map<string, EntityKind>([
  ['Application', 'application'],
  ['Device', 'device'],
  ['Role', 'role'],
]);

function addTarget({ type, id, displayName, upn }: Target, tenant: string, list: EntityList): void {
  if (type === 'User' || upn !== undefined) {
    addPerson(list, tenant, { objectId: id, upn, displayName }, 'target');
  } else if (type === 'ServicePrincipal') {
    addWorkload(list, tenant, { objectId: id, appId: undefined, name: displayName }, 'target');
  } else if (id !== undefined && type !== 'Request' && type !== 'Other') {
    const kind = KINDS.get(type ?? '') ?? 'resource';
    list.add({ kind, key: entraObjectKey(tenant, id), part: 'target', label: labelOf(displayName) });
  }
}
