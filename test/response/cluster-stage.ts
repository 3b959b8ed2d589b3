import { FakeKubernetes, type FakeKubernetesOptions } from '../../local/fakes/kubernetes.ts';
import type { ActionContext } from '../../playbooks/contract/action.ts';
import type { Clock } from '../../platform/clock.ts';
import { actionContext } from './action-context.ts';
import { HurriedClock } from './hurried-clock.ts';

/** The cluster of these tests, as keys of the timeline name it. */
export const CLUSTER =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourcegroups/rg-shop/providers/microsoft.containerservice/managedclusters/aks-shop';

export interface ClusterStage {
  readonly fake: FakeKubernetes;
  readonly fakes: readonly FakeKubernetes[];
  readonly context: () => ActionContext;
}

/** A cluster that listens, and how actions reach it. */
export async function clusterStage(
  options: FakeKubernetesOptions,
  clock: Clock = new HurriedClock(),
): Promise<ClusterStage> {
  const fake = new FakeKubernetes(options);
  await fake.listen();
  const configuration = `response: { clusters: [{ id: ${CLUSTER}, server: '${fake.url}' }] }`;
  return { fake, fakes: [fake], context: () => actionContext({ configuration, clock }) };
}
