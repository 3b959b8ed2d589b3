import { describe, expect, it } from 'vitest';
import type { FakeGraph } from '../../../local/fakes/graph.ts';
import { arrayOf, type Json } from '../../../platform/json.ts';
import { AGENT, BILLING, FOREIGN, KEYS, OTHER_TENANT, TENANT } from '../../../test/response/contoso.ts';
import { describeContract } from '../../../test/response/contract.ts';
import { graphContract, HOSTILE_USERS, startGraph, taken } from '../../../test/response/graph-stage.ts';
import { entraRemoveCredentials as action } from './entra-remove-credentials.ts';

const servicePrincipal = BILLING.id;

/** Ids of all credentials that are left. */
function left({ directory }: FakeGraph): string {
  const of = (object: unknown): string[] => JSON.stringify(object ?? null).match(/[0-9a-f-]{36}/g) ?? [];
  const held = [directory.servicePrincipals.get(BILLING.id), directory.applications.get(BILLING.application)];
  const all = held.flatMap((one) => [
    ...of(one?.written['passwordCredentials']),
    ...of(one?.written['keyCredentials']),
    ...of(one?.written['federatedIdentityCredentials']),
  ]);
  return all.sort().join(' ');
}

const ALL = Object.values(KEYS).sort().join(' ');

describeContract(
  action,
  // Not all, for every request fails in turn.
  graphContract({ servicePrincipal, keys: [KEYS.applicationCertificate, KEYS.federation] }, left, [
    {},
    ...HOSTILE_USERS.flatMap((hostile) => [
      { servicePrincipal: hostile },
      { application: hostile },
      { servicePrincipal, keys: [hostile] },
    ]),
    { servicePrincipal, application: BILLING.appId },
    { servicePrincipal, keys: [] },
  ]),
);

