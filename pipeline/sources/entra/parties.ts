import type { Entity, EntityKind, EntityPart } from '../../timeline/entity.ts';
import {
  applicationKey,
  entraTenantKey,
  entraUserKey,
  servicePrincipalKey,
  upnKey,
} from '../../timeline/entity-keys.ts';
import type { Cloud, Idp, User } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { upnOf } from '../shared/entra-names.ts';

/** A user, guest or workload as a record names it; each part may be absent. */
export interface Person {
  readonly objectId: string | undefined;
  readonly upn: string | undefined;
  readonly displayName: string | undefined;
}

export interface Workload {
  readonly objectId: string | undefined;
  readonly appId: string | undefined;
  readonly name: string | undefined;
}

const LONGEST_LABEL = 256;

/** A name for people, cut to a length that a list can show. */
export const labelOf = (name: string | undefined): string | undefined => name?.slice(0, LONGEST_LABEL);

/**
 * Adds a user by object id, by the name she signs in with, and for a guest by the name she has at home.
 * @returns the key of the strongest of them, or undefined where the record has none
 */
export function addPerson(list: EntityList, tenant: string, person: Person, part: EntityPart): string | undefined {
  const { objectId } = person;
  const label = labelOf(person.upn ?? person.displayName);
  let strongest: string | undefined;
  if (objectId !== undefined) {
    strongest = entraUserKey(tenant, objectId);
    list.add({ kind: 'user', key: strongest, part, label });
  }
  const upn = upnOf(person.upn);
  if (upn === undefined) return strongest;
  const key = upnKey(upn);
  list.add({ kind: 'user', key, part, label });
  const home = upn.includes('#') ? upnOf(homeOfGuest(upn)) : undefined;
  if (home !== undefined) list.add({ kind: 'user', key: upnKey(home), part, label });
  return strongest ?? key;
}

/**
 * The name that a guest has in her own tenant: Entra names her `alice_fabrikam.example#EXT#@contoso.example`, her own
 * `@` written as the last underscore, which no domain can hold.
 * Source: https://learn.microsoft.com/entra/external-id/user-properties
 */
function homeOfGuest(upn: string): string | undefined {
  const end = upn.toUpperCase().indexOf('#EXT#');
  const at = upn.lastIndexOf('_', end);
  return end > 0 && at > 0 && at < end - 1 ? `${upn.slice(0, at)}@${upn.slice(at + 1, end)}` : undefined;
}

/**
 * Adds a service principal by object id, and its application by client id.
 * @returns the key of the stronger of them, or undefined where the record has neither
 */
export function addWorkload(
  list: EntityList,
  tenant: string,
  workload: Workload,
  part: EntityPart,
  kind: EntityKind = 'service-principal',
): string | undefined {
  const { objectId, appId } = workload;
  const label = labelOf(workload.name);
  const key = objectId === undefined ? undefined : servicePrincipalKey(tenant, objectId);
  if (key !== undefined) list.add({ kind, key, part, label });
  if (appId === undefined) return key;
  const application: Entity = { kind: 'application', key: applicationKey(appId), part, label };
  list.add(application);
  return key ?? application.key;
}

/** Adds the tenant itself, for records that name nobody. */
export function addTenant(list: EntityList, tenant: string): string {
  const key = entraTenantKey(tenant === '' ? 'unknown' : tenant);
  list.add({ kind: 'account', key, part: 'actor' });
  return key;
}

/** A user in OCSF; one that the record does not name at all is named `unknown`, for a user must have an id or a name. */
export function personUser({ objectId, upn, displayName }: Person, home: string | undefined): User {
  return {
    uid: objectId,
    name: upn ?? (objectId === undefined && displayName === undefined ? 'unknown' : displayName),
    display_name: displayName,
    type_id: 1,
    type: 'User',
    org: home === undefined || home === '' ? undefined : { uid: home },
  };
}

/** A service principal or managed identity in OCSF, its application's id beside its own. */
export function workloadUser({ objectId, appId, name }: Workload, tenant: string): User {
  return {
    uid: objectId ?? appId,
    uid_alt: objectId === undefined ? undefined : appId,
    name: name ?? (objectId === undefined && appId === undefined ? 'unknown' : undefined),
    type_id: 4,
    type: 'Service',
    org: tenant === '' ? undefined : { uid: tenant },
  };
}

const clouds = new BoundedCache<Cloud>((tenant) => ({
  provider: 'Azure',
  org: tenant === '' ? undefined : { uid: tenant },
}));

/** The cloud that events of a tenant happened in. */
export const cloudOf = (tenant: string): Cloud => clouds.get(tenant);

const providers = new BoundedCache<Idp>((tenant) => ({
  name: 'Microsoft Entra ID',
  tenant_uid: tenant === '' ? undefined : tenant,
}));

/** Entra as the identity provider of a tenant. */
export const identityProviderOf = (tenant: string): Idp => providers.get(tenant);
