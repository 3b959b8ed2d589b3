import { randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { textOf, type JsonObject } from '../../platform/json.ts';

/** A user as the directory has it; what is not given is as of an employee who has signed in once. */
export interface FakeUser {
  readonly id: string;
  readonly userPrincipalName: string;
  readonly displayName?: string | undefined;
  readonly accountEnabled?: boolean | undefined;
  readonly userType?: 'Member' | 'Guest' | undefined;
  readonly creationType?: string | undefined;
  readonly onPremisesSyncEnabled?: boolean | undefined;
  readonly signInSessionsValidFromDateTime?: string | undefined;
  readonly riskState?: string | undefined;
  readonly riskLevel?: string | undefined;
}

export interface FakeGroup {
  readonly id: string;
  readonly displayName: string;
  readonly isAssignableToRole?: boolean | undefined;
  /** Object ids of users, service principals and groups. */
  readonly members?: readonly string[] | undefined;
  readonly owners?: readonly string[] | undefined;
  /** Who may join it for a time (PIM for Groups). */
  readonly eligible?: readonly string[] | undefined;
}

export interface FakePassword {
  readonly keyId: string;
  readonly displayName?: string | undefined;
  readonly endDateTime?: string | undefined;
}

export interface FakeCertificate {
  readonly keyId: string;
  readonly displayName?: string | undefined;
  readonly usage?: 'Verify' | 'Sign' | undefined;
  readonly endDateTime?: string | undefined;
}

/** What a service principal and its application both may have. */
interface FakeCredentials {
  readonly passwordCredentials?: readonly FakePassword[] | undefined;
  readonly keyCredentials?: readonly FakeCertificate[] | undefined;
}

export interface FakeServicePrincipal extends FakeCredentials {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly servicePrincipalType?: 'Application' | 'ManagedIdentity' | undefined;
  readonly accountEnabled?: boolean | undefined;
  /** The tenant whose application it is; the directory's own unless told. */
  readonly appOwnerOrganizationId?: string | undefined;
  readonly alternativeNames?: readonly string[] | undefined;
  /** What it offers to others as application permissions. */
  readonly appRoles?: readonly { readonly id: string; readonly value: string }[] | undefined;
}

export interface FakeApplication extends FakeCredentials {
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
  readonly federatedIdentityCredentials?:
    | readonly { readonly id: string; readonly name: string; readonly issuer: string; readonly subject: string }[]
    | undefined;
}

export interface FakeRole {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  /** `/` unless told. */
  readonly directoryScopeId?: string | undefined;
}

export interface FakeGrant {
  readonly clientId: string;
  readonly consentType: 'AllPrincipals' | 'Principal';
  readonly principalId?: string | undefined;
  readonly resourceId: string;
  readonly scope: string;
}

export interface FakeAppRole {
  readonly principalId: string;
  readonly resourceId: string;
  readonly appRoleId: string;
}

/** What a tenant holds at the start. */
export interface FakeTenant {
  readonly id: string;
  readonly users?: readonly FakeUser[] | undefined;
  readonly groups?: readonly FakeGroup[] | undefined;
  readonly roles?: readonly { readonly id: string; readonly displayName: string }[] | undefined;
  readonly roleAssignments?: readonly FakeRole[] | undefined;
  readonly roleEligibilities?: readonly FakeRole[] | undefined;
  readonly servicePrincipals?: readonly FakeServicePrincipal[] | undefined;
  readonly applications?: readonly FakeApplication[] | undefined;
  readonly grants?: readonly FakeGrant[] | undefined;
  readonly appRoleAssignments?: readonly FakeAppRole[] | undefined;
}

/** A value that others see some time after it was written, as a directory of many replicas shows it. */
export class Replicated<T> {
  readonly #clock: Clock;
  readonly #delay: number;
  #written: T;
  #shown: T;
  #shownFrom = 0;

  constructor(value: T, clock: Clock, delay: number) {
    [this.#written, this.#shown] = [value, value];
    this.#clock = clock;
    this.#delay = delay;
  }

  /** As it was written last. */
  get written(): T {
    return this.#written;
  }

  /** As readers see it. */
  get shown(): T {
    if (this.#clock.now() >= this.#shownFrom) this.#shown = this.#written;
    return this.#shown;
  }

  set(value: T): void {
    // What was written before and not seen yet stays unseen.
    this.#shown = this.shown;
    this.#written = value;
    this.#shownFrom = this.#clock.now() + this.#delay;
  }
}

export type Collection = ReadonlyMap<string, Replicated<JsonObject>>;

/** A tenant's directory: objects by id, and the lists that join them. */
export class Directory {
  readonly tenant: string;
  readonly users: Collection;
  readonly risks: Collection;
  readonly servicePrincipals: Collection;
  readonly applications: Collection;
  readonly grants: Replicated<readonly JsonObject[]>;
  readonly appRoleAssignments: Replicated<readonly JsonObject[]>;
  readonly groups: readonly FakeGroup[];
  readonly roles: ReadonlyMap<string, string>;
  readonly roleAssignments: readonly FakeRole[];
  readonly roleEligibilities: readonly FakeRole[];

  constructor(tenant: FakeTenant, clock: Clock, delay: number) {
    const collection = (objects: readonly JsonObject[]): Collection =>
      new Map(objects.map((object) => [textOf(object['id']) ?? '', new Replicated(object, clock, delay)]));
    this.tenant = tenant.id;
    this.users = collection((tenant.users ?? []).map(userObject));
    this.risks = collection((tenant.users ?? []).map(riskObject));
    this.servicePrincipals = collection(
      (tenant.servicePrincipals ?? []).map((one) => servicePrincipalObject(one, tenant.id)),
    );
    this.applications = collection((tenant.applications ?? []).map(applicationObject));
    this.grants = new Replicated(
      (tenant.grants ?? []).map((grant) => grantObject({ ...grant })),
      clock,
      delay,
    );
    this.appRoleAssignments = new Replicated(
      (tenant.appRoleAssignments ?? []).map((role) => appRoleObject({ ...role })),
      clock,
      delay,
    );
    this.groups = tenant.groups ?? [];
    this.roles = new Map((tenant.roles ?? []).map(({ id, displayName }) => [id, displayName]));
    this.roleAssignments = tenant.roleAssignments ?? [];
    this.roleEligibilities = tenant.roleEligibilities ?? [];
  }

  /** The groups that it is in, those within groups too. */
  groupsOf(member: string): FakeGroup[] {
    const found = new Map<string, FakeGroup>();
    const pending = [member];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      for (const group of this.groups) {
        if (found.has(group.id) || group.members?.includes(id) !== true) continue;
        found.set(group.id, group);
        pending.push(group.id);
      }
    }
    return [...found.values()];
  }
}

const CREATED = '2026-01-05T09:00:00Z';

const userObject = (user: FakeUser): JsonObject => ({
  displayName: user.userPrincipalName,
  accountEnabled: true,
  userType: 'Member',
  creationType: null,
  externalUserState: user.creationType === 'Invitation' ? 'Accepted' : null,
  onPremisesSyncEnabled: null,
  signInSessionsValidFromDateTime: CREATED,
  ...user,
});

const riskObject = ({ id, userPrincipalName, riskState = 'none', riskLevel = 'none' }: FakeUser): JsonObject => ({
  id,
  userPrincipalName,
  riskState,
  riskLevel,
  riskDetail: 'none',
});

function credentialsOf({ passwordCredentials, keyCredentials }: FakeCredentials): {
  passwordCredentials: JsonObject[];
  keyCredentials: JsonObject[];
} {
  return {
    passwordCredentials: (passwordCredentials ?? []).map((secret) => ({
      displayName: null,
      startDateTime: CREATED,
      endDateTime: '2027-01-05T09:00:00Z',
      customKeyIdentifier: null,
      hint: 'abc',
      secretText: null,
      ...secret,
    })),
    keyCredentials: (keyCredentials ?? []).map((certificate) => ({
      displayName: null,
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
      startDateTime: CREATED,
      endDateTime: '2027-01-05T09:00:00Z',
      customKeyIdentifier: 'QUJDRA==',
      key: 'TUlJQg==',
      ...certificate,
    })),
  };
}

const servicePrincipalObject = (servicePrincipal: FakeServicePrincipal, tenant: string): JsonObject => ({
  servicePrincipalType: 'Application',
  accountEnabled: true,
  appOwnerOrganizationId: tenant,
  ...servicePrincipal,
  alternativeNames: [...(servicePrincipal.alternativeNames ?? [])],
  appRoles: (servicePrincipal.appRoles ?? []).map((role) => ({ ...role, displayName: role.value, isEnabled: true })),
  ...credentialsOf(servicePrincipal),
});

const applicationObject = (application: FakeApplication): JsonObject => ({
  ...application,
  ...credentialsOf(application),
  federatedIdentityCredentials: (application.federatedIdentityCredentials ?? []).map((credential) => ({
    ...credential,
    audiences: ['api://AzureADTokenExchange'],
  })),
});

/** With an id that is the same for the same client, resource and principal, as the service makes it. */
export function grantObject({ clientId, consentType, principalId, resourceId, scope }: JsonObject): JsonObject {
  const id = Buffer.from(JSON.stringify([clientId, resourceId, principalId])).toString('base64url');
  return { clientId, consentType, principalId: principalId ?? null, resourceId, scope, id };
}

/** With an id of its own each time, as the service makes it. */
export const appRoleObject = ({ principalId, resourceId, appRoleId }: JsonObject): JsonObject => ({
  principalId,
  resourceId,
  appRoleId,
  id: randomUUID(),
});
