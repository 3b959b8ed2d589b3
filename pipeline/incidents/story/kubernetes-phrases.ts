import { filled, onThings, Phrases, type Phrase } from './phrase.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

/** What calls to a cluster do, by verb and resource. Each: `does`, and the `title`. */
const PHRASES = new Phrases({
  'create pods/exec': ['run a command in {pod}', 'a command run in a pod'],
  'get pods/exec': ['run a command in {pod}', 'a command run in a pod'],
  'create pods/attach': ['attach to {pod}', 'a command run in a pod'],
  'get pods/attach': ['attach to {pod}', 'a command run in a pod'],
  'create pods/portforward': ['open a tunnel into {pod}', 'a tunnel into a pod'],
  'get pods/portforward': ['open a tunnel into {pod}', 'a tunnel into a pod'],
  'update pods/ephemeralcontainers': ['put a debugging container into {pod}', 'a container put into a pod'],
  'patch pods/ephemeralcontainers': ['put a debugging container into {pod}', 'a container put into a pod'],
  'create pods': ['create {pod}', 'a pod created', 'vague'],
  'get secrets': ['read {secret}', 'cluster secrets read'],
  'list secrets': ['read {secret}', 'cluster secrets read'],
  'watch secrets': ['read {secret}', 'cluster secrets read'],
  'create serviceaccounts/token': ['make a token for {service account}', 'a service account token made'],
  'create clusterrolebindings': ['make {cluster role binding}', 'rights over a cluster given', 'vague'],
  'update clusterrolebindings': ['change {cluster role binding}', 'rights over a cluster given', 'vague'],
  'patch clusterrolebindings': ['change {cluster role binding}', 'rights over a cluster given', 'vague'],
  'create rolebindings': ['make {role binding}', 'rights in a cluster given', 'vague'],
  'create clusterroles': ['write {cluster role}', 'a cluster role written', 'vague'],
  'patch clusterroles': ['change {cluster role}', 'a cluster role changed', 'vague'],
  'update clusterroles': ['change {cluster role}', 'a cluster role changed', 'vague'],
  'create roles': ['write {role}', 'a role in a cluster written', 'vague'],
  'patch roles': ['change {role}', 'a role in a cluster changed', 'vague'],
  'update roles': ['change {role}', 'a role in a cluster changed', 'vague'],
  'patch daemonsets': ['change {daemon set}', 'pods of every node changed', 'vague'],
  'update daemonsets': ['change {daemon set}', 'pods of every node changed', 'vague'],
  'create daemonsets': ['create {daemon set}', 'pods put on every node', 'vague'],
  'create selfsubjectaccessreviews': ['ask what they may do'],
  'create selfsubjectrulesreviews': ['ask what they may do'],
  'create nodes/proxy': ['call the kubelet of {node}', 'a node called'],
  'get nodes/proxy': ['call the kubelet of {node}', 'a node called'],
});

/** What verbs do to things that have no phrase of their own. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ['create', 'create {*}'],
  ['get', 'read {*}'],
  ['list', 'list {*}'],
  ['watch', 'watch {*}'],
  ['update', 'change {*}'],
  ['patch', 'change {*}'],
  ['delete', 'delete {*}'],
  ['deletecollection', 'delete {*}'],
]);

/** How a call to a cluster is told. @param operation verb and resource with its subresource, or verb and path */
export function kubernetesPhrase(operation: string, things: readonly Thing[]): Phrase {
  const known = PHRASES.of(operation, things);
  if (known !== undefined) return known;
  const [verb = '', resource = ''] = operation.split(' ', 2);
  // A subresource or a path is no thing that the verb is about.
  const general = /^[a-z]+$/.test(resource) ? VERBS.get(verb) : undefined;
  return { does: general === undefined ? `call ${quoted(operation)}${onThings(things)}` : filled(general, things) };
}
