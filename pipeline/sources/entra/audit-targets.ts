import { isObject, openObject, parseJson, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { idOf, listOf } from './values.ts';

/** One object that an audited activity was about. */
export interface Target {
  /** `User`, `ServicePrincipal`, `Application`, `Group`, `Role`, `Policy`, `Device`, `Directory`, …, as written. */
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly displayName: string | undefined;
  readonly upn: string | undefined;
}

/** What the targets of an activity, and the properties that it changed on them, tell. */
export interface Targets {
  readonly all: readonly Target[];
  /** Names of the roles, application roles and scopes given or taken. */
  readonly privileges: readonly string[];
  /** The group whose membership changed, as its member names it. */
  readonly group: Party | undefined;
  /** The service principal, or user, that was given or lost access, as the resource names it. */
  readonly grantee: Grantee | undefined;
  /** Ids of keys, certificates and federated credentials that the change brought. */
  readonly credentials: readonly string[];
  /** Whose tokens of other issuers the federated credentials trust. */
  readonly subjects: readonly FederatedSubject[];
}

export interface FederatedSubject {
  readonly issuer: string;
  readonly subject: string;
}

export interface Party {
  readonly id: string | undefined;
  readonly name: string | undefined;
}

export interface Grantee extends Party {
  readonly kind: 'service-principal' | 'user';
  readonly appId: string | undefined;
}

const MOST_TARGETS = 50;
const MOST_PROPERTIES = 200;
const MOST_NAMES = 50;
/** Values of changed properties longer than this are not looked into: a policy's text may have megabytes. */
const LONGEST_VALUE = 65_536;

/** Reads `targetResources` of an audit record. */
export function readTargets(targetResources: Json | undefined): Targets {
  const all: Target[] = [];
  const changes = new Changes();
  const resources = listOf(targetResources);
  for (let i = 0; i < resources.length && i < MOST_TARGETS; i++) {
    const resource = resources[i];
    if (!isObject(resource)) continue;
    all.push(targetOf(resource));
    const properties = listOf(resource.modifiedProperties);
    for (let j = 0; j < properties.length && j < MOST_PROPERTIES; j++) {
      const property = properties[j];
      if (isObject(property)) changes.read(property);
    }
  }
  return changes.over(all);
}

function targetOf(resource: JsonObject): Target {
  return {
    type: textOf(resource.type),
    id: idOf(resource.id),
    displayName: textOf(resource.displayName),
    upn: textOf(resource.userPrincipalName),
  };
}

/** Gathers what changed properties say; their values are JSON in strings. */
class Changes {
  readonly #privileges = new Set<string>();
  readonly #credentials = new Set<string>();
  readonly #subjects: FederatedSubject[] = [];
  #hasAppRole = false;
  #groupId: string | undefined;
  #groupName: string | undefined;
  #principalId: string | undefined;
  #principalName: string | undefined;
  #principalAppId: string | undefined;
  #userId: string | undefined;
  #userName: string | undefined;

  read(property: JsonObject): void {
    // What is taken away stands in the old value.
    const value = shortText(property.newValue) ?? shortText(property.oldValue);
    if (value === undefined) return;
    switch (textOf(property.displayName) ?? '') {
      case 'Role.DisplayName':
      case 'AppRole.Value':
        this.#privilege(unquoted(value));
        break;
      case 'AppRole.Id':
        this.#hasAppRole = true;
        break;
      case 'DelegatedPermissionGrant.Scope':
        this.#scopes(added(unquoted(value), shortText(property.newValue), shortText(property.oldValue)));
        break;
      case 'ConsentAction.Permissions':
        this.#consent(unquoted(value));
        break;
      case 'Group.ObjectID':
        this.#groupId = idOf(unquoted(value));
        break;
      case 'Group.DisplayName':
        this.#groupName = unquoted(value);
        break;
      case 'ServicePrincipal.ObjectID':
        this.#principalId = idOf(unquoted(value));
        break;
      case 'ServicePrincipal.DisplayName':
        this.#principalName = unquoted(value);
        break;
      case 'ServicePrincipal.AppId':
        this.#principalAppId = idOf(unquoted(value));
        break;
      case 'User.ObjectID':
        this.#userId = idOf(unquoted(value));
        break;
      case 'User.UPN':
        this.#userName = unquoted(value);
        break;
      case 'KeyDescription':
        this.#keys(value, shortText(property.oldValue) ?? '');
        break;
      case 'FederatedIdentityCredentials':
        this.#federatedCredentials(value, shortText(property.newValue) === undefined ? undefined : property.oldValue);
        break;
    }
  }

  over(all: readonly Target[]): Targets {
    // An application role that has no value is the default access to an application.
    if (this.#hasAppRole && this.#privileges.size === 0) this.#privileges.add('Default Access');
    return {
      all,
      privileges: [...this.#privileges],
      group: partyOf(this.#groupId, this.#groupName),
      grantee: this.#grantee(),
      credentials: [...this.#credentials],
      subjects: this.#subjects,
    };
  }

  #grantee(): Grantee | undefined {
    const user = partyOf(this.#userId, this.#userName);
    if (user !== undefined) return { ...user, kind: 'user', appId: undefined };
    const principal = partyOf(this.#principalId ?? this.#principalAppId, this.#principalName);
    if (principal === undefined) return undefined;
    return { kind: 'service-principal', id: this.#principalId, name: principal.name, appId: this.#principalAppId };
  }

  #privilege(name: string): void {
    if (name !== '' && this.#privileges.size < MOST_NAMES) this.#privileges.add(name);
  }

  #scopes(scopes: string): void {
    for (const scope of scopes.split(' ', MOST_NAMES * 2)) this.#privilege(scope);
  }

  /** `[] => [[Id: …, Scope: User.Read Mail.Read, CreatedDateTime: , …]]; `: the grants before and after. */
  #consent(text: string): void {
    const after = text.slice(text.indexOf('=>') + 1);
    for (const [, scopes] of after.matchAll(/\bScope:([^,\]]*)/g)) this.#scopes(scopes ?? '');
  }

  /** `["[KeyIdentifier=<guid>,KeyType=Password,KeyUsage=Verify,DisplayName=…]", …]`: all keys, before and after. */
  #keys(after: string, before: string): void {
    for (const [, key] of after.matchAll(/\bKeyIdentifier=([0-9a-fA-F-]{36})/g)) {
      if (key !== undefined && !before.includes(key)) this.#credential(key);
    }
  }

  /** A list of `{Id, Name, Issuer, Subject, Audiences}`, itself at times JSON in a string: all that the application has, before and after. */
  #federatedCredentials(after: string, before: Json | undefined): void {
    const known = new Set(federatedIn(shortText(before) ?? '').map((one) => JSON.stringify(one)));
    for (const one of federatedIn(after)) {
      if (known.has(JSON.stringify(one))) continue;
      const { id, issuer, subject } = one;
      if (id !== undefined) this.#credential(id);
      if (issuer !== undefined && subject !== undefined && this.#subjects.length < MOST_NAMES)
        this.#subjects.push({ issuer, subject });
    }
  }

  #credential(id: string): void {
    if (this.#credentials.size < MOST_NAMES) this.#credentials.add(id);
  }
}

function federatedIn(
  text: string,
): { id: string | undefined; issuer: string | undefined; subject: string | undefined }[] {
  const list = parsed(unquoted(text));
  return (Array.isArray(list) ? list : []).flatMap((entry) => {
    const credential = openObject(entry);
    if (credential === undefined) return [];
    const issuer = textOf(credential.Issuer ?? credential.issuer);
    const subject = textOf(credential.Subject ?? credential.subject);
    return [{ id: idOf(credential.Id ?? credential.id), issuer, subject }];
  });
}

function partyOf(id: string | undefined, name: string | undefined): Party | undefined {
  return id === undefined && (name === undefined || name === '')
    ? undefined
    : { id, name: name === '' ? undefined : name };
}

function shortText(value: Json | undefined): string | undefined {
  const text = textOf(value);
  return text === undefined || text.length > LONGEST_VALUE || text === '[]' || text === '""' ? undefined : text;
}

/** The scopes that a grant did not have before: a grant that grows lists the old ones again. */
function added(scopes: string, newValue: string | undefined, oldValue: string | undefined): string {
  if (newValue === undefined || oldValue === undefined) return scopes;
  const before = new Set(unquoted(oldValue).split(' '));
  return scopes
    .split(' ')
    .filter((scope) => !before.has(scope))
    .join(' ');
}

/** The text of a JSON string; text that is no JSON string as it is. */
function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  const text = parsed(value);
  return typeof text === 'string' ? text : value;
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
