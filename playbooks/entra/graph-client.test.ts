import { describe, expect, it } from 'vitest';
import type { FakeAnswer } from '../../local/fakes/fake-service.ts';
import { ANN } from '../../test/response/contoso.ts';
import { startGraph } from '../../test/response/graph-stage.ts';
import { graphClient, type GraphRead } from './graph-client.ts';

const USER: GraphRead = { path: `/users/${ANN.id}`, needs: 'User.Read.All' };
const GROUPS: GraphRead = { path: `/users/${ANN.id}/transitiveMemberOf`, needs: 'GroupMember.Read.All' };

/** Where a list goes on. */
const page = (link: string): FakeAnswer => ({ status: 200, body: { value: [{ id: 'x' }], '@odata.nextLink': link } });

const refusal = (status: number, code: string, message = 'It is so.'): FakeAnswer => ({
  status,
  body: { error: { code, message } },
});

describe('Microsoft Graph', () => {
  it.each([
    ['https://graph.evil.example/v1.0/users'],
    ['http://127.0.0.1:1/v1.0/users'],
    ['/v1.0/users'],
    ['not a link'],
  ])('takes its token to no other server: %s', async (link) => {
    const { graph, context } = await startGraph();
    const client = await graphClient(context());
    graph.fail({ answer: page(link) });
    await expect(client.list(GROUPS, 100)).rejects.toMatchObject({ kind: 'failed' });
    expect(graph.requests).toHaveLength(1);
  });

  it('stays below its own version of the service', async () => {
    const { graph, context } = await startGraph();
    const client = await graphClient(context());
    graph.fail({ answer: page(`${graph.url}/beta/users`) });
    await expect(client.list(GROUPS, 100)).rejects.toMatchObject({ kind: 'failed' });
  });

  it('ends a list that never ends, and says that it is not whole', async () => {
    const { graph, context } = await startGraph();
    const client = await graphClient(context());
    graph.fail({ times: Infinity, answer: page(`${graph.url}/v1.0/users?$skiptoken=again`) });
    expect(await client.list(GROUPS, 1000)).toMatchObject({ complete: false });
    expect(graph.requests.length).toBeLessThan(5);
  });

  it('ends a list at the most that is wanted', async () => {
    const { context } = await startGraph({ page: 1 });
    const client = await graphClient(context());
    expect(await client.list(GROUPS, 1)).toMatchObject({ items: [{}], complete: false });
    expect(await client.list(GROUPS, 2)).toMatchObject({ items: [{}, {}], complete: true });
  });

  it.each([
    [refusal(401, 'InvalidAuthenticationToken'), 'forbidden', 'does not take the token'],
    [refusal(403, 'Authorization_RequestDenied'), 'forbidden', 'User.Read.All'],
    [refusal(403, 'Forbidden', 'Your tenant is not licensed for this feature.'), 'unsuitable', 'Microsoft Entra ID P2'],
    [refusal(404, 'Request_ResourceNotFound'), 'absent', 'Request_ResourceNotFound'],
    [refusal(400, 'Request_BadRequest'), 'failed', 'It is so.'],
    [refusal(409, 'Directory_ConcurrencyViolation'), 'busy', 'It is so.'],
    [refusal(503, 'ServiceUnavailable'), 'busy', 'It is so.'],
  ])('says what kind of refusal it is: %j', async (answer, kind, words) => {
    const { graph, context } = await startGraph();
    const client = await graphClient(context());
    graph.fail({ times: Infinity, answer });
    const message = expect.stringContaining(words) as string;
    await expect(client.get(USER)).rejects.toMatchObject({ name: 'ActionError', kind, message });
  });

  it('shows no control characters of what a service writes', async () => {
    const { graph, context } = await startGraph();
    const client = await graphClient(context());
    graph.fail({ answer: refusal(400, 'Bad\u001b[2J', 'line\nline') });
    await expect(client.get(USER)).rejects.toMatchObject({
      message: expect.not.stringMatching(/[\u001b\n]/) as string,
    });
  });

  it('says in one line that there is no token, and why', async () => {
    const { graph, context } = await startGraph();
    const given = context();
    const credential = {
      getToken: () => Promise.reject(new Error('ManagedIdentityCredential: unavailable\nsecret detail')),
    };
    const azure = async () => ({ ...(await given.connections.azure()), credential });
    const client = await graphClient({ ...given, connections: { ...given.connections, azure } });
    await expect(client.get(USER)).rejects.toMatchObject({
      kind: 'busy',
      message: expect.stringMatching(/^(?!.*secret detail).*unavailable.*managed identity/s) as string,
    });
    expect(graph.requests).toEqual([]);
  });
});
