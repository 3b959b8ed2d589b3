import type { Entity } from '../../timeline/entity.ts';
import { kubernetesUsernameOf, prefixOf } from '../../timeline/identity/key-traits.ts';
import { armNoun, arnNoun, kubernetesNoun } from './nouns.ts';

/** Something that was acted upon, as a sentence speaks of it: "security rule allow-all of web-nsg". */
export interface Thing {
  readonly key: string;
  /** Empty where nobody knows what it is. */
  readonly noun: string;
  /** As the record wrote it; not yet made fit to be shown. Undefined where its id tells people nothing. */
  readonly name?: string | undefined;
  /** The word that joins it to what it is part of, and the name of that: `of` and `web-nsg`, `in namespace` and `shop`. */
  readonly of?: readonly [string, string] | undefined;
  /** All there are of the noun, as a list of Kubernetes gives them. */
  readonly all?: boolean | undefined;
  /** What belongs to whoever acted. */
  readonly own?: boolean | undefined;
}

const SERVICE_ACCOUNT = 'system:serviceaccount:';
/** A GUID tells people nothing. */
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** What an entity of an event is to people. */
export function thingOf({ key, kind, label }: Pick<Entity, 'key' | 'kind' | 'label'>): Thing {
  const prefix = prefixOf(key);
  const id = key.slice(prefix.length + 1);
  switch (prefix) {
    case 'aws':
      return awsThing(key, id);
    case 'arm':
      return armThing(key, id, label);
    case 'k8s':
      return kubernetesThing(key, id);
    case 'k8s-user':
      return kubernetesUser(key);
    case 'upn':
      return { key, noun: 'user', name: id };
    case 'aws-key':
      return { key, noun: 'access key', name: id };
    case 'aws-account':
      return { key, noun: 'AWS account', name: id };
    case 'federated':
      return { key, noun: 'federated identity', name: id.slice(id.indexOf('|') + 1) };
    case 'aws-service':
      return { key, noun: 'AWS service', name: id.slice(id.indexOf('/') + 1) };
    case 'entra-object':
      return { key, noun: kind === 'resource' ? '' : kind, name: named(label, id) };
    default:
      return { key, noun: NOUNS.get(prefix) ?? kind.replaceAll('-', ' '), name: named(label, id) };
  }
}

/** Words for kinds of ids whose entities say no more of themselves. */
const NOUNS: ReadonlyMap<string, string> = new Map([
  ['aws-idc-user', 'Identity Center user'],
  ['aws-id', 'AWS identity'],
  ['aws-source-identity', 'source identity'],
  ['entra-app', 'application'],
  ['entra-credential', 'credential'],
  ['entra-session', 'sign-in session'],
  ['entra-tenant', 'tenant'],
  ['entra-token', 'token'],
  ['entra-user', 'user'],
  ['github-repo', 'repository'],
  ['github-user', 'GitHub account'],
  ['image', 'image'],
]);

/** The label; without one the id, unless it is one that tells people nothing. */
function named(label: string | undefined, id: string): string | undefined {
  if (label !== undefined && label !== '' && !GUID.test(label)) return label;
  const last = id.slice(id.lastIndexOf('/') + 1);
  return last === '' ? undefined : GUID.test(last) ? last.slice(0, 8) : last;
}

/** `arn:partition:service:region:account:resource`. */
function awsThing(key: string, arn: string): Thing {
  const [, , service = '', , account = '', ...rest] = arn.split(':', 64);
  const resource = rest.join(':');
  if (service === 's3') {
    const [bucket = '', ...object] = resource.split('/');
    return object.length === 0
      ? { key, noun: 'bucket', name: bucket }
      : { key, noun: 'object', name: object.join('/') };
  }
  const end = resource.search(/[/:]/);
  const type = end === -1 ? (rest.length > 1 || resource === 'root' ? resource : '') : resource.slice(0, end);
  const path = end === -1 ? resource : resource.slice(end + 1);
  // Users and roles may lie in paths; a session is its role and its name.
  const name = service === 'iam' ? path.slice(path.lastIndexOf('/') + 1) : path;
  const noun = arnNoun(service, type);
  return type === 'root' ? { key, noun, of: ['of account', account] } : { key, noun, name: readableRole(name) };
}

/** The name of a role without what Identity Center puts around that of its permission set. */
export const readableRole = (name: string): string =>
  name.replace(/^AWSReservedSSO_([^/]{1,200})_[0-9a-f]{16}(?=\/|$)/, '$1');

function armThing(key: string, id: string, label: string | undefined): Thing {
  const segments = id.split('/', 64);
  const at = segments.lastIndexOf('providers');
  const noun = armNoun(typeOf(segments, at));
  const last = segments.at(-1) ?? '';
  // The export writes whole ids in capitals; then they tell nothing of how the name is written.
  const name = label !== undefined && /[a-z]/.test(label) && label.toLowerCase() === last ? label : last;
  if (at > 0 && segments.length <= at + 4 && segments.length > at + 2) {
    const scope = segments.slice(0, at);
    // What lies over another resource: an assignment, a lock, a setting.
    if (OVER_OTHERS.has(noun)) return { key, noun, name: GUID.test(name) ? undefined : name, of: scopeOf(scope) };
  }
  const parent = at !== -1 && segments.length > at + 4 ? segments.at(-3) : undefined;
  return { key, noun, name, ...(parent !== undefined && { of: ['of', parent] as const }) };
}

const OVER_OTHERS: ReadonlySet<string> = new Set([
  'role assignment',
  'policy assignment',
  'lock',
  'diagnostic setting',
  'role definition',
  'serial port',
]);

function scopeOf(segments: readonly string[]): readonly [string, string] {
  const at = segments.lastIndexOf('providers');
  const name = segments.at(-1) ?? '';
  if (segments.length < 3) return ['on', 'the tenant'];
  return [`on ${armNoun(typeOf(segments, at))}`, name];
}

/** The resource's type in lower case, as `arm-id.ts` of the sources tells it. @param at the place of the last `providers` */
function typeOf(segments: readonly string[], at: number): string {
  if (at === -1)
    return segments.length > 4 ? 'microsoft.resources/resourcegroups' : 'microsoft.resources/subscriptions';
  return segments.filter((_segment, i) => i === at + 1 || (i > at && (i - at) % 2 === 0)).join('/');
}

/** `k8s:<cluster>:<namespace>/<resource>/<name>`; the cluster's id is an ARM id, which has no colon. */
function kubernetesThing(key: string, id: string): Thing {
  const [namespace = '', resource = '', ...rest] = id.slice(id.indexOf(':') + 1).split('/');
  const name = rest.join('/');
  const of = namespace === '' ? undefined : (['in namespace', namespace] as const);
  const noun = kubernetesNoun(resource);
  if (resource === 'serviceaccounts' && name !== '') return { key, noun, name: `${namespace}/${name}` };
  return name === '' ? { key, noun, of, all: true } : { key, noun, name, of };
}

function kubernetesUser(key: string): Thing {
  const username = kubernetesUsernameOf(key) ?? '';
  return username.startsWith(SERVICE_ACCOUNT)
    ? { key, noun: 'service account', name: username.slice(SERVICE_ACCOUNT.length).replace(':', '/') }
    : { key, noun: 'cluster user', name: username };
}
