import { describe, expect, it } from 'vitest';
import { AGENT, BILLING, FOREIGN, GRAPH, OTHER_TENANT, TENANT, TIER_ZERO } from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, onlyChange, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { entraDisableServicePrincipal as action } from './entra-disable-service-principal.ts';

const servicePrincipal = BILLING.id;

describeContract(
  action,
  graphContract(
    { servicePrincipal },
    (graph) => graph.directory.servicePrincipals.get(servicePrincipal)?.written ?? null,
    [{}, ...HOSTILE_USERS.map((hostile) => ({ servicePrincipal: hostile })), { servicePrincipal: 'billing-sync' }],
  ),
);

describe('entra-disable-service-principal', () => {
  it('shows guards all ids of it, its groups, and why it is privileged', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal }, context());
    expect(plan.target).toEqual({ kind: 'service principal', id: `${TENANT}/${BILLING.id}`, label: 'billing-sync' });
    expect(plan.subjects).toEqual([
      {
        kind: 'principal',
        keys: [
          `entra-sp:${TENANT}/${BILLING.id}`,
          `entra-oid:${BILLING.id}`,
          `entra-app:${BILLING.appId}`,
          BILLING.id,
          BILLING.appId,
        ],
        label: 'billing-sync',
        groups: [TIER_ZERO],
        privileged: ['is in Tier zero, a group to which roles can be assigned'],
        unknown: undefined,
      },
    ]);
  });

  it('says whose managed identity it is, and that its tokens last a day', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal: AGENT.id }, context());
    expect(plan.affects).toContainEqual(expect.stringContaining('virtualMachines/vm-agent'));
    expect(plan.residual[0]).toMatchObject({ lasts: 24 * 3_600_000 });
  });

  it('says that an application of another tenant works on elsewhere', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal: FOREIGN.id }, context());
    expect(plan.affects).toContainEqual(expect.stringContaining(OTHER_TENANT));
  });

  it('is refused for applications of Microsoft', async () => {
    const { graph, context } = await startGraph();
    await expect(action.plan({ servicePrincipal: GRAPH.id }, context())).rejects.toMatchObject({ kind: 'unsuitable' });
    expect(graph.writes).toEqual([]);
  });

  it('tells a client id from an object id', async () => {
    const { context } = await startGraph();
    await expect(action.plan({ servicePrincipal: BILLING.appId }, context())).rejects.toMatchObject({
      kind: 'absent',
      message: expect.stringContaining('object id') as string,
    });
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    const change = await onlyChange(action, { servicePrincipal: AGENT.id }, context());
    await action.execute(change, context());
    await action.undo?.(change, context());
    expect(graph.writes).toHaveLength(2);
  });

  it('says that it was deleted since', async () => {
    const { context } = await startGraph();
    const change = await onlyChange(action, { servicePrincipal }, context());
    const { context: later } = await startGraph({}, { id: TENANT });
    expect(await action.verify(change, later())).toMatchObject({ is: 'changed' });
  });

  it('takes service principals from incidents', () => {
    const servicePrincipals = [{ tenant: TENANT, servicePrincipal }];
    expect(taken(action, { servicePrincipals, applications: [GRAPH.appId] })).toEqual(servicePrincipals);
  });
});
