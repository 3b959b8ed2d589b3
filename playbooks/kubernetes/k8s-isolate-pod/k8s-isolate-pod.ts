import { z } from 'zod';
import { parseJson, type JsonObject } from '../../../platform/json.ts';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type ActionContext, type Change, type Plan, type Verification } from '../../contract/action.ts';
import { canonicalJson } from '../../contract/hashes.ts';
import { kubernetesNameParameter, namespaceParameter } from '../../contract/parameters.ts';
import { ignoresNetworkPolicies, READ_ADDRESS, READ_CLUSTER } from '../cluster-access.ts';
import { ClusterClient } from '../cluster-client.ts';
import { clusterParameter } from '../cluster-parameters.ts';
import { NETWORK_POLICIES, PODS, type Pod } from '../object-kinds.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { listed, objectSubject, objectTarget, shown } from '../subjects.ts';
import { isOurs, isQuarantine, outweighing, policyName, QUARANTINE, quarantinePolicy } from './quarantine-policy.ts';

type Labels = Readonly<Record<string, string>>;

const podOf = z.object({
  cluster: z.string(),
  namespace: z.string(),
  pod: z.string(),
  uid: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Of the change of labels only. */
  replaces: z.record(z.string(), z.string()).optional(),
});
type PlannedPod = z.infer<typeof podOf>;

/** Where the pod keeps the labels that were taken from it, for whoever looks at it and for a second plan. */
const TAKEN = 'crosstrail-labels';
const MIRROR = 'kubernetes.io/config.mirror';
const NO_ENGINE = 'the cluster has no network policy engine, so that network policies do nothing in it';
const HOUR = 3_600_000;

/** Cuts one pod off without ending it. */
export const isolatePod = defineAction({
  name: 'k8s-isolate-pod',
  group: 'kubernetes',
  title: 'Isolate a pod',
  description:
    'Takes all labels of a pod away, so that Services and its controller let go of it, and gives it one label that a NetworkPolicy of its own selects, which allows nothing ' +
    'in and nothing out. The pod goes on running, for whoever wants to look into it. Network policies add up: one that selects the pod all the same still allows what it allows. ' +
    'Without a network policy engine in the cluster nothing is cut; where Azure tells that there is none, the plan says so. Pods on the host network cannot be isolated so.',
  parameters: z.strictObject({
    cluster: clusterParameter,
    namespace: namespaceParameter.describe('The namespace of the pod.'),
    pod: kubernetesNameParameter.describe('The name of the pod.'),
  }),
  permissions: {
    azure: [READ_ADDRESS, READ_CLUSTER],
    kubernetes: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'patch'] },
      { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'create', 'delete'] },
    ],
    notes: [
      'Who may patch pods may also change their images.',
      'Who may create and delete network policies may also open what others closed.',
    ],
  },
  reversibility: 'partly',
  lease: { usual: 24 * HOUR, longest: 14 * 24 * HOUR },
  operations: ['patch pods', 'create networkpolicies', 'delete networkpolicies'],
  from: ({ pods }) =>
    pods
      .filter(({ cluster, namespace }) => cluster !== '' && namespace !== '')
      .map(({ cluster, namespace, name }) => ({ cluster, namespace, pod: name })),
  plan: async ({ cluster, namespace, pod }, context) => {
    const client = await ClusterClient.of(cluster, context);
    const found = await podToIsolate({ cluster, namespace, pod }, client);
    return planOf(found, client, await ignoresNetworkPolicies(cluster, context));
  },
  execute: (change, context) => withPod(change, context, change.id === 'policy' ? makePolicy : relabel),
  verify: (change, context) => withPod(change, context, change.id === 'policy' ? seePolicy : seeLabels),
  undo: (change, context) => withPod(change, context, change.id === 'policy' ? removePolicy : giveLabelsBack),
});

type Work<T> = (planned: PlannedPod, client: ClusterClient, context: ActionContext) => Promise<T>;

async function withPod<T>(change: Change, context: ActionContext, work: Work<T>): Promise<T> {
  const planned = plannedState(podOf, change);
  return work(planned, await ClusterClient.of(planned.cluster, context), context);
}

