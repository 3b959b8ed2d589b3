import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../clock.ts';
import { ArmError, NO_ANSWER } from './arm-error.ts';
import { armClient, type ArmClient, type ArmOptions } from './arm.ts';
import { azureConnection } from './connection.ts';
import { azureEndpoints, azureSection } from './endpoints.ts';
import { RequestRates } from './request-rates.ts';

const START = Date.parse('2026-11-20T08:00:00Z');
const PATH =
  '/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.SecurityInsights/incidents/a';

let clock: ManualClock;
let rates: RequestRates;
let url: string;
let seen: IncomingMessage[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer((request, response) => {
  seen.push(request);
  answer(request, response);
});

beforeEach(async () => {
  clock = new ManualClock(START);
  rates = new RequestRates(clock);
  seen = [];
  answer = (_, response) => response.end('{"value":[]}');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function client(options: Partial<ArmOptions> = {}): Promise<ArmClient> {
  const connection = await azureConnection(azureEndpoints(azureSection.parse({ endpoints: { arm: url } })));
  return armClient({ connection, clock, rates, deadline: START + 600_000, maxCalls: 100, ...options });
}

const GET = { method: 'GET', path: PATH, apiVersion: '2025-09-01' } as const;

/** Lets the clock run until the work is done. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const end = () => (done = true);
  work.then(end, end);
  await vi.waitFor(
    () => {
      if (clock.waiting > 0) clock.advance(1000);
      expect(done).toBe(true);
    },
    { interval: 1, timeout: 20_000 },
  );
  return work;
}

const refusal = async (work: Promise<unknown>): Promise<ArmError> => {
  const error: unknown = await settled(work).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ArmError)) throw new Error(`expected an ArmError, got ${String(error)}`);
  return error;
};

describe('a client of Azure Resource Manager', () => {
  it('sends version, token, tag and body', async () => {
    let body = '';
    answer = (request, response) => {
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => response.end('{"id":1}'));
    };
    const arm = await client();
    const sent = await arm.send({ ...GET, method: 'PUT', body: { a: 1 }, etag: 'plain', query: { $top: '5' } });
    expect(sent).toEqual({ status: 200, body: { id: 1 } });
    expect(seen[0]?.url).toBe(`${PATH}?%24top=5&api-version=2025-09-01`);
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer local', 'if-match': '"plain"' });
    expect(body).toBe('{"a":1}');
    expect([arm.calls, arm.left]).toEqual([1, 99]);
  });

  it('waits as long as it is told to when it is throttled, and no other client sends the like meanwhile', async () => {
    answer = (_, response) => {
      if (seen.length === 1) response.writeHead(429, { 'retry-after': '17' }).end('{}');
      else response.end('{}');
    };
    const [one, other] = [await client(), await client()];
    const first = one.send(GET);
    await vi.waitFor(() => expect(clock.waiting).toBe(1));
    const second = other.send(GET);
    await vi.waitFor(() => expect(clock.waiting).toBe(2));
    expect(seen).toHaveLength(1);
    await settled(Promise.all([first, second]));
    expect(clock.now()).toBe(START + 17_000);
    expect([one.calls, other.calls, seen.length]).toEqual([2, 1, 3]);
  });

  it('does not wait beyond its time, and says when it may be tried again', async () => {
    answer = (_, response) => response.writeHead(429, { 'retry-after': '300' }).end('{}');
    const error = await refusal((await client({ deadline: START + 60_000 })).send(GET));
    expect(error).toMatchObject({ status: 429, retryAfter: 300_000 });
    expect(seen).toHaveLength(1);
  });

  it('tries again after a date, a fault of the service and a connection that broke, and then gives up', async () => {
    const faults: ((response: ServerResponse) => void)[] = [
      (response) => response.writeHead(503, { 'retry-after': new Date(START + 5000).toUTCString() }).end(),
      (response) => response.destroy(),
      (response) => response.writeHead(500).end('broken'),
      (response) => response.writeHead(500).end('broken'),
    ];
    answer = (_, response) => faults[seen.length - 1]?.(response);
    const error = await refusal((await client()).send(GET));
    expect(error.status).toBe(500);
    expect(seen).toHaveLength(4);
  });

  it('tells a refusal by code and reason, safe to show, and does not try it again', async () => {
    answer = (_, response) =>
      response
        .writeHead(403)
        .end(JSON.stringify({ error: { code: 'AuthorizationFailed', message: 'no right\u001b[2J' } }));
    const error = await refusal((await client()).send(GET));
    expect(error.message).toBe(
      `GET ${PATH} failed with status 403: AuthorizationFailed: no right?[2J; the identity lacks a role for this: docs/sentinel.md and docs/assets.md list the roles`,
    );
    expect(error.message).not.toContain('local');
    expect(seen).toHaveLength(1);
  });

  it('says that no answer came in time: not that there was no token', async () => {
    answer = () => undefined;
    const error = await refusal((await client({ deadline: START + 50 })).send(GET));
    expect(error.message).toContain('was not answered in time');
    expect(error.code).toBe(NO_ANSWER);
  });

  it('refuses an answer that nests so deep that nothing could be made of it', async () => {
    answer = (_, response) => response.end(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect((await refusal((await client()).send(GET))).message).toContain('nests more than');
  });

  it.each([
    ['a page for people', '<html><body>Sign in</body></html>'],
    ['half an answer', '{"value":['],
  ])('refuses %s', async (_, text) => {
    answer = (__, response) => response.end(text);
    expect((await refusal((await client()).send(GET))).message).toContain('is no JSON');
  });

  it('names no secret of a credential that gives no token, and does not ask again', async () => {
    const connection = await azureConnection(azureEndpoints(azureSection.parse({ endpoints: { arm: url } })));
    const credential = { getToken: vi.fn(() => Promise.reject(new Error('no identity here\nsecret=abc'))) };
    const error = await refusal((await client({ connection: { ...connection, credential } })).send(GET));
    expect(error.message).toContain('had no token to be sent with: no identity here');
    expect(error.message).not.toContain('abc');
    expect(credential.getToken).toHaveBeenCalledOnce();
    expect(seen).toHaveLength(0);
  });

  it('sends no more calls than it may', async () => {
    const arm = await client({ maxCalls: 1 });
    await arm.send(GET);
    expect((await refusal(arm.send(GET))).message).toContain('no call of 1 is left');
    expect(seen).toHaveLength(1);
  });
});

describe('lists', () => {
  const pages = async (arm: ArmClient) => (await Array.fromAsync(arm.pages(GET))).flat();

  it('go on where the service says, and end where it leads in a circle', async () => {
    answer = (request, response) => {
      const at = new URL(request.url ?? '', url).searchParams.get('page');
      response.end(JSON.stringify({ value: [at ?? 'one'], nextLink: `${url}${PATH}?page=two` }));
    };
    expect(await pages(await client())).toEqual(['one', 'two']);
  });

  it.each(['https://evil.example/next', 'http://127.0.0.1:1/next', '//evil.example', 'next'])(
    'take no token to %s',
    async (nextLink) => {
      answer = (_, response) => response.end(JSON.stringify({ value: [1], nextLink }));
      expect((await refusal(pages(await client()))).message).toContain('goes on at another server');
      expect(seen).toHaveLength(1);
    },
  );

  it('end with the calls', async () => {
    answer = (_, response) =>
      response.end(JSON.stringify({ value: [seen.length], nextLink: `${url}${PATH}?page=${seen.length}` }));
    expect(await pages(await client({ maxCalls: 3 }))).toEqual([1, 2, 3]);
  });
});

describe('limits of requests', () => {
  it('are kept for each operation: the 76th write in five minutes waits for its turn', async () => {
    const arm = await client();
    const put = { ...GET, method: 'PUT', body: {} } as const;
    for (let at = 0; at < 75; at++) await arm.send(put);
    expect(clock.now()).toBe(START);
    await arm.send({ ...put, path: `${PATH}/comments/b` });
    await settled(arm.send({ ...put, path: PATH.replace(/a$/, 'b') }));
    expect(clock.now()).toBe(START + 300_000);
  });

  it('are held for no longer than a quarter of an hour, whatever the service says', () => {
    rates.hold('a', 86_400_000);
    expect(rates.book('a', { requests: 1, span: 1 }, Infinity)).toEqual({ wait: 15 * 60_000, booked: true });
  });

  it('refuse what would come too late, and book nothing for it', () => {
    const limit = { requests: 1, span: 1000 };
    expect(rates.book('a', limit, START)).toEqual({ wait: 0, booked: true });
    expect(rates.book('a', limit, START + 500)).toEqual({ wait: 1000, booked: false });
    expect(rates.book('a', limit, START + 1000)).toEqual({ wait: 1000, booked: true });
    expect(rates.book('a', limit, START + 9000)).toEqual({ wait: 2000, booked: true });
    expect(rates.book('b', limit, START)).toEqual({ wait: 0, booked: true });
  });
});
