import { onTestFinished } from 'vitest';
import type { FakeTenant } from '../../local/fakes/graph-directory.ts';
import { FakeGraph, type FakeGraphOptions } from '../../local/fakes/graph.ts';
import type { Action, ActionContext, Change } from '../../playbooks/contract/action.ts';
import { NO_TARGETS, type IncidentTargets } from '../../playbooks/contract/incident-targets.ts';
import type { Json, JsonObject } from '../../platform/json.ts';
import { actionContext } from './action-context.ts';
import { CONTOSO } from './contoso.ts';
import type { ContractCase } from './contract.ts';
import { HurriedClock } from './hurried-clock.ts';

/** A fake of Microsoft Graph that answers, and how actions reach it. */
export interface GraphStage {
  readonly graph: FakeGraph;
  /** With a deadline of its own each time. */
  readonly context: () => ActionContext;
}

async function listening(options: FakeGraphOptions, tenant: FakeTenant): Promise<GraphStage> {
  const clock = options.clock ?? new HurriedClock();
  const graph = new FakeGraph(tenant, { clock, ...options });
  await graph.listen();
  const configuration = `azure: { endpoints: { graph: '${graph.url}' } }`;
  return { graph, context: () => actionContext({ configuration, clock }) };
}

/** Starts the sample tenant's Graph, until the test ends. */
export async function startGraph(options: FakeGraphOptions = {}, tenant: FakeTenant = CONTOSO): Promise<GraphStage> {
  const stage = await listening(options, tenant);
  onTestFinished(() => stage.graph.close());
  return stage;
}

/** What the tests of the contract need of an action in the sample tenant. @param state what it may change, without ids that differ each time */
export const graphContract = (
  parameters: Json,
  state: (graph: FakeGraph) => Json,
  hostile: readonly Json[],
): ContractCase => ({
  parameters,
  hostile,
  start: async (clock) => {
    const { graph, context } = await listening({ clock }, CONTOSO);
    return { fakes: [graph], context, state: () => state(graph) };
  },
});

/** The one change that an action plans. */
export async function onlyChange(action: Action, parameters: Json, context: ActionContext): Promise<Change> {
  const { changes } = await action.plan(parameters, context);
  const [change] = changes;
  if (change === undefined || changes.length > 1) throw new Error(`${changes.length} changes were planned`);
  return change;
}

/** What an action takes of an incident that gives only this. */
export function taken({ from }: Action, targets: Partial<IncidentTargets>): readonly JsonObject[] | undefined {
  return from?.({ ...NO_TARGETS, ...targets });
}

/** Values that no path and no filter may be made of. */
export const HOSTILE_USERS: readonly Json[] = [
  '',
  `${'a'.repeat(4096)}@contoso.example`,
  "o'brien@contoso.example",
  "x') or startswith(displayName,'",
  '../organization',
  'ann@contoso.example/revokeSignInSessions',
  'ann@contoso.example?$select=id',
  'ann@contoso.example\n',
  'ann%2f@contoso.example',
  '$value@contoso.example',
  '00000000-0000-4000-8000-000000000011/../00000000-0000-4000-8000-000000000012',
  ['ann@contoso.example'],
  null,
  7,
];
