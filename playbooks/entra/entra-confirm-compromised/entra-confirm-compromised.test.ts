import { describe, expect, it } from 'vitest';
import { ANN, GUEST, RITA, TENANT } from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, onlyChange, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { entraConfirmCompromised as action } from './entra-confirm-compromised.ts';

describeContract(
  action,
  graphContract(
    { user: ANN.upn },
    // After dismissal the service says `dismissed`, which is no risk either.
    (graph) => graph.directory.risks.get(ANN.id)?.written['riskLevel'] ?? null,
    [{}, ...HOSTILE_USERS.map((user) => ({ user }))],
  ),
);

describe('entra-confirm-compromised', () => {
  it('sets the risk to high, and dismisses it', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    expect(change.before).toEqual({ riskState: 'none', riskLevel: 'none' });
    await action.execute(change, context());
    expect(graph.directory.risks.get(ANN.id)?.written).toMatchObject({
      riskState: 'confirmedCompromised',
      riskLevel: 'high',
    });
    await action.undo?.(change, context());
    expect(graph.directory.risks.get(ANN.id)?.written).toMatchObject({ riskState: 'dismissed', riskLevel: 'none' });
    expect(await action.verify(change, context())).toEqual({ is: 'absent' });
  });

  it('hides no risk that Entra found itself', async () => {
    const { graph, context } = await startGraph();
    const plan = await action.plan({ user: RITA.id }, context());
    expect(plan.changes).toMatchObject([{ before: { riskState: 'atRisk', riskLevel: 'medium' } }]);
    expect(plan.affects).toContainEqual(expect.stringContaining('atRisk already'));
    const change = await onlyChange(action, { user: RITA.id }, context());
    expect(change.undo).toBeUndefined();
    await action.execute(change, context());
    await expect(action.undo?.(change, context())).rejects.toMatchObject({ kind: 'unsuitable' });
    expect(graph.writes).toEqual([{ operation: 'POST riskyUsers/confirmCompromised', target: RITA.id }]);
  });

  it.each(['remediated', 'confirmedSafe'])('sees that somebody made the risk %s since', async (riskState) => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    await action.execute(change, context());
    const risk = graph.directory.risks.get(ANN.id);
    risk?.set({ ...risk.written, riskState, riskLevel: 'none' });
    expect(await action.verify(change, context())).toMatchObject({
      is: 'changed',
      why: expect.stringContaining(riskState) as string,
    });
  });

  it('waits for the level to follow', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    const risk = graph.directory.risks.get(ANN.id);
    risk?.set({ ...risk.written, riskState: 'confirmedCompromised', riskLevel: 'low' });
    expect(await action.verify(change, context())).toMatchObject({ is: 'settling' });
  });

  it('says that the tenant lacks the licence, and which', async () => {
    const { graph, context } = await startGraph({ licensed: false });
    await expect(action.plan({ user: ANN.id }, context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('Microsoft Entra ID P2') as string,
    });
    expect(graph.writes).toEqual([]);
  });

  it('is refused for guests, whose risk is kept in their own tenant', async () => {
    const { context } = await startGraph();
    await expect(action.plan({ user: GUEST.id }, context())).rejects.toMatchObject({ kind: 'unsuitable' });
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    const change = await onlyChange(action, { user: ANN.id }, context());
    await action.execute(change, context());
    await action.undo?.(change, context());
    expect(graph.writes).toHaveLength(2);
  });

  it('says that a user was deleted since', async () => {
    const { context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    const { context: later } = await startGraph({}, { id: TENANT });
    expect(await action.verify(change, later())).toMatchObject({ is: 'changed' });
  });

  it('takes users from incidents by object id', () => {
    const entraUsers = [{ tenant: TENANT, user: ANN.id }];
    expect(taken(action, { entraUsers })).toEqual(entraUsers);
  });
});
