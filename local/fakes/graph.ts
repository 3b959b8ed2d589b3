import { systemClock, type Clock } from '../../platform/clock.ts';
import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../platform/json.ts';
import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';
import {
  appRoleObject,
  Directory,
  grantObject,
  type Collection,
  type FakeGroup,
  type FakeRole,
  type FakeTenant,
  type Replicated,
} from './graph-directory.ts';

export interface FakeGraphOptions {
  readonly clock?: Clock | undefined;
  /** How long readers see what stood before a write, milliseconds. */
  readonly delay?: number | undefined;
  /** Members of a page at most. */
  readonly page?: number | undefined;
  /** Whether the tenant has Microsoft Entra ID P2. */
  readonly licensed?: boolean | undefined;
  /** Application permissions of whoever calls; all unless told. */
  readonly permissions?: readonly string[] | undefined;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  /** One of these is enough. */
  readonly needs: readonly string[];
  readonly answer: (request: FakeRequest, id: string, inner: string) => FakeAnswer;
}

/** What the service gives of a user or service principal that is not asked for more. */
const USUAL: Readonly<Record<string, readonly string[]>> = { users: ['id', 'displayName', 'userPrincipalName'] };

/**
 * Microsoft Graph v1.0, as far as users, applications, roles and risks go: pages, permissions, `$select`, errors and the delay of replicas as
 * https://learn.microsoft.com/graph/api/overview describes them. State is given when it is made and can be looked into.
 */
export class FakeGraph extends FakeService {
  readonly directory: Directory;
  readonly #options: FakeGraphOptions;
  readonly #clock: Clock;
  readonly #routes: readonly Route[];

