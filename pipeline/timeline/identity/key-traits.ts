/** What can be told of a key by its form alone, for resolving identities. */

const SESSION_ARN = /^aws:arn:[^:]*:sts:[^:]*:[^:]*:(?:assumed-role|federated-user)\//;
const IAM_USER_ARN = /^aws:arn:[^:]*:iam:[^:]*:[^:]*:(?:user\/|root$)/;
const SSO_ROLE = ':assumed-role/AWSReservedSSO_';
const SERVICE_ACCOUNT = 'system:serviceaccount:';

/** The first part of a key: `entra-user`, `upn`, `aws`, … */
export const prefixOf = (key: string): string => key.slice(0, Math.max(0, key.indexOf(':')));

/** Whether the key is an ARN of a role session or a federated user session, which many may use under one name. */
export const isSessionArn = (key: string): boolean => SESSION_ARN.test(key);

/** Whether the key is a session that Identity Center opened and named after its user. */
export const isSsoSession = (key: string): boolean => isSessionArn(key) && key.includes(SSO_ROLE);

/** The name of a role session: what follows the last slash of its ARN. */
export const sessionNameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** The user name in a key of a Kubernetes user; undefined for other keys. */
export function kubernetesUsernameOf(key: string): string | undefined {
  if (!key.startsWith('k8s-user:')) return undefined;
  // The cluster's id is an ARM id, which has no colon.
  return key.slice(key.indexOf(':', 'k8s-user:'.length) + 1);
}

const CREDENTIALS: ReadonlySet<string> = new Set(['aws-key', 'entra-session', 'entra-token', 'entra-credential']);

/** Whether the key is of a credential: a key, token or session, which stands for whoever holds it. */
export const isCredential = (key: string): boolean => CREDENTIALS.has(prefixOf(key));

/** Kinds of ids in the order in which they stand for a principal: immutable ids of people, then of workloads, then names. */
const STRENGTH: Readonly<Record<string, number | undefined>> = {
  'entra-user': 1,
  'aws-idc-user': 2,
  'aws-id': 3,
  'entra-sp': 4,
  arm: 5,
  'k8s-user': 6,
  federated: 7,
  'entra-oid': 8,
  aws: 9,
  upn: 10,
  'entra-app': 11,
  'aws-source-identity': 12,
};
const WEAKEST = 99;

/** How well a key stands for a principal: the smaller, the better. */
export const strengthOf = (key: string): number => STRENGTH[prefixOf(key)] ?? WEAKEST;

/** Whether the key names a person or a workload: not a credential, an address or a thing, nor what many share. */
export const isIdentity = (key: string): boolean => strengthOf(key) < WEAKEST && !isShared(key);

/**
 * Whether a key is by its nature shared by several principals, so that nothing may be joined over it: role sessions (whoever may
 * assume the role chooses the name), roles, services, Kubernetes' own components and the cluster's certificate user `masterclient`,
 * addresses, and all that is neither an identity nor a credential.
 */
export function isShared(key: string): boolean {
  switch (prefixOf(key)) {
    case 'aws':
      return !IAM_USER_ARN.test(key);
    case 'aws-id':
      return !key.startsWith('aws-id:AIDA');
    case 'k8s-user':
      return isSharedUsername(kubernetesUsernameOf(key) ?? '');
    default:
      return strengthOf(key) === WEAKEST && !isCredential(key);
  }
}

const SHARED_USERNAMES: ReadonlySet<string> = new Set([
  '',
  'masterclient',
  'aksService',
  'hcpService',
  'readinessChecker',
  'nodeclient',
]);

const isSharedUsername = (name: string): boolean =>
  SHARED_USERNAMES.has(name) || (name.startsWith('system:') && !name.startsWith(SERVICE_ACCOUNT));

/** Names and sessions that one person has in several tenants: at home, and as a guest. */
const ACROSS_TENANTS: ReadonlySet<string> = new Set(['upn', 'entra-session', 'entra-token']);

/**
 * Whether those that an id is said to belong to cannot all be one: two users of one tenant for a user principal name that was given
 * to another person, two IAM users for one access key, two service principals for one application.
 * @param held the id
 * @param holders whom it is said to belong to, each once
 */
export function isContested(held: string, holders: Iterable<string>): boolean {
  const known = new Map<string, string>();
  const objectIds = new Set<string>();
  const tenantless: string[] = [];
  const acrossTenants = ACROSS_TENANTS.has(prefixOf(held));
  for (const holder of holders) {
    const prefix = prefixOf(holder);
    const id = holder.slice(prefix.length + 1);
    if (prefix === 'entra-oid') {
      tenantless.push(id);
      continue;
    }
    let domain = prefix;
    if (prefix === 'entra-user' || prefix === 'entra-sp') {
      const slash = id.indexOf('/');
      domain = acrossTenants ? `entra/${id.slice(0, slash)}` : 'entra';
      objectIds.add(id.slice(slash + 1));
    }
    const first = known.get(domain);
    if (first !== undefined && first !== id) return true;
    known.set(domain, id);
  }
  // An object id without its tenant is one of those with a tenant, or there are two.
  return objectIds.size === 0 ? new Set(tenantless).size > 1 : tenantless.some((id) => !objectIds.has(id));
}
