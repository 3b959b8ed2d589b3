import { describe, expect, it } from 'vitest';
import { grantObject } from '../../../local/fakes/graph-directory.ts';
import { ANN, BILLING, CONTOSO, FOREIGN, GRAPH, TENANT } from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, onlyChange, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { entraRemoveOauthGrants as action } from './entra-remove-oauth-grants.ts';

const servicePrincipal = FOREIGN.id;

describeContract(
  action,
  graphContract(
    { servicePrincipal, user: ANN.id },
    (graph) => graph.directory.grants.written.map((grant) => JSON.stringify(grant)).sort(),
    [
      {},
      ...HOSTILE_USERS.map((hostile) => ({ servicePrincipal: hostile })),
      ...HOSTILE_USERS.map((user) => ({ servicePrincipal, user })),
    ],
  ),
);

describe('entra-remove-oauth-grants', () => {
  it('names who may do what on whose behalf', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal }, context());
    expect(plan.changes.map(({ summary }) => summary)).toEqual([
      `Remove the consent that lets fabrikam-mail use Microsoft Graph on behalf of the user ${ANN.id} (Files.Read.All)`,
      'Remove the consent that lets fabrikam-mail use Microsoft Graph on behalf of all users (User.Read Mail.Read)',
    ]);
  });

  it('removes only what the application has for one user', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { servicePrincipal, user: ANN.upn }, context());
    await action.execute(change, context());
    expect(graph.directory.grants.written).toHaveLength(2);
    expect(graph.directory.grants.written).toMatchObject([{ consentType: 'AllPrincipals' }, { clientId: BILLING.id }]);
  });

  it('removes all that one user gave, and asks guards about the user and the applications that lose it', async () => {
    const { graph, context } = await startGraph();
    const plan = await action.plan({ user: ANN.id }, context());
    expect(plan.target).toMatchObject({ kind: 'user', id: `${TENANT}/${ANN.id}` });
    expect(plan.subjects).toMatchObject([
      { label: ANN.upn },
      { label: 'fabrikam-mail', keys: expect.arrayContaining([FOREIGN.id, `entra-app:${FOREIGN.appId}`]) as unknown },
      { label: 'billing-sync', keys: expect.arrayContaining([`entra-sp:${TENANT}/${BILLING.id}`]) as unknown },
    ]);
    for (const change of plan.changes) await action.execute(change, context());
    expect(graph.directory.grants.written).toMatchObject([{ consentType: 'AllPrincipals' }]);
  });

  it('gives the same permissions again', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { servicePrincipal, user: ANN.id }, context());
    await action.execute(change, context());
    await action.undo?.(change, context());
    expect(graph.directory.grants.written).toContainEqual(
      grantObject({
        clientId: FOREIGN.id,
        consentType: 'Principal',
        principalId: ANN.id,
        resourceId: GRAPH.id,
        scope: ' Files.Read.All',
      }),
    );
  });

  it('sees that the consent was given anew for something else, and leaves it alone', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { servicePrincipal, user: ANN.id }, context());
    await action.execute(change, context());
    const other = grantObject({ ...CONTOSO.grants?.[1], scope: 'Mail.ReadWrite' });
    graph.directory.grants.set([...graph.directory.grants.written, other]);
    expect(await action.verify(change, context())).toMatchObject({
      is: 'changed',
      why: expect.stringContaining('Mail.ReadWrite') as string,
    });
    await action.execute(change, context());
    await action.undo?.(change, context());
    expect(graph.directory.grants.written).toContain(other);
    expect(graph.writes).toHaveLength(1);
  });

  it('takes the same permissions in another order for the same', async () => {
    const { graph, context } = await startGraph();
    const { changes } = await action.plan({ servicePrincipal }, context());
    const change = changes.find(({ id }) => id.endsWith('/all'));
    const [grant, ...others] = graph.directory.grants.written;
    graph.directory.grants.set([{ ...grant, scope: 'Mail.Read  User.Read' }, ...others]);
    expect(change === undefined ? undefined : await action.verify(change, context())).toEqual({ is: 'absent' });
  });

  it('leaves hundreds of consents to other means', async () => {
    const grants = Array.from({ length: 201 }, (_, at) => ({
      clientId: FOREIGN.id,
      consentType: 'Principal' as const,
      principalId: `00000000-0000-4000-9000-${String(at).padStart(12, '0')}`,
      resourceId: GRAPH.id,
      scope: 'User.Read',
    }));
    const { context } = await startGraph({}, { ...CONTOSO, grants });
    await expect(action.plan({ servicePrincipal }, context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringContaining('entra-disable-service-principal') as string,
    });
  });

  it('bears that replicas show a write late', async () => {
    const { graph, context } = await startGraph({ delay: 5000 });
    const change = await onlyChange(action, { servicePrincipal, user: ANN.id }, context());
    await action.execute(change, context());
    expect(await action.verify(change, context())).toEqual({ is: 'held' });
    await action.undo?.(change, context());
    expect(await action.verify(change, context())).toEqual({ is: 'absent' });
    expect(graph.writes).toHaveLength(2);
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    const change = await onlyChange(action, { servicePrincipal, user: ANN.id }, context());
    await action.execute(change, context());
    await action.undo?.(change, context());
    expect(graph.writes).toHaveLength(2);
  });

  it('says that the application was deleted since', async () => {
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
