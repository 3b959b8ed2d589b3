import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { FakeContainerService } from '../../../local/fakes/container-service.ts';
import type { FakeKubernetes, FakeKubernetesOptions } from '../../../local/fakes/kubernetes.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { actionContext } from '../../../test/response/action-context.ts';
import { CLUSTER, clusterStage, type ClusterStage } from '../../../test/response/cluster-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import type { Change } from '../../contract/action.ts';
import { isolatePod } from './k8s-isolate-pod.ts';

const UID = '11111111-0000-4000-8000-000000000001';
const LABELS = { app: 'cart', 'pod-template-hash': '5f7d' };
const POLICY = `crosstrail-quarantine-${UID}`;
const PARAMETERS = { cluster: CLUSTER, namespace: 'shop', pod: 'cart-5f7d-x2x4q' };

const REPLICA_SET = {
  kind: 'ReplicaSet',
  metadata: { name: 'cart-5f7d', namespace: 'shop', uid: '11111111-0000-4000-8000-0000000000aa' },
  spec: { replicas: 1, selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS } } },
};
const POD = {
  kind: 'Pod',
  metadata: {
    name: 'cart-5f7d-x2x4q',
    namespace: 'shop',
    uid: UID,
    labels: LABELS,
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'cart-5f7d', uid: REPLICA_SET.metadata.uid, controller: true },
    ],
  },
  spec: { serviceAccountName: 'cart' },
};
const ALLOW_DNS = {
  kind: 'NetworkPolicy',
  metadata: { name: 'allow-dns', namespace: 'shop' },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }] },
};

const stages: ClusterStage[] = [];
afterEach(() => Promise.all(stages.splice(0).map(({ fake }) => fake.close())));
async function cluster(options: Partial<FakeKubernetesOptions> = {}): Promise<ClusterStage> {
  const stage = await clusterStage({ objects: [REPLICA_SET, POD], ...options });
  stages.push(stage);
  return stage;
}

const podOf = (fake: FakeKubernetes): JsonObject => fake.object('Pod', POD.metadata.name, 'shop') ?? {};
const labelsOf = (fake: FakeKubernetes) => (podOf(fake)['metadata'] as JsonObject)['labels'];

async function isolated(stage: ClusterStage): Promise<readonly Change[]> {
  const { changes } = await isolatePod.plan(PARAMETERS, stage.context());
  for (const change of changes) await isolatePod.execute(change, stage.context());
  return changes;
}

const seen = (stage: ClusterStage, changes: readonly Change[]) =>
  Promise.all(changes.map((change) => isolatePod.verify(change, stage.context())));

describeContract(isolatePod, {
  parameters: PARAMETERS,
  start: async (clock) => {
    const stage = await clusterStage({ objects: [REPLICA_SET, POD] }, clock);
    const state = () => ({ labels: labelsOf(stage.fake) ?? null, policies: [...stage.fake.all('NetworkPolicy')] });
    return { ...stage, state };
  },
  hostile: [
    { ...PARAMETERS, pod: '../../secrets/x' },
    { ...PARAMETERS, pod: 'a'.repeat(4096) },
    { ...PARAMETERS, namespace: "shop'" },
    { ...PARAMETERS, namespace: 'shop/pods' },
    { ...PARAMETERS, cluster: 'https://203.0.113.9' },
    { ...PARAMETERS, cluster: CLUSTER.replace('aks-shop', 'aks-others') },
  ],
});

