import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import {
  accessKeyKey,
  arnKey,
  entraObjectIdKey,
  kubernetesObjectKey,
  kubernetesUserKey,
  upnKey,
} from '../../timeline/entity-keys.ts';
import { MAX_ENTITIES, type EntityKind } from '../../timeline/entity.ts';
import type { Actor, Authorization, Group, User } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { guidOf, upnOf } from '../shared/entra-names.ts';

const SERVICE_ACCOUNT = 'system:serviceaccount:';
/** Components of AKS itself, beside those of Kubernetes, which begin with `system:`. */
const AKS_COMPONENTS: ReadonlySet<string> = new Set(['aksService', 'hcpService', 'readinessChecker', 'nodeclient']);
/** The one user of the certificate that `az aks get-credentials --admin` hands out: whoever holds it is this user. */
const AKS_ADMIN = 'masterclient';
const MAX_GROUPS = 256;

/** What the form of a user name tells. */
interface Name {
  readonly kind: EntityKind;
  readonly type: NonNullable<User['type_id']>;
  /** AKS names a person by UPN, anyone else of Entra (a service principal, managed identity or guest) by object id. */
  readonly upn?: string | undefined;
  readonly objectId?: string | undefined;
}

const names = new BoundedCache(readName);

function readName(username: string): Name {
  const upn = upnOf(username);
  if (upn !== undefined) return { kind: 'user', type: 1, upn };
  const objectId = guidOf(username);
  if (objectId !== undefined) return { kind: 'service-principal', type: 4, objectId };
  if (username.startsWith(SERVICE_ACCOUNT)) return { kind: 'service-account', type: 4 };
  if (username === 'system:anonymous') return { kind: 'user', type: 0 };
  if (username.startsWith('system:') || AKS_COMPONENTS.has(username)) return { kind: 'service-account', type: 3 };
  return { kind: 'user', type: username === AKS_ADMIN ? 2 : 1 };
}

/** Key of a user: the UPN where the name is one, otherwise the name in its cluster. */
const keyOf = (cluster: string, username: string, { upn }: Name): string =>
  upn === undefined ? kubernetesUserKey(cluster, username) : upnKey(upn);

/** Who called, as far as an audit event tells. */
export interface Caller {
  readonly actor: Actor;
  /** Key of the caller; undefined where the event names none. */
  readonly principal?: string | undefined;
}

/**
 * Reads who called. Where one identity impersonates another, the one that authenticated is the caller, and the other a target.
 * Adds both to the list, with what the authenticator says beside the name.
 * @param cluster id of the cluster, or empty
 */
export function readCaller(audit: JsonObject, cluster: string, entities: EntityList): Caller {
  const user = objectOf(audit.user);
  const username = textOf(user?.username);
  const extra = objectOf(user?.extra);
  const authorizations = authorizationsOf(objectOf(audit.annotations));
  if (username === undefined) return { actor: { app_name: 'kube-apiserver', authorizations } };
  const name = names.get(username);
  const principal = keyOf(cluster, username, name);
  entities.add({ kind: name.kind, key: principal, part: 'actor', label: username });
  const objectId = guidOf(firstOf(extra?.oid)) ?? name.objectId;
  if (objectId !== undefined)
    entities.add({ kind: name.kind, key: entraObjectIdKey(objectId), part: 'actor', label: username });
  if (username.startsWith('arn:')) addArn(entities, username);
  if (extra !== undefined) addExtra(extra, username, cluster, entities);
  const impersonated = textOf(objectOf(audit.impersonatedUser)?.username);
  if (impersonated !== undefined) {
    const other = names.get(impersonated);
    entities.add({ kind: other.kind, key: keyOf(cluster, impersonated, other), part: 'target', label: impersonated });
  }
  const groups = groupsOf(user?.groups);
  const credential = textOf(firstOf(extra?.['authentication.kubernetes.io/credential-id']));
  return {
    principal,
    actor: {
      user: {
        name: username,
        uid: textOf(user?.uid),
        uid_alt: objectId,
        type_id: name.type === 1 && isAdministrator(groups) ? 2 : name.type,
        groups,
      },
      session: credential === undefined ? undefined : { credential_uid: credential },
      authorizations,
    },
  };
}

/** Names whom a binding of a role gives its rights to, as targets; groups are no entities. */
export function addSubjects(audit: JsonObject, cluster: string, entities: EntityList): void {
  for (const subject of arrayOf(objectOf(audit.requestObject)?.subjects)?.slice(0, MAX_ENTITIES) ?? []) {
    const { kind, name, namespace } = objectOf(subject) ?? {};
    if (typeof name !== 'string' || name === '') continue;
    let username = kind === 'User' ? name : undefined;
    if (kind === 'ServiceAccount' && typeof namespace === 'string') username = `${SERVICE_ACCOUNT}${namespace}:${name}`;
    if (username === undefined) continue;
    const known = names.get(username);
    entities.add({ kind: known.kind, key: keyOf(cluster, username, known), part: 'target', label: username });
    if (known.objectId !== undefined)
      entities.add({ kind: known.kind, key: entraObjectIdKey(known.objectId), part: 'target', label: username });
  }
}

/** What authenticators add: AKS the object id, EKS the role and access key, the API server itself the pod of a service account's token. */
function addExtra(extra: JsonObject, username: string, cluster: string, entities: EntityList): void {
  const accessKey = textOf(firstOf(extra.accessKeyId));
  if (accessKey !== undefined) entities.add({ kind: 'access-key', key: accessKeyKey(accessKey), part: 'credential' });
  for (const arn of [firstOf(extra.arn), firstOf(extra.canonicalArn)])
    if (typeof arn === 'string') addArn(entities, arn);
  const pod = textOf(firstOf(extra['authentication.kubernetes.io/pod-name']));
  if (pod === undefined || !username.startsWith(SERVICE_ACCOUNT)) return;
  const namespace = username.slice(SERVICE_ACCOUNT.length).split(':', 1)[0] ?? '';
  entities.add({
    kind: 'resource',
    key: kubernetesObjectKey(cluster, `${namespace}/pods/${pod}`),
    part: 'origin',
    label: pod,
  });
}

function addArn(entities: EntityList, arn: string): void {
  if (!arn.startsWith('arn:')) return;
  const kind = arn.includes(':assumed-role/') ? 'role-session' : arn.includes(':role/') ? 'role' : 'user';
  entities.add({ kind, key: arnKey(arn), part: 'actor', label: arn });
}

/** Extra values are lists; of most there is one. */
const firstOf = (value: Json | undefined): Json | undefined => (Array.isArray(value) ? value[0] : value);

function groupsOf(value: Json | undefined): Group[] | undefined {
  const groups: Group[] = [];
  for (const name of arrayOf(value) ?? []) {
    if (typeof name === 'string' && name !== '' && groups.length < MAX_GROUPS) groups.push({ name });
  }
  return groups.length === 0 ? undefined : groups;
}

const isAdministrator = (groups: readonly Group[] | undefined): boolean =>
  groups?.some(({ name }) => name === 'system:masters') === true;

function authorizationsOf(annotations: JsonObject | undefined): Authorization[] | undefined {
  const decision = textOf(annotations?.['authorization.k8s.io/decision']);
  if (decision === undefined) return undefined;
  const reason = textOf(annotations?.['authorization.k8s.io/reason']);
  return [{ decision, policy: reason === undefined ? undefined : { type: 'RBAC', desc: reason } }];
}