  constructor(tenant: FakeTenant, options: FakeGraphOptions = {}) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.directory = new Directory(tenant, this.#clock, options.delay ?? 0);
    this.#routes = [
      ...this.#userRoutes(),
      ...this.#privilegeRoutes(),
      ...this.#riskRoutes(),
      ...this.#applicationRoutes(),
      ...this.#credentialRoutes(),
      ...this.#consentRoutes(),
    ];
  }

  protected answer(request: FakeRequest): FakeAnswer {
    if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) {
      return failure(401, 'InvalidAuthenticationToken', 'Access token is empty.');
    }
    for (const { method, path, needs, answer } of this.#routes) {
      const found = method === request.method ? path.exec(request.path) : null;
      if (found === null) continue;
      const held = this.#options.permissions;
      if (held !== undefined && !needs.some((permission) => held.includes(permission))) return DENIED;
      return answer(request, found[1] ?? '', found[2] ?? '');
    }
    return failure(400, 'BadRequest', `Resource not found for the segment '${request.path}'.`);
  }

  #userRoutes(): Route[] {
    const { users } = this.directory;
    return [
      {
        method: 'GET',
        path: /^\/v1\.0\/organization$/,
        needs: ['Organization.Read.All', 'Directory.Read.All'],
        answer: (request) => this.#list(request, [{ id: this.directory.tenant }]),
      },
      {
        method: 'GET',
        path: /^\/v1\.0\/users(?:\/([^/']+)|\('([^']+)'\))$/,
        needs: ['User.Read.All'],
        answer: (request, id, quoted) => this.#object(request, this.#user(id || quoted), 'users'),
      },
      {
        method: 'PATCH',
        path: /^\/v1\.0\/users\/([^/]+)$/,
        needs: ['User.EnableDisableAccount.All', 'User.ReadWrite.All'],
        answer: (request, id) => {
          const user = this.#user(id);
          if (user === undefined) return missing(id);
          return this.#isPrivileged(text(user.written, 'id')) ? DENIED : this.#enable(request, user, 'users');
        },
      },
      {
        method: 'POST',
        path: /^\/v1\.0\/users\/([^/]+)\/revokeSignInSessions$/,
        needs: ['User.RevokeSessions.All'],
        answer: (_request, id) => {
          const user = this.#user(id);
          if (user === undefined) return missing(id);
          const now = new Date(this.#clock.now()).toISOString();
          user.set({ ...user.written, signInSessionsValidFromDateTime: now });
          this.wrote('POST revokeSignInSessions', text(user.written, 'id'));
          return { status: 200, body: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata', value: true } };
        },
      },
      ...(['users', 'servicePrincipals'] as const).flatMap((kind) => this.#membershipRoutes(kind, { users })),
    ];
  }

  #membershipRoutes(kind: 'users' | 'servicePrincipals', { users }: { readonly users: Collection }): Route[] {
    const needs =
      kind === 'users' ? ['User.Read.All', 'GroupMember.Read.All'] : ['Application.Read.All', 'Directory.Read.All'];
    const exists = (id: string): boolean => (kind === 'users' ? users : this.directory.servicePrincipals).has(id);
    return [
      {
        method: 'GET',
        path: new RegExp(`^/v1\\.0/${kind}/([^/]+)/transitiveMemberOf$`),
        needs,
        answer: (request, id) =>
          exists(id)
            ? this.#list(request, [
                ...this.directory.groupsOf(id).map((group) => this.#group(group)),
                ...this.#directoryRolesOf(id),
              ])
            : missing(id),
      },
      {
        method: 'GET',
        path: new RegExp(`^/v1\\.0/${kind}/([^/]+)/ownedObjects$`),
        needs,
        answer: (request, id) => {
          const owned = this.directory.groups.filter(({ owners }) => owners?.includes(id));
          return exists(id)
            ? this.#list(
                request,
                owned.map((group) => this.#group(group)),
              )
            : missing(id);
        },
      },
    ];
  }

  /** Without a permission for groups, only what they are and their ids are told. */
  #group({ id, displayName, isAssignableToRole }: FakeGroup): JsonObject {
    const type = { '@odata.type': '#microsoft.graph.group', id };
    const held = this.#options.permissions;
    const may =
      held?.some((one) => ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'].includes(one)) ?? true;
    return may
      ? { ...type, displayName, isAssignableToRole: isAssignableToRole ?? null }
      : { ...type, displayName: null, isAssignableToRole: null };
  }

  #directoryRolesOf(principal: string): JsonObject[] {
    return this.directory.roleAssignments
      .filter(({ principalId }) => principalId === principal)
      .map(({ roleDefinitionId }) => ({
        '@odata.type': '#microsoft.graph.directoryRole',
        id: roleDefinitionId,
        displayName: this.directory.roles.get(roleDefinitionId) ?? null,
      }));
  }

  #privilegeRoutes(): Route[] {
    const needs = ['RoleManagement.Read.Directory', 'Directory.Read.All'];
    const roles = (request: FakeRequest, list: readonly FakeRole[]): FakeAnswer =>
      this.#ofPrincipal(
        request,
        list.map(({ principalId, roleDefinitionId, directoryScopeId = '/' }) => ({
          id: `${principalId}-${roleDefinitionId}`,
          principalId,
          roleDefinitionId,
          directoryScopeId,
          roleDefinition: { id: roleDefinitionId, displayName: this.directory.roles.get(roleDefinitionId) ?? null },
        })),
      );
    const { groups } = this.directory;
    return [
      {
        method: 'GET',
        path: /^\/v1\.0\/roleManagement\/directory\/roleAssignments$/,
        needs,
        answer: (request) => roles(request, this.directory.roleAssignments),
      },
      {
        method: 'GET',
        path: /^\/v1\.0\/roleManagement\/directory\/roleEligibilitySchedules$/,
        needs,
        answer: (request) =>
          this.#options.licensed === false ? NO_PIM : roles(request, this.directory.roleEligibilities),
      },
      {
        method: 'GET',
        path: /^\/v1\.0\/identityGovernance\/privilegedAccess\/group\/eligibilitySchedules$/,
        needs: ['PrivilegedEligibilitySchedule.Read.AzureADGroup'],
        answer: (request) => {
          const schedules = groups.flatMap(({ id: groupId, eligible = [] }) =>
            eligible.map((principalId) => ({ principalId, groupId, accessId: 'member' })),
          );
          return this.#options.licensed === false ? NO_PIM : this.#ofPrincipal(request, schedules);
        },
      },
      {
        method: 'GET',
        path: /^\/v1\.0\/groups\/([^/]+)$/,
        needs: ['GroupMember.Read.All', 'Group.Read.All', 'Directory.Read.All'],
        answer: (_request, id) => {
          const group = groups.find((one) => one.id === id);
          return group === undefined ? missing(id) : { status: 200, body: this.#group(group) };
        },
      },
    ];
  }

  /** Of a list of what principals have, what the principal of the filter has; no other filter is read. */
  #ofPrincipal(request: FakeRequest, list: readonly JsonObject[]): FakeAnswer {
    const wanted = /^principalId eq '([0-9a-f-]{36})'$/.exec(request.query.get('$filter') ?? '')?.[1];
    if (wanted === undefined) return failure(400, 'BadRequest', 'The filter cannot be read.');
    return this.#list(
      request,
      list.filter(({ principalId }) => principalId === wanted),
    );
  }

  /** Whom only those may disable who hold a higher role. */
  #isPrivileged(id: string): boolean {
    const groups = this.directory.groupsOf(id);
    const holders = new Set([id, ...groups.map((group) => group.id)]);
    return (
      this.directory.roleAssignments.some(({ principalId }) => holders.has(principalId)) ||
      this.directory.groups.some(
        (group) => group.isAssignableToRole === true && (holders.has(group.id) || group.owners?.includes(id)),
      )
    );
  }

  #riskRoutes(): Route[] {
    const risk = (action: string, after: JsonObject): Route => ({
      method: 'POST',
      path: new RegExp(`^/v1\\.0/identityProtection/riskyUsers/${action}$`),
      needs: ['IdentityRiskyUser.ReadWrite.All'],
      answer: ({ body }) => {
        if (this.#options.licensed === false) return UNLICENSED;
        const ids = (arrayOf(objectOf(body)?.['userIds']) ?? []).map(textOf);
        if (ids.length === 0 || ids.length > 60) return failure(400, 'BadRequest', 'userIds must hold 1 to 60 ids.');
        for (const id of ids) {
          const found = this.directory.risks.get(id ?? '');
          if (found === undefined) return missing(id ?? '');
          this.#change(found, after, `POST riskyUsers/${action}`);
        }
        return { status: 204 };
      },
    });
    return [
      {
        method: 'GET',
        path: /^\/v1\.0\/identityProtection\/riskyUsers\/([^/]+)$/,
        needs: ['IdentityRiskyUser.Read.All', 'IdentityRiskyUser.ReadWrite.All'],
        answer: (request, id) => {
          if (this.#options.licensed === false) return UNLICENSED;
          const found = this.directory.risks.get(id);
          // Who never was at risk is not in the list.
          const known =
            found !== undefined && found.shown['riskDetail'] === 'none' && found.shown['riskState'] === 'none';
          return this.#object(request, known ? undefined : found, 'riskyUsers');
        },
      },
      risk('confirmCompromised', {
        riskState: 'confirmedCompromised',
        riskLevel: 'high',
        riskDetail: 'adminConfirmedUserCompromised',
      }),
      risk('dismiss', { riskState: 'dismissed', riskLevel: 'none', riskDetail: 'adminDismissedAllRiskForUser' }),
    ];
  }

  #applicationRoutes(): Route[] {
    const read = ['Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'];
    return (['servicePrincipals', 'applications'] as const).flatMap((kind): Route[] => [
      {
        method: 'GET',
        path: new RegExp(`^/v1\\.0/${kind}(?:/([^/']+)|\\(appId='([^']+)'\\))$`),
        needs: read,
        answer: (request, id, appId) => this.#object(request, this.#of(kind, id, appId), kind),
      },
      {
        method: 'PATCH',
        path: new RegExp(`^/v1\\.0/${kind}/([^/]+)$`),
        needs: ['Application.ReadWrite.All', 'Directory.ReadWrite.All'],
        answer: (request, id) => {
          const found = this.#of(kind, id, '');
          if (found === undefined) return missing(id);
          const certificates = arrayOf(objectOf(request.body)?.['keyCredentials']);
          return certificates === undefined
            ? this.#enable(request, found, kind)
            : this.#replaceCertificates(found, certificates, kind);
        },
      },
    ]);
  }

  /** Certificates that the object has stay as they are, whatever is sent of them; one that it has not needs its key. */
  #replaceCertificates(object: Replicated<JsonObject>, sent: readonly Json[], kind: string): FakeAnswer {
    const held = arrayOf(object.written['keyCredentials']) ?? [];
    const after: Json[] = [];
    for (const certificate of sent.map(objectOf)) {
      const same = held.find((one) => objectOf(one)?.['keyId'] === certificate?.['keyId']);
      if (same === undefined && textOf(certificate?.['key']) === undefined) {
        return failure(400, 'Request_BadRequest', 'Key value is invalid certificate.');
      }
      after.push(same ?? certificate ?? {});
    }
    this.#change(object, { keyCredentials: after }, `PATCH ${kind} keyCredentials`);
    return { status: 204 };
  }

  #credentialRoutes(): Route[] {
    const write = ['Application.ReadWrite.All', 'Directory.ReadWrite.All'];
    const federated = (application: JsonObject | undefined): JsonObject[] =>
      (arrayOf(application?.['federatedIdentityCredentials']) ?? []).map((one) => objectOf(one) ?? {});
    return [
      ...(['servicePrincipals', 'applications'] as const).map((kind): Route => ({
        method: 'POST',
        path: new RegExp(`^/v1\\.0/${kind}/([^/]+)/removePassword$`),
        needs: write,
        answer: ({ body }, id) => {
          const object = this.#of(kind, id, '');
          if (object === undefined) return missing(id);
          const keyId = objectOf(body)?.['keyId'];
          const held = arrayOf(object.written['passwordCredentials']) ?? [];
          const after = held.filter((one) => objectOf(one)?.['keyId'] !== keyId);
          if (after.length === held.length) {
            return failure(400, 'Request_BadRequest', 'No password credential found with keyId.');
          }
          this.#change(object, { passwordCredentials: after }, `POST ${kind} removePassword`);
          return { status: 204 };
        },
      })),
      {
        method: 'GET',
        path: /^\/v1\.0\/applications\/([^/]+)\/federatedIdentityCredentials$/,
        needs: ['Application.Read.All', 'Application.ReadWrite.All'],
        answer: (request, id) => {
          const application = this.directory.applications.get(id);
          if (application === undefined) return missing(id);
          return this.#list(request, federated(application.shown));
        },
      },
      {
        method: 'DELETE',
        path: /^\/v1\.0\/applications\/([^/]+)\/federatedIdentityCredentials\/([^/]+)$/,
        needs: write,
        answer: (_request, id, credential) => {
          const application = this.directory.applications.get(id);
          const before = federated(application?.written);
          const after = before.filter((one) => one['id'] !== credential);
          if (application === undefined || after.length === before.length) return missing(credential);
          this.#change(application, { federatedIdentityCredentials: after }, 'DELETE federatedIdentityCredentials');
          return { status: 204 };
        },
      },
    ];
  }

  #consentRoutes(): Route[] {
    const { grants, appRoleAssignments: roles, servicePrincipals } = this.directory;
    const granting = ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.ReadWrite.All'];
    const assigning = ['AppRoleAssignment.ReadWrite.All'];
    const list = (
      path: RegExp,
      needs: readonly string[],
      of: Replicated<readonly JsonObject[]>,
      by: string,
    ): Route => ({
      method: 'GET',
      path,
      needs,
      answer: (request, id) =>
        servicePrincipals.has(id)
          ? this.#list(
              request,
              of.shown.filter((one) => one[by] === id),
            )
          : missing(id),
    });
    return [
      list(/^\/v1\.0\/servicePrincipals\/([^/]+)\/oauth2PermissionGrants$/, granting, grants, 'clientId'),
      {
        method: 'GET',
        path: /^\/v1\.0\/oauth2PermissionGrants$/,
        needs: granting,
        answer: (request) => this.#ofPrincipal(request, grants.shown),
      },
      list(
        /^\/v1\.0\/servicePrincipals\/([^/]+)\/appRoleAssignments$/,
        ['Application.Read.All', ...assigning],
        roles,
        'principalId',
      ),
      this.#removal(/^\/v1\.0\/oauth2PermissionGrants\/([^/]+)$/, granting, grants),
      this.#removal(/^\/v1\.0\/servicePrincipals\/[^/]+\/appRoleAssignedTo\/([^/]+)$/, assigning, roles),
      {
        method: 'POST',
        path: /^\/v1\.0\/oauth2PermissionGrants$/,
        needs: granting,
        answer: ({ body }) =>
          this.#add(grants, body, grantObject, ['clientId', 'principalId', 'resourceId', 'consentType'], {
            status: 409,
            code: 'Request_MultipleObjectsWithSameKeyValue',
            message: 'Permission entry already exists.',
          }),
      },
      {
        method: 'POST',
        path: /^\/v1\.0\/servicePrincipals\/[^/]+\/appRoleAssignedTo$/,
        needs: assigning,
        answer: ({ body }) =>
          this.#add(roles, body, appRoleObject, ['principalId', 'resourceId', 'appRoleId'], {
            status: 400,
            code: 'Request_BadRequest',
            message: 'Permission being assigned already exists on the object',
          }),
      },
    ];
  }

  #removal(path: RegExp, needs: readonly string[], list: Replicated<readonly JsonObject[]>): Route {
    return {
      method: 'DELETE',
      path,
      needs,
      answer: (_request, id) => {
        const found = list.written.find((one) => one['id'] === id);
        if (found === undefined) return missing(id);
        list.set(list.written.filter((one) => one !== found));
        this.wrote('DELETE', entry(found));
        return { status: 204 };
      },
    };
  }

  #add(
    list: Replicated<readonly JsonObject[]>,
    body: Json | undefined,
    make: (given: JsonObject) => JsonObject,
    key: readonly string[],
    taken: { readonly status: number; readonly code: string; readonly message: string },
  ): FakeAnswer {
    const made = make(objectOf(body) ?? {});
    if (key.some((name) => made[name] === undefined)) return failure(400, 'Request_BadRequest', 'A member is missing.');
    if (list.written.some((one) => key.every((name) => one[name] === made[name]))) {
      return failure(taken.status, taken.code, taken.message);
    }
    list.set([...list.written, made]);
    this.wrote('POST', entry(made));
    return { status: 201, body: made };
  }

  #user(id: string): Replicated<JsonObject> | undefined {
    const { users } = this.directory;
    const name = id.toLowerCase();
    return users.get(name) ?? [...users.values()].find(({ written }) => text(written, 'userPrincipalName') === name);
  }

  #of(kind: 'servicePrincipals' | 'applications', id: string, appId: string): Replicated<JsonObject> | undefined {
    const all = this.directory[kind];
    return appId === '' ? all.get(id) : [...all.values()].find(({ written }) => written['appId'] === appId);
  }

  #enable({ body }: FakeRequest, object: Replicated<JsonObject>, kind: string): FakeAnswer {
    const accountEnabled = objectOf(body)?.['accountEnabled'];
    if (typeof accountEnabled !== 'boolean') return failure(400, 'Request_BadRequest', 'Invalid value specified.');
    this.#change(object, { accountEnabled }, `PATCH ${kind} accountEnabled`);
    return { status: 204 };
  }

  #change(object: Replicated<JsonObject>, after: JsonObject, operation: string): void {
    const changed = { ...object.written, ...after };
    if (JSON.stringify(changed) === JSON.stringify(object.written)) return;
    object.set(changed);
    this.wrote(operation, text(changed, 'id'));
  }

  #object({ query }: FakeRequest, found: Replicated<JsonObject> | undefined, kind: string): FakeAnswer {
    if (found === undefined) return missing('');
    const asked = query.get('$select')?.split(',');
    const names = asked ?? USUAL[kind];
    const { shown } = found;
    const body: JsonObject = { '@odata.context': `https://graph.microsoft.com/v1.0/$metadata#${kind}/$entity` };
    for (const name of names ?? Object.keys(shown)) body[name] = shown[name];
    // Keys of certificates are only told to who asks for them.
    if (asked === undefined && kind !== 'users') {
      body['keyCredentials'] = arrayOf(shown['keyCredentials'])?.map((one) => ({ ...objectOf(one), key: null }));
    }
    return { status: 200, body };
  }

  #list({ path, query }: FakeRequest, all: readonly JsonObject[]): FakeAnswer {
    const size = Math.min(Number(query.get('$top') ?? 100), this.#options.page ?? 100);
    const from = Number(query.get('$skiptoken') ?? 0);
    const next = new URLSearchParams(query);
    next.set('$skiptoken', String(from + size));
    const more = from + size < all.length ? { '@odata.nextLink': `${this.url}${path}?${next.toString()}` } : {};
    return { status: 200, body: { value: all.slice(from, from + size), ...more } };
  }
}

const text = (object: JsonObject, name: string): string => textOf(object[name])?.toLowerCase() ?? '';

/** A grant or assignment without its id, which may differ when it is made anew. */
const entry = (object: JsonObject): string =>
  ['clientId', 'principalId', 'resourceId', 'appRoleId', 'scope']
    .flatMap((name) => textOf(object[name]) ?? [])
    .join(' ');

const failure = (status: number, code: string, message: string): FakeAnswer => ({
  status,
  body: { error: { code, message, innerError: { 'request-id': '00000000-0000-4000-8000-00000000beef' } } },
});

const missing = (id: string): FakeAnswer =>
  failure(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

const DENIED = failure(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
const NO_PIM = failure(400, 'AadPremiumLicenseRequired', 'The tenant needs to have Microsoft Entra ID P2.');
const UNLICENSED = failure(403, 'Forbidden', 'Your tenant is not licensed for this feature.');