interface Found {
  readonly planned: PlannedPod & { readonly replaces: Labels };
  readonly pod: Pod;
}

async function podToIsolate(
  { cluster, namespace, pod: name }: Pick<PlannedPod, 'cluster' | 'namespace' | 'pod'>,
  client: ClusterClient,
): Promise<Found> {
  const pod = await client.get(PODS, { namespace, name });
  if (pod === undefined) {
    throw new ActionError('absent', `there is no pod ${namespace}/${name}; another may have taken its place`);
  }
  const { uid, labels, annotations } = pod.metadata;
  if (pod.spec.hostNetwork) {
    throw new ActionError(
      'unsuitable',
      `the pod ${name} is on the host network, where no network policy holds; keep what you need of it, then delete it and cordon its node`,
    );
  }
  if (annotations[MIRROR] !== undefined) {
    throw new ActionError('unsuitable', `the pod ${name} is made by its node and not by the cluster; cordon the node`);
  }
  const replaces = labels[QUARANTINE] === uid ? labelsIn(annotations[TAKEN]) : labels;
  return { planned: { cluster, namespace, pod: name, uid, labels: { [QUARANTINE]: uid }, replaces }, pod };
}

/** Labels as a pod keeps them that is quarantined already. */
function labelsIn(text: string | undefined): Labels {
  try {
    return z.record(z.string(), z.string()).parse(parseJson(text ?? ''));
  } catch {
    return {};
  }
}

async function planOf({ planned, pod }: Found, client: ClusterClient, ignoresPolicies: boolean): Promise<Plan> {
  const { cluster, namespace, uid, labels, replaces } = planned;
  const target = objectTarget('pod', { cluster, namespace, resource: 'pods', name: planned.pod }, uid);
  const existing = await client.get(NETWORK_POLICIES, policyPlace(planned));
  if (existing !== undefined && !isOurs(existing)) throw notOurs(uid);
  const others = outweighing(await client.list(NETWORK_POLICIES, namespace), labels);
  const where = `${namespace}/${planned.pod}`;
  const { replaces: _, ...isolated } = planned;
  return {
    target,
    changes: [
      {
        id: 'policy',
        holds: `k8s-isolate-pod|${target.id}|policy`,
        summary: `Create the NetworkPolicy ${policyName(uid)}, which allows ${where} nothing in and nothing out`,
        target,
        before: null,
        after: { ...isolated, policy: policyName(uid) },
        undo: `Delete the NetworkPolicy ${policyName(uid)}`,
      },
      {
        id: 'labels',
        holds: `k8s-isolate-pod|${target.id}|labels`,
        summary: `Replace all labels of ${where} by ${QUARANTINE}`,
        target,
        before: { labels: { ...replaces } },
        after: { ...planned },
        undo: `Give ${where} its labels back; its controller then has one pod more than it wants, and may remove this one`,
      },
    ],
    affects: [ownerSentence(pod), 'Services that found the pod by its labels send it nothing more'],
    residual: [
      ...(others.length === 0
        ? []
        : [{ what: `What these network policies allow the pod all the same: ${listed(others)}` }]),
      {
        what: ignoresPolicies
          ? `All connections: ${NO_ENGINE}`
          : 'All connections, where the cluster has no network policy engine',
      },
      { what: 'Connections that are open, with most network policy engines' },
      { what: 'Tokens of its service account that were copied, until they end' },
    ],
    subjects: [
      objectSubject({ cluster, namespace, resource: 'pods', name: planned.pod }),
      // By which the records of its making are known as Crosstrail's own.
      objectSubject({ cluster, namespace, resource: 'networkpolicies', name: policyName(uid) }),
    ],
  };
}

/** What becomes of the pod's place. https://kubernetes.io/docs/concepts/workloads/controllers/ */
function ownerSentence({ metadata }: Pod): string {
  const owner = metadata.ownerReferences.find(({ controller }) => controller);
  if (owner === undefined) return 'No other pod takes its place: no controller owns it';
  const named = `${shown(owner.kind)} ${shown(owner.name)}`;
  if (owner.kind === 'StatefulSet') {
    return `${named} has one pod fewer: it cannot make another of the same name while this one is there`;
  }
  return `${named} makes another pod in its place, of the same image and with the same weakness`;
}

