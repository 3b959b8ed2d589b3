import { z } from 'zod';
import { ActionError } from '../../contract/action-error.ts';
import { defineAction, type Plan, type Verification } from '../../contract/action.ts';
import { kubernetesNameParameter } from '../../contract/parameters.ts';
import { READ_ADDRESS } from '../cluster-access.ts';
import { clusterName } from '../cluster-name.ts';
import { ClusterClient, FIELD_MANAGER } from '../cluster-client.ts';
import { clusterParameter } from '../cluster-parameters.ts';
import { NODES, type Node } from '../object-kinds.ts';
import { plannedState } from '../../contract/planned-state.ts';
import { objectSubject, objectTarget } from '../subjects.ts';

const nodeOf = z.object({ cluster: z.string(), node: z.string(), uid: z.string(), unschedulable: z.literal(true) });
type PlannedNode = z.infer<typeof nodeOf>;

/** Tells our cordon from one that somebody set for maintenance. */
const CORDONED = 'crosstrail-cordon';
const HOUR = 3_600_000;

/** The annotation outlives it that somebody uncordons the node; the cluster knows who cordoned it last. */
function isCordoned({ spec, metadata }: Node): boolean {
  if (!spec.unschedulable || metadata.annotations[CORDONED] === undefined) return false;
  const owners = metadata.managedFields.filter(({ fieldsV1 }) => Object.hasOwn(fieldsV1['f:spec'], 'f:unschedulable'));
  return owners.length === 0 || owners.some(({ manager }) => manager === FIELD_MANAGER);
}

/** Keeps new pods off a node. */
export const cordonNode = defineAction({
  name: 'k8s-cordon-node',
  group: 'kubernetes',
  title: 'Cordon a node',
  description:
    'Marks a node as unschedulable, so that no new pods are placed on it. Pods that run on it go on running, and pods of DaemonSets are still placed. A node that ' +
    'somebody else cordoned is left as it is.',
  parameters: z.strictObject({
    cluster: clusterParameter,
    name: kubernetesNameParameter.describe('The name of the node.'),
  }),
  permissions: {
    azure: [READ_ADDRESS],
    kubernetes: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'patch'] }],
    notes: ['Who may patch nodes may also change their labels and taints, and so where pods are placed.'],
  },
  reversibility: 'reversible',
  lease: { usual: 24 * HOUR, longest: 14 * 24 * HOUR },
  operations: ['patch nodes'],
  from: ({ nodes }) => nodes.filter(({ cluster }) => cluster !== '').map(({ cluster, name }) => ({ cluster, name })),
  plan: async ({ cluster, name }, context) => {
    const nodes = await (await ClusterClient.of(cluster, context)).list(NODES, '');
    const node = nodes.find(({ metadata }) => metadata.name === name);
    if (node === undefined) throw new ActionError('absent', `there is no node ${name} in ${clusterName(cluster)}`);
    const usable = nodes.filter(({ spec }) => !spec.unschedulable).length;
    return planOf({ cluster, node: name, uid: node.metadata.uid, unschedulable: true }, node, usable);
  },
  execute: async (change, context) => {
    const { cluster, node: name, uid } = plannedState(nodeOf, change);
    const client = await ClusterClient.of(cluster, context);
    await client.update({
      of: NODES,
      at: { namespace: '', name },
      decide: (node) => {
        if (node?.metadata.uid !== uid) throw new ActionError('absent', `the node ${name} is gone`);
        if (node.spec.unschedulable) return undefined;
        return { spec: { unschedulable: true }, metadata: { annotations: { [CORDONED]: 'true' } } };
      },
    });
  },
  verify: async (change, context): Promise<Verification> => {
    const { cluster, node: name, uid } = plannedState(nodeOf, change);
    const node = await (await ClusterClient.of(cluster, context)).get(NODES, { namespace: '', name });
    if (node?.metadata.uid !== uid || !node.spec.unschedulable) return { is: 'absent' };
    if (isCordoned(node)) return { is: 'held' };
    return { is: 'changed', why: `the node ${name} was cordoned by somebody else since` };
  },
  undo: async (change, context) => {
    const { cluster, node: name, uid } = plannedState(nodeOf, change);
    const client = await ClusterClient.of(cluster, context);
    await client.update({
      of: NODES,
      at: { namespace: '', name },
      decide: (node) => {
        if (node?.metadata.uid !== uid || !node.spec.unschedulable) return undefined;
        return { spec: { unschedulable: null }, metadata: { annotations: { [CORDONED]: null } } };
      },
    });
  },
});

/** @param usable how many nodes of the cluster take pods now */
function planOf(planned: PlannedNode, node: Node, usable: number): Plan {
  const { cluster, node: name, uid } = planned;
  const object = { cluster, namespace: '', resource: 'nodes', name };
  const target = objectTarget('node', object, uid);
  const isOthers = node.spec.unschedulable && !isCordoned(node);
  return {
    target,
    changes: isOthers
      ? []
      : [
          {
            id: 'node',
            holds: `k8s-cordon-node|${target.id}|unschedulable`,
            summary: `Mark the node ${name} as unschedulable`,
            target,
            before: { unschedulable: false },
            after: { ...planned },
            undo: `Mark the node ${name} as schedulable`,
          },
        ],
    affects: isOthers
      ? [`Somebody else cordoned the node ${name}: it is left as it is`]
      : ['New pods of the cluster are placed on its other nodes, as far as there is room'],
    residual: [{ what: 'What runs on the node goes on running' }],
    subjects: [objectSubject(object)],
    share: { of: 1, total: Math.max(usable, 1), what: `nodes of ${clusterName(cluster)} that take pods` },
  };
}
