import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { RestClient, type RestRequest } from './rest-client.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const TOKEN = `e30.${'s3cret'.repeat(100)}`;
const BASE = 'https://service.contoso.example';
const GET: RestRequest = { method: 'GET', path: '/things', repeatable: true };
const POST: RestRequest = { method: 'POST', path: '/things', body: {}, repeatable: false };

/** A service that gives these answers, the last one from then on. */
function service(...answers: readonly Answer[]) {
  const clock = new HurriedClock();
  const began = clock.now();
  const requests: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      const {
        status,
        headers = {},
        body = '{}',
      } = answers[Math.min(requests.length, answers.length - 1)] ?? {
        status: 200,
      };
      requests.push(request);
      return Promise.resolve({ request, status, headers: createHttpHeaders(headers), bodyAsText: body });
    },
  };
  const authorization = () => Promise.resolve(`Bearer ${TOKEN}`);
  const client = new RestClient({ base: BASE, authorization, clock, deadline: began + 60_000, httpClient });
  return { client, requests, waited: () => clock.now() - began };
}

describe('a service that speaks JSON', () => {
  it.each([
    ['seconds', '7', 7000],
    ['a date', new Date(new HurriedClock().now() + 9000).toUTCString(), 9000],
  ])('is asked again when it says, by %s', async (_by, after, wait) => {
    const { client, requests, waited } = service(
      { status: 429, headers: { 'retry-after': after } },
      { status: 200, body: '{"a":1}' },
    );
    expect(await client.send(GET)).toMatchObject({ status: 200, body: { a: 1 } });
    expect([requests.length, waited()]).toEqual([2, wait]);
  });

  it('is asked over the connection of the piece of work before', async () => {
    let connections = 0;
    const server = createServer((_request, response) => response.end('{}')).on('connection', () => connections++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.close().closeAllConnections();
    });
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = new HurriedClock();
    for (const _work of ['first', 'second']) {
      const authorization = () => Promise.resolve(undefined);
      await new RestClient({ base, authorization, clock, deadline: clock.now() + 60_000 }).send(GET);
    }
    expect(connections).toBe(1);
  });

  it('is left alone where it says to wait beyond the end, and says so', async () => {
    const { client, requests } = service({ status: 503, headers: { 'retry-after': '61' } });
    await expect(client.send(GET)).rejects.toMatchObject({ status: 503, retryAfter: 61_000 });
    expect(requests).toHaveLength(1);
  });

  it('is sent once what makes something anew, unless it says that it did nothing', async () => {
    const away = service({ status: 503 });
    await expect(away.client.send(POST)).rejects.toMatchObject({ status: 503 });
    expect(away.requests).toHaveLength(1);
    const throttled = service({ status: 429 }, { status: 201 });
    expect(await throttled.client.send(POST)).toMatchObject({ status: 201 });
  });

  it('takes the credential nowhere else', async () => {
    const { client, requests } = service({ status: 307, headers: { location: 'https://evil.example/' } });
    await expect(client.send(GET)).rejects.toMatchObject({ status: 307 });
    expect(requests).toHaveLength(1);
  });

  it.each(['/things/../others', '/things/..', '/things/%2e%2E/x', '/./things', '/things\\..\\x', '/things/..?a=1'])(
    'is not asked for a path that leads elsewhere: %s',
    async (path) => {
      const { client, requests } = service({ status: 200 });
      await expect(client.send({ ...GET, path })).rejects.toThrow('leads elsewhere');
      expect(requests).toEqual([]);
    },
  );

  it('is asked for names with dots', async () => {
    const { client, requests } = service({ status: 200 });
    await client.send({ ...GET, path: '/v1.0/a..b/.c/...' });
    expect(requests[0]?.url).toBe(`${BASE}/v1.0/a..b/.c/...`);
  });

  it.each([
    { status: 400, body: JSON.stringify({ error: { code: TOKEN, message: `${'x'.repeat(250)} Bearer ${TOKEN}` } }) },
    { status: 200, body: `<p>${TOKEN}` },
  ])('tells nobody the credential that it tells back', async (answer) => {
    const { client } = service(answer);
    const error: unknown = await client.send(GET).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'RestError', status: answer.status });
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret');
  });
});
