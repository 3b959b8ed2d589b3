import { describe, expect, it } from 'vitest';
import { BILLING, FOREIGN, GRAPH, ROLES, TENANT } from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, onlyChange, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { entraRemoveAppRoles as action } from './entra-remove-app-roles.ts';

const servicePrincipal = BILLING.id;

describeContract(
  action,
  graphContract(
    { servicePrincipal, roles: [ROLES.mail] },
    (graph) =>
      graph.directory.appRoleAssignments.written
        .map(({ principalId, resourceId, appRoleId }) => JSON.stringify([principalId, resourceId, appRoleId]))
        .sort(),
    [
      {},
      ...HOSTILE_USERS.map((hostile) => ({ servicePrincipal: hostile })),
      ...HOSTILE_USERS.map((hostile) => ({ servicePrincipal, roles: [hostile] })),
      { servicePrincipal, roles: [] },
    ],
  ),
);

describe('entra-remove-app-roles', () => {
  it('names permissions as their resource does', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal }, context());
    expect(plan.changes.map(({ summary }) => summary)).toEqual([
      'Take the application permission Mail.Read of Microsoft Graph from billing-sync',
      `Take the application permission ${ROLES.files} of Microsoft Graph from billing-sync`,
    ]);
  });

  it('takes away and gives again only what is asked for', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { servicePrincipal, roles: [ROLES.mail.toUpperCase()] }, context());
    await action.execute(change, context());
    expect(graph.directory.appRoleAssignments.written).toMatchObject([{ appRoleId: ROLES.files }]);
    await action.undo?.(change, context());
    expect(graph.directory.appRoleAssignments.written).toMatchObject([
      { appRoleId: ROLES.files },
      { principalId: BILLING.id, resourceId: GRAPH.id, appRoleId: ROLES.mail },
    ]);
  });

  it('bears that somebody else gave it again before', async () => {
    const { graph, context } = await startGraph({ delay: 30_000 });
    const change = await onlyChange(action, { servicePrincipal, roles: [ROLES.mail] }, context());
    await action.execute(change, context());
    await context().clock.wait(60_000);
    const { appRoleAssignments } = graph.directory;
    const again = { principalId: BILLING.id, resourceId: GRAPH.id, appRoleId: ROLES.mail, id: 'again' };
    appRoleAssignments.set([...appRoleAssignments.written, again]);
    await action.undo?.(change, context());
    expect(graph.writes).toHaveLength(1);
  });

  it('says that taking part in it is enough to take over the tenant', () => {
    expect(action.permissions.notes).toContainEqual(expect.stringContaining('take over the tenant'));
  });

  it('has nothing to do where there is none', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal: FOREIGN.id }, context());
    expect(plan).toMatchObject({ changes: [], affects: ['fabrikam-mail has none of these application permissions'] });
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    const change = await onlyChange(action, { servicePrincipal, roles: [ROLES.mail] }, context());
    await action.execute(change, context());
    await action.undo?.(change, context());
    expect(graph.writes).toHaveLength(2);
  });

  it('names the permission that is missing', async () => {
    const permissions = action.permissions.graph?.filter((one) => one !== 'AppRoleAssignment.ReadWrite.All');
    const { graph, context } = await startGraph({ permissions });
    const change = await onlyChange(action, { servicePrincipal, roles: [ROLES.mail] }, context());
    await expect(action.execute(change, context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('AppRoleAssignment.ReadWrite.All') as string,
    });
    expect(graph.writes).toEqual([]);
  });

  it('says that the service principal was deleted since', async () => {
    const { context } = await startGraph();
    const { changes } = await action.plan({ servicePrincipal }, context());
    const { context: later } = await startGraph({}, { id: TENANT });
    for (const change of changes) expect(await action.verify(change, later())).toMatchObject({ is: 'changed' });
  });

  it('takes service principals from incidents', () => {
    const servicePrincipals = [{ tenant: TENANT, servicePrincipal }];
    expect(taken(action, { servicePrincipals })).toEqual(servicePrincipals);
  });
});
