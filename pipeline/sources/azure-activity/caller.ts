import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import {
  applicationKey,
  armKey,
  entraObjectIdKey,
  entraSessionKey,
  entraTokenKey,
  entraUserKey,
  ipKey,
  servicePrincipalKey,
  upnKey,
} from '../../timeline/entity-keys.ts';
import type { Actor, Authorization, Idp, Session, User } from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { guidOf, upnOf } from '../shared/entra-names.ts';
import { parseTime } from '../shared/time.ts';

const WS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const MS = 'http://schemas.microsoft.com/identity/claims/';

/** Who called, as far as the record tells. */
export interface Caller {
  readonly actor: Actor;
  /** Key of the acting identity; undefined where the record names none. */
  readonly principal?: string | undefined;
  /** Where the token was issued to, for rows that name no address of their own. */
  readonly tokenAddress?: string | undefined;
}

interface Identity {
  readonly tenant: string | undefined;
  readonly objectId: string | undefined;
  readonly upn: string | undefined;
  /** The name for people. */
  readonly label: string | undefined;
  readonly appId: string | undefined;
  /** The ARM id of a managed identity. */
  readonly managedIdentity: string | undefined;
  /** The ARM id of the machine that acts as a user-assigned managed identity. */
  readonly machine: string | undefined;
  readonly isApplication: boolean;
  /** What called where it is neither a person nor an application: `Microsoft.Insights/alertRules`. */
  readonly service: string | undefined;
}

const NO_CLAIMS: JsonObject = {};

/**
 * Reads who called from the claims of the token, from the role assignment that allowed the call, and from the `caller` that some forms have.
 * Adds the entities to the list, the acting identity first.
 * @param record in the form of the diagnostic export
 */
export function readCaller(record: JsonObject, entities: EntityList): Caller {
  const identity = objectOf(record.identity);
  const claims = objectOf(identity?.claims) ?? NO_CLAIMS;
  const authorization = objectOf(identity?.authorization);
  const who = identify(record, claims, objectOf(authorization?.evidence));
  const principal = principalOf(who);
  if (principal !== undefined) {
    const kind = who.isApplication ? 'service-principal' : 'user';
    entities.add({ kind, key: principal, part: 'actor', label: who.label });
  }
  if (who.upn !== undefined) entities.add({ kind: 'user', key: upnKey(who.upn), part: 'actor', label: who.upn });
  if (who.managedIdentity !== undefined) {
    entities.add({
      kind: 'managed-identity',
      key: armKey(who.managedIdentity),
      part: 'actor',
      label: who.managedIdentity,
    });
  }
  if (who.machine !== undefined)
    entities.add({ kind: 'resource', key: armKey(who.machine), part: 'origin', label: who.machine });
  if (who.appId !== undefined) {
    // A person's token names the client that it was issued to (the portal, for most): that is not who acted.
    const part = who.isApplication ? 'actor' : 'origin';
    entities.add({ kind: 'application', key: applicationKey(who.appId), part });
  }
  const session = sessionOf(claims, entities);
  return {
    actor: {
      user: userOf(who),
      app_uid: who.appId,
      app_name: who.service,
      session,
      idp: idpOf(who.tenant, claims),
      authorizations: authorizationsOf(authorization),
    },
    principal,
    tokenAddress: parseAddress(claims.ipaddr).ip,
  };
}

function identify(record: JsonObject, claims: JsonObject, evidence: JsonObject | undefined): Identity {
  const caller = textOf(record.caller) ?? (typeof record.identity === 'string' ? textOf(record.identity) : undefined);
  const name = textOf(claims.name);
  const upn =
    upnOf(claims[`${WS}upn`] ?? claims.upn) ??
    upnOf(claims[`${WS}name`]) ??
    upnOf(claims[`${WS}emailaddress`]) ??
    upnOf(caller) ??
    upnOf(name);
  const managedIdentity = textOf(claims.xms_mirid);
  const type = textOf(evidence?.principalType)?.toLowerCase();
  // Where a group was given the role, the evidence names the group.
  const byEvidence = type === 'user' || type === 'serviceprincipal' ? guidOf(evidence?.principalId) : undefined;
  const objectId = guidOf(claims[`${MS}objectidentifier`] ?? claims.oid) ?? guidOf(caller) ?? byEvidence;
  const named = objectId !== undefined || upn !== undefined;
  return {
    tenant: guidOf(claims[`${MS}tenantid`] ?? claims.tid) ?? guidOf(record.tenantId),
    objectId,
    upn,
    label: upn ?? managedIdentity?.slice(managedIdentity.lastIndexOf('/') + 1) ?? name ?? caller,
    appId: guidOf(claims.appid ?? claims.azp),
    managedIdentity,
    machine: textOf(claims.xms_az_rid),
    isApplication: isApplication(claims, managedIdentity, upn, type),
    service: named ? undefined : (caller ?? textOf(claims[`${WS}spn`]) ?? textOf(claims[`${WS}emailaddress`])),
  };
}

