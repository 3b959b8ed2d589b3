import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import {
  applicationKey,
  armKey,
  entraCredentialKey,
  entraSessionKey,
  entraTokenKey,
  servicePrincipalKey,
} from '../../timeline/entity-keys.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import type { Authentication, Product, Session, User } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import type { LogSource, ReadRecord } from '../source.ts';
import {
  controlOf,
  factorsOf,
  incomingTokenOf,
  policiesOf,
  protocolOf,
  riskLevelOf,
  stands,
} from './authentication.ts';
import type { CheckedRecord } from './check.ts';
import { metadataOf } from './metadata.ts';
import { deviceEntity, deviceOf, endpointOf, originOf } from './origin.ts';
import { signInOutcome } from './outcome.ts';
import {
  addPerson,
  addTenant,
  addWorkload,
  cloudOf,
  identityProviderOf,
  labelOf,
  personUser,
  workloadUser,
} from './parties.ts';
import { unmappedOf, unmappedOfSignIn } from './unmapped.ts';
import { idOf } from './values.ts';

export const SIGN_IN_LOGSOURCE: LogSource = { product: 'azure', service: 'signinlogs' };
const PRODUCT: Product = { name: 'Microsoft Entra ID', vendor_name: 'Microsoft', feature: { name: 'Sign-in logs' } };
const PROFILES: readonly string[] = ['cloud', 'security_control'];
const PROFILES_WITH_DEVICE: readonly string[] = ['cloud', 'security_control', 'host'];
const LOGON = classification(3002, 1);

/** Who signs in: as OCSF has it, and its strongest key. */
interface Subject {
  readonly user: User;
  readonly principal: string;
}

/** A sign-in of a user, a service principal or a managed identity, as OCSF Authentication. */
export function readSignIn(checked: CheckedRecord): ReadRecord {
  const { record, properties: p, time, tenant } = checked;
  const list = new EntityList();
  const { user, principal } = subjectOf(checked, list);
  const session = sessionOf(p, list);
  const origin = originOf(p.ipAddress, record.callerIpAddress);
  list.add(origin.entity);
  const device = deviceOf(objectOf(p.deviceDetail));
  if (device !== undefined) list.add(deviceEntity(device));
  addClientAndResource(checked, list);

  const recordId = idOf(p.id) ?? recordHash(record);
  const outcome = signInOutcome(record, objectOf(p.status));
  const risk = riskLevelOf(p.riskLevelDuringSignIn);
  const protocol = protocolOf(p.authenticationProtocol);
  const control = controlOf(outcome, p.conditionalAccessStatus);
  const userAgent = textOf(p.userAgent);
  const isMfa = outcome.status_id === 1 ? mfaOf(p) : undefined;
  const ocsf: Authentication = {
    activity_id: LOGON.activity_id,
    category_uid: LOGON.category_uid,
    class_uid: LOGON.class_uid,
    type_uid: LOGON.type_uid,
    time,
    severity_id: stands(p.riskState) ? risk.severity : 1,
    status_id: outcome.status_id,
    status: outcome.status,
    status_code: outcome.status_code,
    status_detail: outcome.status_detail,
    metadata: metadataOf(checked, {
      recordId,
      product: PRODUCT,
      profiles: device === undefined ? PROFILES : PROFILES_WITH_DEVICE,
      eventCode: textOf(record.operationName),
    }),
    cloud: cloudOf(tenant),
    user,
    actor: {
      user,
      session,
      app_uid: textOf(p.appId),
      app_name: textOf(p.appDisplayName),
      idp: identityProviderOf(tenant),
    },
    session,
    service: { uid: idOf(p.resourceId), name: textOf(p.resourceDisplayName) ?? 'Microsoft Entra ID' },
    src_endpoint: endpointOf(origin, p.location, p.autonomousSystemNumber),
    device,
    http_request: userAgent === undefined ? undefined : { user_agent: userAgent },
    is_mfa: isMfa,
    auth_factors: factorsOf(p.authenticationDetails),
    auth_protocol_id: protocol.auth_protocol_id,
    auth_protocol: protocol.auth_protocol,
    authentication_token: incomingTokenOf(p.incomingTokenType),
    logon_type_id: p.isInteractive === true ? 2 : 99,
    logon_type: p.isInteractive === true ? 'Interactive' : 'Non-interactive',
    authorizations: policiesOf(p.appliedConditionalAccessPolicies),
    action_id: control.action_id,
    action: control.action,
    disposition_id: control.disposition_id,
    disposition: control.disposition,
    risk_level_id: risk.id,
    risk_level: risk.caption,
    unmapped: unmappedOf(record, unmappedOfSignIn(p)),
  };
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
    logsource: SIGN_IN_LOGSOURCE,
  };
}

