import { afterEach, describe, expect, it } from 'vitest';
import type { FakeKubernetesOptions } from '../../../local/fakes/kubernetes.ts';
import { CLUSTER, clusterStage, type ClusterStage } from '../../../test/response/cluster-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import type { Change } from '../../contract/action.ts';
import { removeRoleBindingSubject as action } from './k8s-remove-role-binding-subject.ts';

const RBAC = 'rbac.authorization.k8s.io';
const SUBJECTS = [
  { kind: 'ServiceAccount', name: 'cart', namespace: 'shop' },
  { apiGroup: RBAC, kind: 'Group', name: '00000000-0000-4000-8000-0000000000aa' },
  { apiGroup: RBAC, kind: 'User', name: 'mia@contoso.example' },
];
const BINDING = {
  kind: 'ClusterRoleBinding',
  metadata: { name: 'Ops:admins', uid: '22222222-0000-4000-8000-000000000001' },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: SUBJECTS,
};
const PARAMETERS = {
  cluster: CLUSTER,
  resource: 'clusterrolebindings',
  name: 'Ops:admins',
  subject: 'mia@contoso.example',
};

const stages: ClusterStage[] = [];
afterEach(() => Promise.all(stages.splice(0).map(({ fake }) => fake.close())));
async function cluster(options: Partial<FakeKubernetesOptions> = {}): Promise<ClusterStage> {
  const stage = await clusterStage({ objects: [BINDING], ...options });
  stages.push(stage);
  return stage;
}

const subjectsIn = ({ fake }: ClusterStage) => fake.object('ClusterRoleBinding', 'Ops:admins')?.['subjects'];

async function planned(stage: ClusterStage, parameters = {}): Promise<Change> {
  const [change] = (await action.plan({ ...PARAMETERS, ...parameters }, stage.context())).changes;
  if (change === undefined) throw new Error('no change');
  return change;
}

describeContract(action, {
  parameters: PARAMETERS,
  start: async (clock) => {
    const stage = await clusterStage({ objects: [BINDING] }, clock);
    return { ...stage, state: () => subjectsIn(stage) ?? null };
  },
  hostile: [
    { ...PARAMETERS, name: '../clusterroles/x' },
    { ...PARAMETERS, name: '..' },
    { ...PARAMETERS, resource: 'secrets' },
    { ...PARAMETERS, subject: 'm'.repeat(4096) },
    { ...PARAMETERS, subject: 'mia\u0000' },
    { ...PARAMETERS, namespace: 'shop' },
    { ...PARAMETERS, resource: 'rolebindings' },
  ],
});

describe('removing a subject of a binding', () => {
  it('takes out the one, and leaves the others and the role', async () => {
    const stage = await cluster();
    await action.execute(await planned(stage), stage.context());
    expect(subjectsIn(stage)).toEqual(SUBJECTS.slice(0, 2));
  });

  it('puts the subject back beside those that came since', async () => {
    const stage = await cluster();
    const change = await planned(stage);
    await action.execute(change, stage.context());
    const tom = { apiGroup: RBAC, kind: 'User', name: 'tom@contoso.example' };
    stage.fake.change('ClusterRoleBinding', 'Ops:admins', '', { subjects: [tom] });
    expect(await action.verify(change, stage.context())).toEqual({ is: 'held' });
    await action.undo?.(change, stage.context());
    expect(subjectsIn(stage)).toEqual([tom, SUBJECTS[2]]);
  });

  it('tells guards who it is, and what it cannot know', async () => {
    const { subjects } = await action.plan(PARAMETERS, (await cluster()).context());
    expect(subjects[0]).toEqual({
      kind: 'principal',
      keys: [`k8s-user:${CLUSTER}:mia@contoso.example`, 'upn:mia@contoso.example', 'mia@contoso.example'],
      label: 'User mia@contoso.example',
      groups: [],
      privileged: ['is bound to cluster-admin'],
      unknown: 'a cluster does not tell the groups of its users',
    });
    expect(subjects[1]).toMatchObject({ kind: 'resource', key: `k8s:${CLUSTER}:/clusterrolebindings/Ops:admins` });
  });

  it.each([
    [
      { subjectKind: 'ServiceAccount', subject: 'cart', subjectNamespace: 'shop' },
      `k8s-user:${CLUSTER}:system:serviceaccount:shop:cart`,
    ],
    [{ subjectKind: 'Group', subject: SUBJECTS[1]?.name }, 'entra-oid:00000000-0000-4000-8000-0000000000aa'],
  ])('knows %j by its key', async (which, key) => {
    const { subjects } = await action.plan({ ...PARAMETERS, ...which }, (await cluster()).context());
    expect(subjects[0]).toMatchObject({ keys: expect.arrayContaining([key]) as string[] });
  });

  it('must be told which, unless there is one', async () => {
    const { subject: _, ...none } = PARAMETERS;
    const stage = await cluster();
    await expect(action.plan(none, stage.context())).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringContaining('User mia@contoso.example') as string,
    });
    stage.fake.change('ClusterRoleBinding', 'Ops:admins', '', { subjects: SUBJECTS.slice(0, 1) });
    const { changes } = await action.plan(none, stage.context());
    expect(changes[0]?.summary).toBe(
      'Take ServiceAccount shop/cart out of the binding Ops:admins to ClusterRole cluster-admin',
    );
  });

  it('plans nothing where the subject is gone already, for another response may hold that', async () => {
    const stage = await cluster();
    const { target, changes } = await action.plan(PARAMETERS, stage.context());
    for (const change of changes) await action.execute(change, stage.context());
    expect(await action.plan(PARAMETERS, stage.context())).toMatchObject({ target, changes: [] });
  });

  it.each([
    [{ name: 'system:masters', labels: {} }],
    [{ name: 'cluster-admin', labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }],
    [{ name: 'aks-cluster-admin-binding', labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' } }],
  ])('refuses a binding that comes back by itself: %j', async (metadata) => {
    const stage = await cluster({ objects: [{ ...BINDING, metadata }] });
    await expect(action.plan({ ...PARAMETERS, name: metadata.name }, stage.context())).rejects.toMatchObject({
      kind: 'unsuitable',
    });
  });

  it('refuses to act on another binding that took the name', async () => {
    const stage = await cluster();
    const change = await planned(stage);
    await action.execute(change, stage.context());
    stage.fake.remove('ClusterRoleBinding', 'Ops:admins');
    stage.fake.add({ ...BINDING, metadata: { name: 'Ops:admins', uid: 'another' } });
    expect(await action.verify(change, stage.context())).toMatchObject({ is: 'changed' });
    await expect(action.execute(change, stage.context())).rejects.toMatchObject({ kind: 'absent' });
    await expect(action.undo?.(change, stage.context())).rejects.toMatchObject({ kind: 'absent' });
    expect(subjectsIn(stage)).toEqual(SUBJECTS);
  });

  it('needs the verb bind on the role, and says so', async () => {
    const stage = await cluster({ may: ({ verb }) => verb !== 'bind' });
    await expect(action.execute(await planned(stage), stage.context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('not currently held') as string,
    });
    expect(action.permissions.kubernetes).toContainEqual({
      apiGroups: [RBAC],
      resources: ['roles', 'clusterroles'],
      verbs: ['bind'],
    });
  });

  it('gives up where somebody writes all the time', async () => {
    const stage = await cluster();
    stage.fake.fail({ times: 99, when: ({ method }) => method === 'PATCH', answer: { status: 409 } });
    await expect(action.execute(await planned(stage), stage.context())).rejects.toMatchObject({ kind: 'conflict' });
  });
});
