import type { Entity } from '../../timeline/entity.ts';
import { prefixOf } from '../../timeline/identity/key-traits.ts';

/**
 * What is compared where two alerts acted on one resource: the resource itself, or what it is a part of (the storage account of a
 * container, the bucket of an object). Undefined of what is too broad to tell a story by: accounts, tenants, subscriptions, resource
 * groups, clusters and namespaces as a whole, networks, directory roles, images, and all that AWS itself owns.
 */
export function specificResource({ key, kind }: Entity): string | undefined {
  switch (prefixOf(key)) {
    case 'arm':
      return armResource(key);
    case 'k8s':
      return kubernetesObject(key);
    case 'aws':
      return awsResource(key);
    case 'entra-object':
      return kind === 'role' || isTenantItself(key) ? undefined : key;
    case 'entra-device':
      return key;
    default:
      return undefined;
  }
}

const CLUSTERS: ReadonlySet<string> = new Set(['managedclusters', 'connectedclusters']);

/** `<scope>/providers/<provider>/<type>/<name>`, without what the resource holds. */
function armResource(key: string): string | undefined {
  const segments = key.split('/');
  let at = segments.indexOf('providers');
  // What lies in a management group is found by its own provider.
  if (segments[at + 1] === 'microsoft.management') at = segments.indexOf('providers', at + 1);
  const [provider, type, name] = at < 0 ? [] : segments.slice(at + 1, at + 4);
  if (provider === undefined || type === undefined || name === undefined || name === '') return undefined;
  return CLUSTERS.has(type) ? undefined : segments.slice(0, at + 4).join('/');
}

/** The ARM id of the cluster in the key of a resource of it, or of itself. */
export function clusterOf(key: string): string | undefined {
  const id =
    /^arm:(\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.containerservice\/managedclusters\/[^/]+)/;
  return id.exec(key)?.[1];
}

/** An object with a name: a list has none, and namespaces hold what is not theirs. */
function kubernetesObject(key: string): string | undefined {
  // The cluster's id is an ARM id, which has no colon.
  const path = key.slice(key.indexOf(':', 'k8s:'.length) + 1);
  const [, resource, name] = path.split('/');
  return name === undefined || name === '' || resource === 'namespaces' ? undefined : key;
}

const BROAD_SERVICES: ReadonlySet<string> = new Set(['account', 'eks', 'organizations', 'sts']);
const BROAD_OF_EC2 = /^(?:image|key-pair|subnet|vpc)\//;

function awsResource(key: string): string | undefined {
  const [, , , service = '', , account, ...rest] = key.split(':');
  const resource = rest.join(':');
  if (account === 'aws' || resource === '' || BROAD_SERVICES.has(service)) return undefined;
  if (service === 'iam') return resource === 'root' || resource.startsWith('user/') ? undefined : key;
  if (service === 'sso') return resource.startsWith('instance/') ? undefined : key;
  if (service === 'ec2') {
    // Ids of EC2 are unique; the account is missing where it owns what it may share.
    return BROAD_OF_EC2.test(resource) ? undefined : `ec2:${resource}`;
  }
  const whole = service === 's3' ? resource.split('/', 1)[0] : resource;
  return whole === undefined || whole.startsWith('*') ? undefined : key.slice(0, key.length - resource.length) + whole;
}

function isTenantItself(key: string): boolean {
  const [tenant, id] = key.slice('entra-object:'.length).split('/');
  return tenant === id;
}