function subjectOf({ kind, record, properties: p, tenant }: CheckedRecord, list: EntityList): Subject {
  if (kind === 'user-sign-in') {
    const person = {
      objectId: idOf(p.userId),
      upn: textOf(p.userPrincipalName),
      displayName: textOf(p.userDisplayName) ?? textOf(record.identity),
    };
    const principal = addPerson(list, tenant, person, 'actor');
    return {
      user: personUser(person, textOf(p.homeTenantId) ?? tenant),
      // Nobody known signed in: what acted is the client application, or last of all the tenant.
      principal: principal ?? addWorkload(list, tenant, clientOf(p), 'actor') ?? addTenant(list, tenant),
    };
  }
  const workload = {
    objectId: idOf(p.servicePrincipalId),
    appId: idOf(p.appId),
    name: textOf(p.servicePrincipalName) ?? textOf(p.appDisplayName) ?? textOf(record.identity),
  };
  const isManaged = kind === 'managed-identity-sign-in';
  const principal = addWorkload(list, tenant, workload, 'actor', isManaged ? 'managed-identity' : 'service-principal');
  const host = textOf(objectOf(p.managedServiceIdentity)?.associatedResourceId);
  if (host?.startsWith('/') === true)
    list.add({ kind: 'resource', key: armKey(host), part: 'origin', label: labelOf(host) });
  return { user: workloadUser(workload, tenant), principal: principal ?? addTenant(list, tenant) };
}

const clientOf = (p: JsonObject) => ({
  objectId: undefined,
  appId: idOf(p.appId),
  name: textOf(p.appDisplayName),
});

/** The session and the credentials that opened it, which other clouds' records name too. */
function sessionOf(p: JsonObject, list: EntityList): Session | undefined {
  const uid = idOf(p.sessionId);
  const token = idOf(p.uniqueTokenIdentifier);
  const key = idOf(p.servicePrincipalCredentialKeyId);
  const federated = idOf(p.federatedCredentialId);
  if (uid !== undefined) list.add({ kind: 'session', key: entraSessionKey(uid), part: 'credential' });
  if (token !== undefined) list.add({ kind: 'session', key: entraTokenKey(token), part: 'credential' });
  if (key !== undefined) list.add({ kind: 'access-key', key: entraCredentialKey(key), part: 'credential' });
  if (federated !== undefined) list.add({ kind: 'access-key', key: entraCredentialKey(federated), part: 'credential' });
  if (uid === undefined && token === undefined && key === undefined && federated === undefined) return undefined;
  return { uid, uid_alt: token, credential_uid: key ?? federated, issuer: textOf(p.tokenIssuerName) };
}

function addClientAndResource({ kind, properties: p, tenant }: CheckedRecord, list: EntityList): void {
  const client = idOf(p.appId);
  if (client !== undefined && kind === 'user-sign-in') {
    list.add({
      kind: 'application',
      key: applicationKey(client),
      part: 'origin',
      label: labelOf(textOf(p.appDisplayName)),
    });
  }
  const label = labelOf(textOf(p.resourceDisplayName));
  const principal = idOf(p.resourceServicePrincipalId);
  if (principal !== undefined) {
    list.add({ kind: 'service-principal', key: servicePrincipalKey(tenant, principal), part: 'target', label });
  }
  const resource = idOf(p.resourceId);
  if (resource !== undefined) list.add({ kind: 'application', key: applicationKey(resource), part: 'target', label });
}

/** Whether a sign-in that succeeded did so with more than one factor: then it had to, for it succeeded. */
function mfaOf({ authenticationRequirement }: JsonObject): boolean | undefined {
  if (authenticationRequirement === 'multiFactorAuthentication') return true;
  return authenticationRequirement === 'singleFactorAuthentication' ? false : undefined;
}
