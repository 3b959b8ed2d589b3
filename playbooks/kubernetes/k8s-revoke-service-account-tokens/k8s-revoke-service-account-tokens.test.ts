import { afterEach, describe, expect, it } from 'vitest';
import type { FakeKubernetesOptions } from '../../../local/fakes/kubernetes.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { CLUSTER, clusterStage, type ClusterStage } from '../../../test/response/cluster-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import type { Change } from '../../contract/action.ts';
import { revokeServiceAccountTokens as action } from './k8s-revoke-service-account-tokens.ts';

const UID = '33333333-0000-4000-8000-000000000001';
const ACCOUNT = {
  kind: 'ServiceAccount',
  metadata: {
    name: 'deployer',
    namespace: 'shop',
    uid: UID,
    labels: { team: 'shop' },
    annotations: { 'azure.workload.identity/client-id': '00000000-0000-4000-8000-0000000000c1' },
  },
  imagePullSecrets: [{ name: 'registry' }],
  automountServiceAccountToken: false,
};
const token = (name: string, account: string, uid: string): JsonObject => ({
  kind: 'Secret',
  type: 'kubernetes.io/service-account-token',
  metadata: {
    name,
    namespace: 'shop',
    annotations: { 'kubernetes.io/service-account.name': account, 'kubernetes.io/service-account.uid': uid },
  },
  data: { token: 'bm90LWEtcmVhbC10b2tlbg==' },
});
const REGISTRY = {
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name: 'registry', namespace: 'shop' },
  data: { a: 'Yg==' },
};
const POD = {
  kind: 'Pod',
  metadata: { name: 'runner-0', namespace: 'shop' },
  spec: { serviceAccountName: 'deployer' },
};
const OTHER = { kind: 'Pod', metadata: { name: 'cart-0', namespace: 'shop' }, spec: { serviceAccountName: 'cart' } };
const OBJECTS = [ACCOUNT, token('deployer-token-x', 'deployer', UID), REGISTRY, POD, OTHER];
const PARAMETERS = { cluster: CLUSTER, namespace: 'shop', name: 'deployer' };

const stages: ClusterStage[] = [];
afterEach(() => Promise.all(stages.splice(0).map(({ fake }) => fake.close())));
async function cluster(options: Partial<FakeKubernetesOptions> = {}): Promise<ClusterStage> {
  const stage = await clusterStage({ objects: OBJECTS, ...options });
  stages.push(stage);
  return stage;
}

const accountIn = ({ fake }: ClusterStage, name = 'deployer'): JsonObject =>
  fake.object('ServiceAccount', name, 'shop') ?? {};
const uidIn = (stage: ClusterStage) => (accountIn(stage)['metadata'] as JsonObject | undefined)?.['uid'];

async function planned(stage: ClusterStage): Promise<readonly Change[]> {
  return (await action.plan(PARAMETERS, stage.context())).changes;
}

const last = (changes: readonly Change[]): Change => {
  const change = changes.at(-1);
  if (change === undefined) throw new Error('no change');
  return change;
};

describeContract(action, {
  parameters: PARAMETERS,
  start: (clock) => clusterStage({ objects: OBJECTS }, clock),
  hostile: [
    { ...PARAMETERS, name: 'deployer/token' },
    { ...PARAMETERS, name: "deployer'" },
    { ...PARAMETERS, namespace: '..' },
    { ...PARAMETERS, namespace: 'n'.repeat(4096) },
  ],
});

