import { describe, expect, it } from 'vitest';
import {
  ANN,
  DEAN,
  ELI,
  GRACE,
  GUEST,
  HANA,
  OLI,
  OTHER_TENANT,
  PIA,
  STAFF,
  TEAM,
  TENANT,
} from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, onlyChange, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { entraDisableUser as action } from './entra-disable-user.ts';

describeContract(
  action,
  graphContract({ tenant: TENANT, user: ANN.upn }, (graph) => graph.directory.users.get(ANN.id)?.written ?? null, [
    {},
    ...HOSTILE_USERS.map((user) => ({ user })),
    { user: ANN.id, tenant: 'common' },
    { user: ANN.id, more: true },
  ]),
);

describe('entra-disable-user', () => {
  it('acts on the immutable object id, and shows guards all names and groups of the user', async () => {
    const { graph, context } = await startGraph();
    const plan = await action.plan({ user: ANN.upn.toUpperCase() }, context());
    expect(plan.target).toEqual({ kind: 'user', id: `${TENANT}/${ANN.id}`, label: ANN.upn });
    expect(plan.changes[0]).toMatchObject({ before: { accountEnabled: true }, after: { accountEnabled: false } });
    expect(plan.subjects).toEqual([
      {
        kind: 'principal',
        keys: [`entra-user:${TENANT}/${ANN.id}`, `entra-oid:${ANN.id}`, ANN.id, `upn:${ANN.upn}`, ANN.upn],
        label: ANN.upn,
        groups: [STAFF, TEAM],
        privileged: [],
        unknown: undefined,
      },
    ]);
    for (const change of plan.changes) await action.execute(change, context());
    expect(graph.writes).toEqual([{ operation: 'PATCH users accountEnabled', target: ANN.id }]);
  });

  it.each([
    [GRACE, ['holds Global Administrator']],
    [
      ELI,
      [
        'is eligible for Global Administrator in part of the directory',
        'is in Help desk, which is eligible for Security Reader',
      ],
    ],
    [OLI, ['owns Tier zero, a group to which roles can be assigned']],
    [PIA, ['is eligible for Tier zero, a group to which roles can be assigned']],
  ])('tells why somebody is privileged: %j %j', async (user, reasons) => {
    const { context } = await startGraph();
    const plan = await action.plan({ user: user.id }, context());
    expect(plan.subjects).toMatchObject([{ privileged: reasons, unknown: undefined }]);
    expect(plan.affects).toContainEqual(expect.stringContaining('The user is privileged'));
  });

  it('is refused for an administrator with the reason, and nothing is done', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: GRACE.id }, context());
    await expect(action.execute(change, context())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/User\.EnableDisableAccount\.All, or the target holds a directory role/) as string,
    });
    expect(graph.writes).toEqual([]);
  });

  it('finds all groups over several pages', async () => {
    const { graph, context } = await startGraph({ page: 1 });
    const plan = await action.plan({ user: ANN.id }, context());
    expect(plan.subjects).toMatchObject([{ groups: [STAFF, TEAM], unknown: undefined }]);
    expect(graph.requests.filter((one) => one.endsWith('/transitiveMemberOf'))).toHaveLength(2);
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    const plan = await action.plan({ user: ELI.id }, context());
    expect(plan.subjects).toMatchObject([{ unknown: undefined }]);
    const change = await onlyChange(action, { user: ANN.id }, context());
    await action.execute(change, context());
    expect(graph.writes).toHaveLength(1);
  });

  it.each(['GroupMember.Read.All', 'PrivilegedEligibilitySchedule.Read.AzureADGroup', 'RoleManagement.Read.Directory'])(
    'says what it does not know without %s',
    async (missing) => {
      const permissions = action.permissions.graph?.filter((one) => one !== missing);
      const { context } = await startGraph({ permissions });
      const plan = await action.plan({ user: ANN.id }, context());
      expect(plan.subjects).toMatchObject([{ unknown: expect.stringContaining(missing) as string }]);
    },
  );

  it('knows that nobody is eligible where the tenant has no licence for it', async () => {
    const { context } = await startGraph({ licensed: false });
    const plan = await action.plan({ user: ELI.id }, context());
    expect(plan.subjects).toMatchObject([
      { privileged: ['is in Help desk, a group to which roles can be assigned'], unknown: undefined },
    ]);
  });

  it('states what synchronisation and other tenants mean', async () => {
    const { context } = await startGraph();
    expect((await action.plan({ user: HANA.id }, context())).affects).toContainEqual(
      expect.stringContaining('premises'),
    );
    expect((await action.plan({ user: GUEST.upn }, context())).affects).toContainEqual(
      expect.stringContaining('another tenant'),
    );
  });

  it('keeps one disabled who was so before, and enables nobody else disabled', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: DEAN.id }, context());
    expect(change.undo).toBeUndefined();
    expect(await action.verify(change, context())).toEqual({ is: 'held' });
    await expect(action.undo?.(change, context())).rejects.toMatchObject({ kind: 'unsuitable' });
    expect(graph.writes).toEqual([]);
  });

  it('bears that replicas show a write late', async () => {
    const { graph, context } = await startGraph({ delay: 5000 });
    const change = await onlyChange(action, { user: ANN.id }, context());
    await action.execute(change, context());
    expect(await action.verify(change, context())).toEqual({ is: 'held' });
    await action.undo?.(change, context());
    expect(await action.verify(change, context())).toEqual({ is: 'absent' });
    expect(graph.writes).toHaveLength(2);
  });

  it('waits as long as Microsoft Graph asks, and says busy where that is too long', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    const busy = (seconds: number) => ({ status: 429, headers: { 'retry-after': String(seconds) } });
    graph.fail({ when: ({ method }) => method === 'PATCH', answer: busy(3) });
    await action.execute(change, context());
    expect(await action.verify(change, context())).toEqual({ is: 'held' });
    graph.fail({ answer: busy(600) });
    await expect(action.verify(change, context())).rejects.toMatchObject({ kind: 'busy', retryAfter: 600_000 });
  });

  it('says which user there is not, and of which tenant a user is', async () => {
    const { graph, context } = await startGraph();
    await expect(action.plan({ user: 'nobody@contoso.example' }, context())).rejects.toMatchObject({ kind: 'absent' });
    await expect(action.plan({ user: ANN.id, tenant: OTHER_TENANT }, context())).rejects.toMatchObject({
      kind: 'unsuitable',
    });
    expect(graph.requests.filter((one) => one.includes(ANN.id))).toEqual([]);
  });

  it('says that a user was deleted since', async () => {
    const { context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    const { context: later } = await startGraph({}, { id: TENANT });
    expect(await action.verify(change, later())).toMatchObject({ is: 'changed' });
  });

  it('refuses a stored change of something else', async () => {
    const { graph, context } = await startGraph();
    const change = await onlyChange(action, { user: ANN.id }, context());
    const requests = graph.requests.length;
    const other = { ...change, target: { kind: 'user', id: `${TENANT}/${ANN.id}/../x`, label: 'x' } };
    await expect(action.execute(other, context())).rejects.toMatchObject({ kind: 'input' });
    expect(graph.requests).toHaveLength(requests);
  });

  it('takes users from incidents by object id', () => {
    const entraUsers = [{ tenant: TENANT, user: ANN.id }];
    expect(taken(action, { entraUsers, addresses: ['203.0.113.7'] })).toEqual(entraUsers);
  });
});