const policyPlace = ({ namespace, uid }: PlannedPod) => ({ namespace, name: policyName(uid) });

const notOurs = (uid: string): ActionError =>
  new ActionError(
    'unsuitable',
    `the NetworkPolicy ${policyName(uid)} was made by somebody else; look at it and rename it`,
  );

const makePolicy: Work<void> = async (planned, client) => {
  const { namespace, uid } = planned;
  if (await client.create(NETWORK_POLICIES, namespace, quarantinePolicy(namespace, uid))) return;
  const existing = await client.get(NETWORK_POLICIES, policyPlace(planned));
  if (existing !== undefined && !isQuarantine(existing, uid)) throw notOurs(uid);
};

const seePolicy: Work<Verification> = async (planned, client, context) => {
  const policy = await client.get(NETWORK_POLICIES, policyPlace(planned));
  if (policy === undefined) return { is: 'absent' };
  if (isQuarantine(policy, planned.uid)) {
    const ignored = await ignoresNetworkPolicies(planned.cluster, context);
    return ignored ? { is: 'ineffective', why: NO_ENGINE } : { is: 'held' };
  }
  return { is: 'changed', why: `the NetworkPolicy ${policyName(planned.uid)} was changed since` };
};

const removePolicy: Work<void> = async (planned, client) => {
  const policy = await client.get(NETWORK_POLICIES, policyPlace(planned));
  if (policy === undefined) return;
  if (!isOurs(policy)) throw notOurs(planned.uid);
  if (await client.delete(NETWORK_POLICIES, policyPlace(planned), policy.metadata)) return;
  throw new ActionError(
    'conflict',
    `the NetworkPolicy ${policyName(planned.uid)} is being changed by others; try again`,
  );
};

const isSame = (labels: Labels, others: Labels | undefined): boolean =>
  canonicalJson({ ...labels }) === canonicalJson({ ...others });

/** Changes the pod that was planned for, and none that took its name. */
const relabelled = (
  { namespace, pod: name, uid }: PlannedPod,
  client: ClusterClient,
  decide: (pod: Pod | undefined) => JsonObject | undefined,
): Promise<void> =>
  client.update({
    of: PODS,
    at: { namespace, name },
    decide: (pod) => decide(pod?.metadata.uid === uid ? pod : undefined),
  });

const relabel: Work<void> = (planned, client) =>
  relabelled(planned, client, (pod) => {
    if (pod === undefined) throw new ActionError('absent', `the pod ${planned.pod} is gone`);
    const { labels } = pod.metadata;
    if (isSame(labels, planned.labels)) return undefined;
    if (!isSame(labels, planned.replaces)) {
      throw new ActionError('conflict', `the labels of the pod ${planned.pod} were changed since the plan; plan again`);
    }
    const taken = Object.fromEntries(Object.keys(labels).map((name) => [name, null]));
    const annotations = { [TAKEN]: canonicalJson({ ...planned.replaces }) };
    return { metadata: { labels: { ...taken, ...planned.labels }, annotations } };
  });

const seeLabels: Work<Verification> = async (planned, client) => {
  const { namespace, pod: name, uid } = planned;
  const pod = await client.get(PODS, { namespace, name });
  if (pod?.metadata.uid !== uid || pod.metadata.labels[QUARANTINE] !== uid) return { is: 'absent' };
  const { labels } = pod.metadata;
  if (!isSame(labels, planned.labels)) return { is: 'changed', why: `the pod ${name} was given labels since` };
  const others = outweighing(await client.list(NETWORK_POLICIES, namespace), labels);
  if (others.length === 0) return { is: 'held' };
  return { is: 'ineffective', why: `other network policies still allow the pod something: ${listed(others)}` };
};

/** What others labelled it with since stays. */
const giveLabelsBack: Work<void> = (planned, client) =>
  relabelled(planned, client, (pod) => {
    if (pod?.metadata.labels[QUARANTINE] !== planned.uid) return undefined;
    const labels = { ...planned.replaces, ...pod.metadata.labels, [QUARANTINE]: null };
    return { metadata: { labels, annotations: { [TAKEN]: null } } };
  });
