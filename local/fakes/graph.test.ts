import { describe, expect, it } from 'vitest';
import { ANN, BILLING, KEYS, STAFF } from '../../test/response/contoso.ts';
import { startGraph } from '../../test/response/graph-stage.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import type { FakeGraph, FakeGraphOptions } from './graph.ts';

async function started(
  options?: FakeGraphOptions,
): Promise<(method: string, path: string, body?: unknown) => Promise<Response>> {
  const { graph } = await startGraph(options);
  return (method, path, body) => asked(graph, method, path, body);
}

const asked = (graph: FakeGraph, method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${graph.url}/v1.0${path}`, {
    method,
    headers: { authorization: 'Bearer local', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('the fake of Microsoft Graph', () => {
  it('takes a user by object id, name and quoted name, and gives what is selected', async () => {
    const ask = await started();
    for (const name of [`/${ANN.id}`, `/${ANN.upn}`, `('${ANN.upn}')`]) {
      const answer = await ask('GET', `/users${name}?$select=id,accountEnabled`);
      expect(await answer.json()).toEqual({
        '@odata.context': expect.any(String) as string,
        id: ANN.id,
        accountEnabled: true,
      });
    }
    expect(await (await ask('GET', `/users/${ANN.id}`)).json()).not.toHaveProperty('accountEnabled');
  });

  it('shows a write late, and takes it at once', async () => {
    const clock = new HurriedClock();
    const { graph } = await startGraph({ clock, delay: 5000 });
    const enabled = async () => (await asked(graph, 'GET', `/users/${ANN.id}?$select=accountEnabled`)).json();
    expect((await asked(graph, 'PATCH', `/users/${ANN.id}`, { accountEnabled: false })).status).toBe(204);
    expect(await enabled()).toMatchObject({ accountEnabled: true });
    await clock.wait(5000);
    expect(await enabled()).toMatchObject({ accountEnabled: false });
  });

  it('gives groups page by page, without names to whoever may not read groups', async () => {
    const ask = await started({ page: 1, permissions: ['User.Read.All'] });
    const first = (await (await ask('GET', `/users/${ANN.id}/transitiveMemberOf`)).json()) as Record<string, unknown>;
    expect(first['value']).toMatchObject([{ displayName: null }]);
    const next = new URL(first['@odata.nextLink'] as string);
    const second = await (await ask('GET', `${next.pathname.slice('/v1.0'.length)}${next.search}`)).json();
    expect(second).toMatchObject({ value: [{ id: STAFF }] });
    expect(second).not.toHaveProperty('@odata.nextLink');
  });

  it('refuses without a token, without a permission, and what it does not know', async () => {
    const { graph } = await startGraph({ permissions: ['User.Read.All'] });
    expect((await fetch(`${graph.url}/v1.0/users/${ANN.id}`)).status).toBe(401);
    expect((await asked(graph, 'PATCH', `/users/${ANN.id}`, { accountEnabled: false })).status).toBe(403);
    expect((await asked(graph, 'GET', '/users/nobody@contoso.example')).status).toBe(404);
    expect((await asked(graph, 'GET', '/me')).status).toBe(400);
    expect(graph.writes).toEqual([]);
  });

  it('tells keys of certificates only to who asks for them, and takes none back without', async () => {
    const ask = await started();
    const path = `/applications/${BILLING.application}`;
    const usual = (await (await ask('GET', path)).json()) as { keyCredentials: unknown[] };
    expect(usual.keyCredentials).toMatchObject([{ key: null }, { key: null }]);
    expect(await (await ask('GET', `${path}?$select=keyCredentials`)).json()).toMatchObject({
      keyCredentials: [{ key: 'TUlJQg==' }, { key: 'TUlJQg==' }],
    });
    expect((await ask('PATCH', path, { keyCredentials: usual.keyCredentials.slice(1) })).status).toBe(204);
    expect((await ask('PATCH', path, usual)).status).toBe(400);
    expect((await ask('POST', `${path}/removePassword`, { keyId: KEYS.secret })).status).toBe(400);
  });
});
