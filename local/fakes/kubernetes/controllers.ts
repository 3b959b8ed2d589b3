import { arrayOf, isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';

/** The objects of the fake, as its controllers see and change them. */
export interface ClusterState {
  all(kind: string): readonly JsonObject[];
  create(manifest: JsonObject): void;
  change(object: JsonObject, patch: JsonObject): void;
  remove(object: JsonObject): void;
}

export const metadataOf = (object: JsonObject): JsonObject => objectOf(object.metadata) ?? {};
const sameNamespace = (a: JsonObject, b: JsonObject): boolean => metadataOf(a).namespace === metadataOf(b).namespace;

const matches = (labels: JsonObject, selector: JsonObject): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/**
 * What controllers of a cluster do after a change: a ReplicaSet lets go of pods whose labels it does not select, takes in those that it does, makes the pods that it
 * lacks and removes the youngest of too many; Secrets of tokens go with their service account; the service account `default` is made again.
 */
export function reconcile(state: ClusterState): void {
  for (const replicaSet of state.all('ReplicaSet')) reconcileReplicaSet(replicaSet, state);
  const accounts = state.all('ServiceAccount').map((account) => metadataOf(account));
  for (const secret of state.all('Secret')) {
    const annotations = objectOf(metadataOf(secret).annotations) ?? {};
    const uid = annotations['kubernetes.io/service-account.uid'];
    if (uid !== undefined && !accounts.some((account) => account.uid === uid)) state.remove(secret);
  }
}

/** Makes the service account `default` again where it was removed. */
export function afterRemoved(object: JsonObject, state: ClusterState): void {
  const { name, namespace } = metadataOf(object);
  if (object.kind !== 'ServiceAccount' || name !== 'default') return;
  state.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
}

function reconcileReplicaSet(replicaSet: JsonObject, state: ClusterState): void {
  const { uid, name } = metadataOf(replicaSet);
  const spec = objectOf(replicaSet.spec) ?? {};
  const selector = objectOf(objectOf(spec.selector)?.matchLabels) ?? {};
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: name ?? '', uid: uid ?? '', controller: true };
  const owned: JsonObject[] = [];
  for (const pod of state.all('Pod').filter((other) => sameNamespace(other, replicaSet))) {
    const selected = matches(objectOf(metadataOf(pod).labels) ?? {}, selector);
    const owners = arrayOf(metadataOf(pod).ownerReferences) ?? [];
    const owns = owners.some((reference) => isObject(reference) && reference.uid === uid);
    if (owns && !selected) state.change(pod, { metadata: { ownerReferences: null } });
    if (!owns && selected && owners.length === 0) state.change(pod, { metadata: { ownerReferences: [owner] } });
    if (selected && (owns || owners.length === 0)) owned.push(pod);
  }
  const wanted = typeof spec.replicas === 'number' ? spec.replicas : 1;
  for (let lacking = wanted - owned.length; lacking > 0; lacking--) state.create(podOf(replicaSet, owner));
  for (const pod of owned.slice(Math.max(wanted, 0))) state.remove(pod);
}

function podOf(replicaSet: JsonObject, owner: Json): JsonObject {
  const template = objectOf(objectOf(replicaSet.spec)?.template) ?? {};
  const { name, namespace } = metadataOf(replicaSet);
  const labels = objectOf(template.metadata)?.labels;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: `${textOf(name) ?? ''}-`, namespace, labels, ownerReferences: [owner] },
    spec: template.spec ?? {},
    status: { phase: 'Running' },
  };
}
