import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../platform/json.ts';
import { CLUSTER, clusterStage, type ClusterStage } from '../../../test/response/cluster-stage.ts';
import { describeContract } from '../../../test/response/contract.ts';
import type { Change } from '../../contract/action.ts';
import { cordonNode } from './k8s-cordon-node.ts';

const NAME = 'aks-pool-vmss000001';
const node = (name: string, spec: JsonObject = {}): JsonObject => ({ kind: 'Node', metadata: { name }, spec });
const NODES = [
  node(NAME),
  node('aks-pool-vmss000002'),
  node('aks-pool-vmss000003'),
  node('aks-old', { unschedulable: true }),
];
const PARAMETERS = { cluster: CLUSTER, name: NAME };

const stages: ClusterStage[] = [];
afterEach(() => Promise.all(stages.splice(0).map(({ fake }) => fake.close())));
async function cluster(): Promise<ClusterStage> {
  const stage = await clusterStage({ objects: NODES });
  stages.push(stage);
  return stage;
}

async function planned(stage: ClusterStage): Promise<Change> {
  const [change] = (await cordonNode.plan(PARAMETERS, stage.context())).changes;
  if (change === undefined) throw new Error('no change');
  return change;
}

const specOf = ({ fake }: ClusterStage) => fake.object('Node', NAME)?.['spec'];

describeContract(cordonNode, {
  parameters: PARAMETERS,
  start: async (clock) => {
    const stage = await clusterStage({ objects: NODES }, clock);
    return { ...stage, state: () => specOf(stage) ?? null };
  },
  hostile: [
    { ...PARAMETERS, name: 'a/../../secrets' },
    { ...PARAMETERS, name: '' },
    { ...PARAMETERS, name: 'n'.repeat(254) },
    { ...PARAMETERS, name: 'node%2f' },
  ],
});

describe('cordoning a node', () => {
  it('says which share of the nodes it takes, of those that take pods', async () => {
    const { share, subjects } = await cordonNode.plan(PARAMETERS, (await cluster()).context());
    expect(share).toEqual({ of: 1, total: 3, what: 'nodes of aks-shop that take pods' });
    expect(subjects).toEqual([{ kind: 'resource', key: `k8s:${CLUSTER}:/nodes/${NAME}`, label: `nodes/${NAME}` }]);
  });

  it('leaves a node alone that somebody else cordoned', async () => {
    const stage = await cluster();
    const { changes, affects } = await cordonNode.plan({ cluster: CLUSTER, name: 'aks-old' }, stage.context());
    expect(changes).toEqual([]);
    expect(affects).toEqual(['Somebody else cordoned the node aks-old: it is left as it is']);
  });

  it('plans the same for a node that it cordoned already', async () => {
    const stage = await cluster();
    const change = await planned(stage);
    await cordonNode.execute(change, stage.context());
    expect(specOf(stage)).toEqual({ unschedulable: true });
    expect(await planned(stage)).toEqual(change);
  });

  it('sees that somebody uncordoned it, or cordoned it first', async () => {
    const stage = await cluster();
    const change = await planned(stage);
    stage.fake.change('Node', NAME, '', { spec: { unschedulable: true } });
    expect(await cordonNode.verify(change, stage.context())).toMatchObject({ is: 'changed' });
    stage.fake.change('Node', NAME, '', { spec: { unschedulable: null } });
    await cordonNode.execute(change, stage.context());
    stage.fake.change('Node', NAME, '', { spec: { unschedulable: null } });
    expect(await cordonNode.verify(change, stage.context())).toEqual({ is: 'absent' });
  });

  it('leaves it to whoever uncordoned it and cordoned it again', async () => {
    const stage = await cluster();
    const change = await planned(stage);
    await cordonNode.execute(change, stage.context());
    for (const unschedulable of [null, true]) stage.fake.change('Node', NAME, '', { spec: { unschedulable } });
    expect(await cordonNode.verify(change, stage.context())).toMatchObject({ is: 'changed' });
    expect((await cordonNode.plan(PARAMETERS, stage.context())).changes).toEqual([]);
  });

  it('touches no other node that took the name', async () => {
    const stage = await cluster();
    const change = await planned(stage);
    await cordonNode.execute(change, stage.context());
    stage.fake.remove('Node', NAME);
    stage.fake.add(node(NAME, { unschedulable: true }));
    expect(await cordonNode.verify(change, stage.context())).toEqual({ is: 'absent' });
    await cordonNode.undo?.(change, stage.context());
    await expect(cordonNode.execute(change, stage.context())).rejects.toMatchObject({ kind: 'absent' });
    expect(specOf(stage)).toEqual({ unschedulable: true });
  });

  it('refuses a node that is not there', async () => {
    const stage = await cluster();
    await expect(cordonNode.plan({ cluster: CLUSTER, name: 'none' }, stage.context())).rejects.toMatchObject({
      kind: 'absent',
    });
  });
});