describe('entra-remove-credentials', () => {
  it('removes all of the application and of the service principal, one change each', async () => {
    const { graph, context } = await startGraph();
    expect(left(graph)).toBe(ALL);
    const plan = await action.plan({ servicePrincipal }, context());
    expect(plan.changes.map(({ id }) => id)).toEqual([
      `service-principal:secret:${KEYS.secret}`,
      `service-principal:certificate:${KEYS.certificate}`,
      `application:secret:${KEYS.applicationSecret}`,
      `application:certificate:${KEYS.applicationCertificate}`,
      `application:certificate:${KEYS.otherCertificate}`,
      `application:federation:${KEYS.federation}`,
    ]);
    for (const change of plan.changes) {
      await action.execute(change, context());
      expect(await action.verify(change, context())).toEqual({ is: 'held' });
    }
    expect(left(graph)).toBe('');
    expect(action.undo).toBeUndefined();
  });

  it('plans the same in whatever order the service gives them', async () => {
    const { graph, context } = await startGraph();
    const before = await action.plan({ servicePrincipal }, context());
    const application = graph.directory.applications.get(BILLING.application);
    const turned = (name: string): Json => (arrayOf(application?.written[name]) ?? []).toReversed();
    application?.set({ ...application.written, keyCredentials: turned('keyCredentials') });
    expect((await action.plan({ servicePrincipal }, context())).changes).toEqual(before.changes);
  });

  it('keeps what credentials are known by, and never what they are', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal }, context());
    expect(plan.changes[0]?.before).toMatchObject({ name: 'added at night', end: '2027-01-05T09:00:00Z' });
    expect(plan.changes.at(-1)?.before).toMatchObject({
      of: 'https://issuer.example repo:fabrikam/site:ref:refs/heads/main',
    });
    expect(JSON.stringify(plan)).not.toMatch(/hint|secretText|"abc"|TUlJQg/);
    expect(plan.affects).toContainEqual(expect.stringContaining('signs assertions'));
  });

  it.each([BILLING.application, BILLING.id])(
    'takes a secret for removed where the answer was lost: %s',
    async (holder) => {
      const { graph, context } = await startGraph();
      const plan = await action.plan({ servicePrincipal, keys: [KEYS.secret, KEYS.applicationSecret] }, context());
      const change = plan.changes.find(({ target }) => target.id.endsWith(holder));
      graph.fail({ when: ({ method }) => method === 'POST', answer: 'lose answer' });
      if (change !== undefined) await action.execute(change, context());
      expect(graph.writes).toMatchObject([{ target: holder }]);
    },
  );

  it('finds both by the client id, and removes only the given', async () => {
    const { graph, context } = await startGraph();
    const keys = [KEYS.applicationCertificate, KEYS.secret];
    const plan = await action.plan({ application: BILLING.appId, keys }, context());
    for (const change of plan.changes) await action.execute(change, context());
    expect(left(graph)).toBe(
      Object.values(KEYS)
        .filter((key) => !keys.includes(key))
        .sort()
        .join(' '),
    );
    expect(plan.subjects).toMatchObject([
      { label: 'billing-sync', keys: expect.arrayContaining([BILLING.id, `entra-app:${BILLING.appId}`]) as unknown },
      { label: 'billing-sync', keys: expect.arrayContaining([BILLING.application, BILLING.appId]) as unknown },
    ]);
  });

  it('puts no certificate back that replicas still show', async () => {
    const { graph, context } = await startGraph({ delay: 6000 });
    const keys = [KEYS.applicationCertificate, KEYS.otherCertificate];
    const plan = await action.plan({ servicePrincipal, keys }, context());
    for (const change of plan.changes) await action.execute(change, context());
    expect(left(graph)).not.toContain(KEYS.applicationCertificate);
    expect(left(graph)).not.toContain(KEYS.otherCertificate);
    expect(graph.writes).toHaveLength(2);
  });

  it('fails rather than puts back a certificate that somebody else removed and replicas still show', async () => {
    const { graph, context } = await startGraph({ delay: 3_600_000 });
    const plan = await action.plan({ servicePrincipal, keys: [KEYS.otherCertificate] }, context());
    const application = graph.directory.applications.get(BILLING.application);
    application?.set({ ...application.written, keyCredentials: [{ keyId: KEYS.otherCertificate, key: 'TUlJQg==' }] });
    for (const change of plan.changes) {
      await expect(action.execute(change, context())).rejects.toMatchObject({ kind: 'failed' });
    }
    expect(left(graph)).not.toContain(KEYS.applicationCertificate);
  });

  it('has nothing to do where the credentials are gone', async () => {
    const { graph, context } = await startGraph();
    const plan = await action.plan({ servicePrincipal: FOREIGN.id }, context());
    expect(plan.changes).toEqual([]);
    expect(plan.affects).toContainEqual(expect.stringContaining(OTHER_TENANT));
    expect(graph.writes).toEqual([]);
  });

  it('is refused for managed identities, with what to do instead', async () => {
    const { context } = await startGraph();
    await expect(action.plan({ servicePrincipal: AGENT.id }, context())).rejects.toMatchObject({
      kind: 'unsuitable',
      message: expect.stringMatching(/virtualMachines\/vm-agent.*entra-disable-service-principal/) as string,
    });
  });

  it('says where there is no such application', async () => {
    const { context } = await startGraph();
    await expect(action.plan({ application: KEYS.secret }, context())).rejects.toMatchObject({ kind: 'absent' });
  });

  it('needs the permissions that it names and no more', async () => {
    const { graph, context } = await startGraph({ permissions: action.permissions.graph });
    const plan = await action.plan({ servicePrincipal }, context());
    for (const change of plan.changes) await action.execute(change, context());
    expect(left(graph)).toBe('');
  });

  it('holds credentials of what was deleted for gone', async () => {
    const { context } = await startGraph();
    const plan = await action.plan({ servicePrincipal }, context());
    const { context: later } = await startGraph({}, { id: TENANT });
    for (const change of plan.changes) expect(await action.verify(change, later())).toEqual({ is: 'held' });
  });

  it('takes service principals from incidents, and applications where there are none', () => {
    const servicePrincipals = [{ tenant: TENANT, servicePrincipal }];
    expect(taken(action, { servicePrincipals, applications: [BILLING.appId] })).toEqual(servicePrincipals);
    expect(taken(action, { applications: [BILLING.appId] })).toEqual([{ application: BILLING.appId }]);
  });
});