describe('isolating a pod', () => {
  it('takes it out of its Services and its ReplicaSet, which makes another', async () => {
    const stage = await cluster();
    const changes = await isolated(stage);
    expect(labelsOf(stage.fake)).toEqual({ 'crosstrail-quarantine': UID });
    expect(podOf(stage.fake)['metadata']).not.toHaveProperty('ownerReferences');
    expect(stage.fake.all('Pod')).toHaveLength(2);
    expect(stage.fake.object('NetworkPolicy', POLICY, 'shop')).toMatchObject({
      spec: { podSelector: { matchLabels: { 'crosstrail-quarantine': UID } }, policyTypes: ['Ingress', 'Egress'] },
    });
    expect(await seen(stage, changes)).toEqual([{ is: 'held' }, { is: 'held' }]);
  });

  it('gives the labels back, and the ReplicaSet takes it in again', async () => {
    const stage = await cluster();
    for (const change of (await isolated(stage)).toReversed()) await isolatePod.undo?.(change, stage.context());
    expect(labelsOf(stage.fake)).toEqual(LABELS);
    expect(stage.fake.all('NetworkPolicy')).toEqual([]);
    expect(stage.fake.all('Pod')).toEqual([podOf(stage.fake)]);
  });

  it('says what becomes of it, for guards and for people', async () => {
    const { affects, subjects, residual, target } = await isolatePod.plan(PARAMETERS, (await cluster()).context());
    expect(target).toMatchObject({
      kind: 'pod',
      id: `${CLUSTER}/pods/${UID}`,
      label: 'shop/cart-5f7d-x2x4q in aks-shop',
    });
    expect(subjects).toEqual([
      { kind: 'resource', key: `k8s:${CLUSTER}:shop/pods/cart-5f7d-x2x4q`, label: 'shop/pods/cart-5f7d-x2x4q' },
      {
        kind: 'resource',
        key: `k8s:${CLUSTER}:shop/networkpolicies/crosstrail-quarantine-${UID}`,
        label: `shop/networkpolicies/crosstrail-quarantine-${UID}`,
      },
    ]);
    expect(affects[0]).toContain('ReplicaSet cart-5f7d makes another pod');
    expect(residual.map(({ what }) => what).join()).not.toContain('these network policies');
  });

  it('plans the same for a pod that it isolated already', async () => {
    const stage = await cluster();
    const changes = await isolated(stage);
    const again = await isolatePod.plan(PARAMETERS, stage.context());
    expect(again.changes).toEqual(changes);
  });

  it('has no effect where another policy allows something all the same, and says so before', async () => {
    const stage = await cluster({ objects: [REPLICA_SET, POD, ALLOW_DNS] });
    const { residual } = await isolatePod.plan(PARAMETERS, stage.context());
    expect(residual[0]?.what).toContain('allow-dns');
    const [policy, labels] = await seen(stage, await isolated(stage));
    expect(policy).toEqual({ is: 'held' });
    expect(labels).toMatchObject({ is: 'ineffective', why: expect.stringContaining('allow-dns') as string });
  });

  it('has no effect in a cluster that ignores network policies, and says so before', async () => {
    const stage = await cluster();
    const kubeconfig = `clusters: [{ cluster: { server: '${stage.fake.url}' } }]`;
    const azure = new FakeContainerService({ [CLUSTER]: { kubeconfig, networkPolicy: 'none' } });
    await azure.listen();
    onTestFinished(() => azure.close());
    const configuration = `{ azure: { endpoints: { arm: '${azure.url}' } }, response: { clusters: [{ id: ${CLUSTER} }] } }`;
    const context = actionContext({ configuration, clock: new HurriedClock() });
    const { changes, residual } = await isolatePod.plan(PARAMETERS, context);
    expect(residual[0]?.what).toContain('no network policy engine, so that');
    for (const change of changes) await isolatePod.execute(change, context);
    const [policy] = changes;
    if (policy === undefined) throw new Error('no change');
    expect(await isolatePod.verify(policy, context)).toMatchObject({ is: 'ineffective' });
  });

  it.each([
    [{ spec: { hostNetwork: true } }, 'host network'],
    [{ metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } } }, 'made by its node'],
  ])('refuses a pod that this does nothing to: %j', async (patch, why) => {
    const stage = await cluster();
    stage.fake.change('Pod', POD.metadata.name, 'shop', patch);
    await expect(isolatePod.plan(PARAMETERS, stage.context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining(why) as string,
    });
  });

  it('overwrites no policy of somebody else', async () => {
    const stage = await cluster();
    const { changes } = await isolatePod.plan(PARAMETERS, stage.context());
    stage.fake.add({ ...ALLOW_DNS, metadata: { name: POLICY, namespace: 'shop' } });
    await expect(isolatePod.plan(PARAMETERS, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    const [policy] = changes;
    if (policy === undefined) throw new Error('no change');
    await expect(isolatePod.execute(policy, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    await expect(isolatePod.undo?.(policy, stage.context())).rejects.toMatchObject({ kind: 'unsuitable' });
    expect(await isolatePod.verify(policy, stage.context())).toMatchObject({ is: 'changed' });
    expect(stage.fake.writes).toEqual([]);
  });
});

describe('somebody else', () => {
  it('who labelled the pod since keeps what they gave it', async () => {
    const stage = await cluster();
    const [, labels] = await isolated(stage);
    if (labels === undefined) throw new Error('no change');
    stage.fake.change('Pod', POD.metadata.name, 'shop', { metadata: { labels: { case: '4711' } } });
    expect(await isolatePod.verify(labels, stage.context())).toMatchObject({ is: 'changed' });
    await isolatePod.undo?.(labels, stage.context());
    expect(labelsOf(stage.fake)).toEqual({ ...LABELS, case: '4711' });
  });

  it('who labelled the pod between plan and execution is not overwritten', async () => {
    const stage = await cluster();
    const { changes } = await isolatePod.plan(PARAMETERS, stage.context());
    stage.fake.change('Pod', POD.metadata.name, 'shop', { metadata: { labels: { role: 'leader' } } });
    const [, labels] = changes;
    if (labels === undefined) throw new Error('no change');
    await expect(isolatePod.execute(labels, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
  });

  it('who writes at the same time makes it read again', async () => {
    const stage = await cluster();
    const { changes } = await isolatePod.plan(PARAMETERS, stage.context());
    stage.fake.fail({
      times: 2,
      when: ({ method }) => method === 'PATCH',
      answer: { status: 409, body: { code: 409 } },
    });
    for (const change of changes) await isolatePod.execute(change, stage.context());
    expect(await seen(stage, changes)).toEqual([{ is: 'held' }, { is: 'held' }]);
  });

  it('who removed the pod left nothing to isolate, and another of its name is left alone', async () => {
    const stage = await cluster({ objects: [POD] });
    const changes = await isolated(stage);
    stage.fake.remove('Pod', POD.metadata.name, 'shop');
    stage.fake.add({ ...POD, metadata: { ...POD.metadata, uid: '11111111-0000-4000-8000-000000000002' } });
    expect(await seen(stage, changes)).toEqual([{ is: 'held' }, { is: 'absent' }]);
    const [, labels] = changes;
    if (labels === undefined) throw new Error('no change');
    await expect(isolatePod.execute(labels, stage.context())).rejects.toMatchObject({ kind: 'absent' });
    await isolatePod.undo?.(labels, stage.context());
    expect(labelsOf(stage.fake)).toEqual(LABELS);
  });
});

describe('what the cluster refuses', () => {
  it('names the permission that is missing', async () => {
    const stage = await cluster({ may: ({ verb }) => verb !== 'patch' });
    await expect(isolated(stage)).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('cannot patch resource "pods"') as string,
    });
  });

  it('is a token of another cluster', async () => {
    const stage = await cluster({ token: 'another' });
    await expect(isolated(stage)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('is too much at once: it is asked again when it says', async () => {
    const stage = await cluster();
    stage.fake.fail({ times: 3, answer: { status: 429, headers: { 'retry-after': '7' } } });
    expect(await seen(stage, await isolated(stage))).toEqual([{ is: 'held' }, { is: 'held' }]);
    stage.fake.fail({ times: 99, answer: { status: 429, headers: { 'retry-after': '7' } } });
    await expect(isolated(stage)).rejects.toMatchObject({ kind: 'busy', retryAfter: 7000 });
  });
});