function isApplication(
  claims: JsonObject,
  managedIdentity: string | undefined,
  upn: string | undefined,
  principalType: string | undefined,
): boolean {
  if (claims.idtyp === 'app' || claims.idtyp === 'user') return claims.idtyp === 'app';
  if (managedIdentity !== undefined) return true;
  // Tokens of people have a scope, those of applications have not.
  if (upn !== undefined || claims[`${MS}scope`] !== undefined || claims.scp !== undefined) return false;
  return principalType !== 'user';
}

function principalOf(who: Identity): string | undefined {
  if (who.objectId !== undefined && who.tenant !== undefined) {
    return who.isApplication ? servicePrincipalKey(who.tenant, who.objectId) : entraUserKey(who.tenant, who.objectId);
  }
  if (who.upn !== undefined) return upnKey(who.upn);
  if (who.managedIdentity !== undefined) return armKey(who.managedIdentity);
  if (who.objectId !== undefined) return entraObjectIdKey(who.objectId);
  return who.appId === undefined ? undefined : applicationKey(who.appId);
}

function userOf(who: Identity): User | undefined {
  const name = who.upn ?? (who.service === undefined ? who.label : undefined);
  if (who.objectId === undefined && name === undefined) return undefined;
  return { uid: who.objectId, name, type_id: who.isApplication ? 4 : 1 };
}

function sessionOf(claims: JsonObject, entities: EntityList): Session | undefined {
  const token = textOf(claims.uti);
  const uid = textOf(claims.sid);
  if (uid !== undefined) entities.add({ kind: 'session', key: entraSessionKey(uid), part: 'credential' });
  if (token === undefined) return uid === undefined ? undefined : { uid };
  entities.add({ kind: 'session', key: entraTokenKey(token), part: 'credential' });
  const methods = textOf(claims['http://schemas.microsoft.com/claims/authnmethodsreferences']);
  return {
    uid,
    credential_uid: token,
    created_time: secondsOf(claims.iat),
    expiration_time: secondsOf(claims.exp),
    is_mfa: methods === undefined ? undefined : methods.split(',').includes('mfa'),
  };
}

/** A claim that counts seconds since 1970, as text or number, in milliseconds. */
const secondsOf = (claim: Json | undefined): number | undefined =>
  claim === undefined || claim === '' ? undefined : parseTime(Number(claim));

function idpOf(tenant: string | undefined, claims: JsonObject): Idp | undefined {
  if (tenant === undefined) return undefined;
  return { uid: tenant, name: 'Microsoft Entra ID', issuer: textOf(claims.iss), tenant_uid: tenant };
}

function authorizationsOf(authorization: JsonObject | undefined): Authorization[] | undefined {
  const evidence = objectOf(authorization?.evidence);
  const name = textOf(evidence?.role);
  const uid = textOf(evidence?.roleDefinitionId);
  if (name === undefined && uid === undefined) return undefined;
  return [{ policy: { name, uid, type: 'Azure role' } }];
}

/** Adds the address that called, and the one that the token was issued to where that is another. */
export function addOrigins(entities: EntityList, address: string | undefined, tokenAddress: string | undefined): void {
  for (const ip of [address, tokenAddress]) {
    // Azure's own services call from no address and write one all the same.
    if (ip !== undefined && ip !== '0.0.0.0') entities.add({ kind: 'ip', key: ipKey(ip), part: 'origin', label: ip });
  }
}