describe('revoking the tokens of a service account', () => {
  it('deletes the Secrets of its tokens and gives it another uid, all else the same', async () => {
    const stage = await cluster();
    for (const change of await planned(stage)) await action.execute(change, stage.context());
    expect(stage.fake.all('Secret')).toHaveLength(1);
    const { metadata, ...rest } = accountIn(stage);
    expect(rest).toMatchObject({ imagePullSecrets: [{ name: 'registry' }], automountServiceAccountToken: false });
    expect(metadata).toMatchObject({ labels: ACCOUNT.metadata.labels, annotations: ACCOUNT.metadata.annotations });
    expect(uidIn(stage)).not.toBe(UID);
  });

  it('says which pods lose their tokens, and what stays', async () => {
    const { affects, changes, residual, subjects } = await action.plan(PARAMETERS, (await cluster()).context());
    expect(affects[0]).toMatch(/^1 pods lose their tokens .*: runner-0$/);
    expect(residual.map(({ what }) => what).join()).toContain('Entra');
    expect(subjects[0]).toMatchObject({
      kind: 'principal',
      keys: [
        `k8s-user:${CLUSTER}:system:serviceaccount:shop:deployer`,
        `k8s:${CLUSTER}:shop/serviceaccounts/deployer`,
        'system:serviceaccount:shop:deployer',
      ],
      privileged: [],
    });
    const keys = subjects.slice(2).map((subject) => (subject.kind === 'resource' ? subject.key : ''));
    expect(keys).toEqual(
      changes.slice(0, -1).map(({ id }) => `k8s:${CLUSTER}:shop/secrets/${id.replace('secret ', '')}`),
    );
    expect(keys).not.toEqual([]);
  });

  it('keeps no secret in its plan, and is given none', async () => {
    const stage = await cluster();
    expect(JSON.stringify(await action.plan(PARAMETERS, stage.context()))).not.toContain('bm90');
    expect(action.permissions.notes?.[0]).toContain('only their metadata');
  });

  it('knows who administers the cluster', async () => {
    const binding = {
      kind: 'ClusterRoleBinding',
      metadata: { name: 'deployers' },
      roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'shop' }],
    };
    const stage = await cluster({ objects: [...OBJECTS, binding] });
    const { subjects } = await action.plan(PARAMETERS, stage.context());
    expect(subjects[0]).toMatchObject({ privileged: ['is bound to cluster-admin'] });
  });

  it('makes it anew where it was deleted and the rest not done', async () => {
    const stage = await cluster();
    const change = last(await planned(stage));
    stage.fake.remove('ServiceAccount', 'deployer', 'shop');
    expect(await action.verify(change, stage.context())).toEqual({ is: 'absent' });
    await action.execute(change, stage.context());
    expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
  });

  it('completes the service account default, which the cluster makes anew by itself', async () => {
    const objects = [{ ...ACCOUNT, metadata: { ...ACCOUNT.metadata, name: 'default' } }];
    const stage = await cluster({ objects });
    const change = last((await action.plan({ ...PARAMETERS, name: 'default' }, stage.context())).changes);
    await action.execute(change, stage.context());
    expect(accountIn(stage, 'default')).toMatchObject({ imagePullSecrets: [{ name: 'registry' }] });
    expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
  });

  it('does not delete what was changed since the plan', async () => {
    const stage = await cluster();
    const change = last(await planned(stage));
    stage.fake.change('ServiceAccount', 'deployer', 'shop', { metadata: { labels: { new: 'yes' } } });
    await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'conflict' });
    expect(uidIn(stage)).toBe(UID);
  });

  it('does not delete another that took the name', async () => {
    const stage = await cluster();
    const [secret, account] = await planned(stage);
    if (secret === undefined || account === undefined) throw new Error('no changes');
    stage.fake.remove('ServiceAccount', 'deployer', 'shop');
    stage.fake.add({ ...ACCOUNT, metadata: { ...ACCOUNT.metadata, uid: 'another' } });
    stage.fake.add(token('deployer-token-x', 'deployer', 'another'));
    expect(await action.verify(secret, stage.context())).toEqual({ is: 'held' });
    await action.execute(secret, stage.context());
    await action.execute(account, stage.context());
    expect(stage.fake.writes).toEqual([]);
  });

  it.each([
    [{ metadata: { finalizers: ['contoso.example/keep'] } }],
    [{ metadata: { annotations: { big: 'x'.repeat(20_000) } } }],
  ])('refuses one that cannot be replaced', async (patch) => {
    const stage = await cluster();
    stage.fake.change('ServiceAccount', 'deployer', 'shop', patch);
    await expect(planned(stage)).rejects.toMatchObject({ kind: 'unsuitable' });
  });

  it('waits where the old one is still being deleted', async () => {
    const stage = await cluster();
    const change = last(await planned(stage));
    stage.fake.change('ServiceAccount', 'deployer', 'shop', {
      metadata: { deletionTimestamp: '2026-11-21T12:00:00Z' },
    });
    await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'busy', retryAfter: 2000 });
  });
});
