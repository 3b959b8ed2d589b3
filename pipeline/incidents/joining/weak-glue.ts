import type { Entity } from '../../timeline/entity.ts';
import { isShared, kubernetesUsernameOf, prefixOf, sessionNameOf } from '../../timeline/identity/key-traits.ts';
import type { Observation } from '../../timeline/observation.ts';

/** What acts for everybody, so that having been acted upon by it says nothing of what belongs together. */

/**
 * Services of Microsoft that change a directory on behalf of whoever asked them, by the names under which audit logs have them: their object ids differ from
 * tenant to tenant. Whoever names an application of her own so only keeps its alerts from being joined by that application.
 */
const DIRECTORY_SERVICES: ReadonlySet<string> = new Set([
  'azure ad cloud sync',
  'azure credential configuration endpoint service',
  'azure mfa strongauthenticationservice',
  'device registration service',
  'microsoft azure ad internal - jit provisioning',
  'microsoft intune',
  'microsoft online services',
  'microsoft password reset service',
  'microsoft substrate management',
  'ms-pim',
]);

/** Namespaces of Kubernetes and of the add-ons that AKS manages; their service accounts are controllers. */
const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  'aks-istio-system',
  'app-routing-system',
  'azure-arc',
  'calico-system',
  'gatekeeper-system',
  'kube-node-lease',
  'kube-public',
  'kube-system',
  'tigera-operator',
]);

const SERVICE_ACCOUNT = 'system:serviceaccount:';
const INSTANCE = /^i-[0-9a-f]{8,17}$/;

/** Whether the key is the service account of a controller of the cluster itself. */
export function isControllerAccount(key: string): boolean {
  const name = kubernetesUsernameOf(key);
  if (name?.startsWith(SERVICE_ACCOUNT) !== true) return false;
  return SYSTEM_NAMESPACES.has(name.slice(SERVICE_ACCOUNT.length).split(':', 1)[0] ?? '');
}

/** Whether the key is the user of a cluster's administrator certificate: whoever holds it is this user. */
export const isMasterclient = (key: string): boolean => kubernetesUsernameOf(key) === 'masterclient';

/** Whether nobody has said who he is. */
const isAnonymous = (key: string): boolean => kubernetesUsernameOf(key) === 'system:anonymous';

/** Whether an event was done by a cloud's or a cluster's own machinery. */
export function isMachinery(event: Pick<Observation, 'principal' | 'entities'>): boolean {
  const { principal } = event;
  switch (prefixOf(principal)) {
    case 'aws-service':
      return true;
    case 'aws':
      return principal.includes(':assumed-role/AWSServiceRoleFor');
    case 'k8s-user':
      if (isMasterclient(principal) || isAnonymous(principal)) return false;
      return isControllerAccount(principal) || isShared(principal);
    case 'entra-app':
    case 'entra-sp':
      return DIRECTORY_SERVICES.has(labelOf(event.entities, principal)?.toLowerCase() ?? '');
    default:
      return false;
  }
}

const labelOf = (entities: readonly Entity[], key: string): string | undefined =>
  entities.find((entity) => entity.key === key)?.label;

/** The id of the virtual machine whose role a session is of: EC2 names such sessions after the instance. */
export function instanceOfSession(key: string): string | undefined {
  const name = sessionNameOf(key);
  return INSTANCE.test(name) ? name : undefined;
}

/**
 * Whether a principal is a workload: a service principal, a managed identity, a service account, a subject of a pipeline's tokens, the role of
 * a machine. Pipelines touch everything, so two alerts are not of one story because such a one acted on what somebody else acted on.
 */
export function isWorkload(principal: string): boolean {
  switch (prefixOf(principal)) {
    case 'arm':
    case 'aws-service':
    case 'entra-app':
    case 'entra-sp':
    case 'federated':
      return true;
    case 'k8s-user':
      // AKS names service principals and managed identities by object id.
      return /^(?:system:|[0-9a-f-]{36}$)/i.test(kubernetesUsernameOf(principal) ?? '');
    case 'aws':
      return instanceOfSession(principal) !== undefined;
    default:
      return false;
  }
}
