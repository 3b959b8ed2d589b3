import { describe, expect, it } from 'vitest';
import { ANN, GUEST, RITA, TENANT } from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, onlyChange, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { HurriedClock } from '../../../test/response/hurried-clock.ts';
import { entraRevokeSessions as action } from './entra-revoke-sessions.ts';

describeContract(
  action,
  graphContract({ user: ANN.id }, (graph) => graph.directory.users.get(ANN.id)?.written ?? null, [
    {},
    ...HOSTILE_USERS.map((user) => ({ user })),
  ]),
);

describe('entra-revoke-sessions', () => {
  it('is held once sessions are valid from a later time than before', async () => {
    const clock = new HurriedClock();
    const { context } = await startGraph({ clock });
    const change = await onlyChange(action, { tenant: TENANT, user: ANN.upn }, context());
    expect(change).toMatchObject({ before: { sessionsValidFrom: '2026-01-05T09:00:00Z' } });
    expect(change.undo).toBeUndefined();
    expect(await action.verify(change, context())).toEqual({ is: 'absent' });
    const began = new Date(clock.now()).toISOString();
    await action.execute(change, context());
    expect(await action.verify(change, context())).toMatchObject({
      is: 'held',
      note: expect.stringContaining(began) as string,
    });
  });

  it('revokes anew for a later incident, and not twice for one', async () => {
    const { graph, context } = await startGraph();
    const first = await onlyChange(action, { user: ANN.id }, context());
    await action.execute(first, context());
    await action.execute(first, context());
    await context().clock.wait(60_000);
    const second = await onlyChange(action, { user: ANN.id }, context());
    expect(second.holds).not.toBe(first.holds);
    expect(await action.verify(second, context())).toEqual({ is: 'absent' });
    await action.execute(second, context());
    expect(graph.writes).toHaveLength(2);
  });

  it('waits until the directory shows it, and does not revoke again meanwhile', async () => {
    const { graph, context } = await startGraph({ delay: 6000 });
    const change = await onlyChange(action, { user: ANN.id }, context());
    await action.execute(change, context());
    expect(await action.verify(change, context())).toMatchObject({ is: 'held' });
    expect(graph.writes).toHaveLength(1);
  });

  it('asks no more of the directory than the time allows', async () => {
    const { graph, context } = await startGraph({ delay: 3_600_000 });
    const change = await onlyChange(action, { user: ANN.id }, context());
    const before = context().clock.now();
    await action.execute(change, context());
    expect(context().clock.now() - before).toBeLessThanOrEqual(60_000);
    expect(graph.writes).toHaveLength(1);
    expect(await action.verify(change, context())).toEqual({ is: 'absent' });
  });

  it('is refused for guests, of whom this tenant holds no sessions', async () => {
    const { graph, context } = await startGraph();
    await expect(action.plan({ user: GUEST.upn }, context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('entra-disable-user') as string,
    });
    expect(graph.writes).toEqual([]);
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    await action.execute(await onlyChange(action, { user: RITA.id }, context()), context());
    expect(graph.writes).toHaveLength(1);
  });

  it('names the permission that is missing', async () => {
    const permissions = action.permissions.graph?.filter((one) => one !== 'User.RevokeSessions.All');
    const { context } = await startGraph({ permissions });
    const change = await onlyChange(action, { user: ANN.id }, context());
    await expect(action.execute(change, context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('User.RevokeSessions.All') as string,
    });
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
