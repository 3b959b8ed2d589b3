import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FakeFeedServer, type Fault } from '../../../test/fakes/feed-server.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { CopyManifest } from '../copies/copy.ts';
import { FeedError } from '../feed-error.ts';
import type { FeedRequest, FeedResponse } from './feed-http.ts';
import { feedHttp, type FeedHttpOptions } from './http-client.ts';

let server: FakeFeedServer;
let other: FakeFeedServer;
beforeAll(async () => {
  server = await FakeFeedServer.start();
  other = await FakeFeedServer.start();
});
afterAll(async () => {
  await server.close();
  await other.close();
});
afterEach(() => {
  server.reset();
  other.reset();
});

const NOW = Date.UTC(2026, 10, 21, 9);
const TOTAL = 300_000;

/** Time stands still, and who waits goes on at once, except for the end of all time that there is. */
class HastyClock implements Clock {
  readonly waits: number[] = [];
  #end: (() => void) | undefined;

  now = (): number => NOW;

  wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds !== TOTAL) {
      this.waits.push(milliseconds);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#end = resolve;
      signal?.addEventListener('abort', () => resolve());
    });
  }

  /** All the time that there is has passed. */
  end(): void {
    this.#end?.();
  }
}

const get = (request: Partial<FeedRequest>, options: FeedHttpOptions = {}) =>
  feedHttp({ clock: new HastyClock(), total: TOTAL, ...options }).get({ url: `${server.url}/feed`, ...request });

async function got(request: Partial<FeedRequest>, options?: FeedHttpOptions): Promise<FeedResponse> {
  const answer = await get(request, options);
  if (answer === 'unchanged') throw new Error('it is unchanged');
  return answer;
}

const textOf = ({ body }: FeedResponse): string => Buffer.from(body).toString();

function manifest(more: Partial<CopyManifest>): CopyManifest {
  const whole = { id: 'kev', sha256: '0'.repeat(64), bytes: 1, fetched: NOW, version: '1', rows: 1 };
  return { ...whole, source: `${server.url}/feed`, ...more };
}

describe('what is published', () => {
  it('is had with what its server calls it', async () => {
    server.publish('/feed', 'rows', { headers: { 'x-more': 'yes' } });
    const answer = await got({ url: `${server.url}/feed?token=secret`, headers: { authorization: 'Bearer invented' } });
    expect(textOf(answer)).toBe('rows');
    expect(answer).toMatchObject({
      etag: expect.stringMatching(/^"[0-9a-f]{16}"$/) as string,
      lastModified: 'Thu, 19 Nov 2026 08:00:00 GMT',
      source: `${server.url}/feed`,
      headers: { 'x-more': 'yes' },
    });
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer invented', 'user-agent': 'crosstrail' });
  });

  it('is unpacked where HTTP packed it, and left as it is where it is a gzip file', async () => {
    server.publish('/feed', 'rows', { packed: true });
    expect(textOf(await got({}))).toBe('rows');
    const file = gzipSync('rows');
    server.publish('/feed', file);
    expect((await got({})).body).toEqual(file);
  });

  it('is not sent again where it did not change', async () => {
    server.publish('/feed', 'rows');
    const { etag, lastModified } = await got({});
    expect(await get({ previous: manifest({ etag }) })).toBe('unchanged');
    expect(await get({ previous: manifest({ lastModified }) })).toBe('unchanged');
    server.publish('/feed', 'other rows');
    expect(textOf(await got({ previous: manifest({ etag, lastModified }) }))).toBe('other rows');
  });

  it('is asked for whole where the copy is from elsewhere', async () => {
    server.publish('/feed', 'rows');
    const { etag } = await got({});
    expect(textOf(await got({ previous: manifest({ etag, source: 'https://contoso.example/feed' }) }))).toBe('rows');
    expect(server.seen.at(-1)?.headers).not.toHaveProperty('if-none-match');
  });

  it.each(['x'.repeat(300), 'a\tb'])('has no name that could not be sent back (%#)', async (etag) => {
    server.publish('/feed', 'rows', { headers: { etag } });
    expect((await got({})).etag).toBeUndefined();
  });
});

describe('who leads on', () => {
  const redirect = (location: string): Fault => ({ kind: 'status', status: 302, headers: { location } });

  it('is followed, and what is had is known by the address that was asked', async () => {
    server.publish('/today', 'rows');
    server.faults.push(redirect('/today'));
    const answer = await got({ headers: { authorization: 'Bearer invented' } });
    expect(textOf(answer)).toBe('rows');
    expect(answer.source).toBe(`${server.url}/feed`);
    expect(server.seen[1]?.headers.authorization).toBe('Bearer invented');
  });

  it('does not learn others who asks', async () => {
    server.faults.push(redirect(other.publish('/feed', 'rows')));
    await got({ headers: { authorization: 'Bearer invented', 'x-api-key': 'invented', accept: 'text/csv' } });
    expect(other.seen[0]?.headers).toMatchObject({ accept: 'text/csv' });
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(other.seen[0]?.headers).not.toHaveProperty('x-api-key');
  });

  it.each(['http://203.0.113.9/feed', 'ftp://127.0.0.1/feed', 'file:///etc/passwd', 'http://', ''])(
    'to %j is not followed',
    async (location) => {
      server.faults.push(redirect(location));
      await expect(get({})).rejects.toThrow('leads on to an address that is not https');
    },
  );

  it('in circles is left', async () => {
    for (let time = 0; time < 10; time++) server.faults.push(redirect('/feed'));
    await expect(get({})).rejects.toThrow('leads on more than 5 times');
    expect(server.seen).toHaveLength(6);
  });
});

describe('who is busy', () => {
  const busy = (status: number, after?: string): Fault => ({
    kind: 'status',
    status,
    headers: after === undefined ? {} : { 'retry-after': after },
    body: '<h1>Busy</h1>',
  });

  it.each([
    ['as many seconds as asked', busy(429, '7'), 7000],
    ['until the time that is told', busy(503, new Date(NOW + 12_000).toUTCString()), 12_000],
    ['not at all where the time is over', busy(503, new Date(NOW - 12_000).toUTCString()), 0],
    ['a second where nothing is told', busy(502), 1000],
    ['a second where nothing sensible is told', busy(500, 'soon'), 1000],
    ['a second after a connection that broke', { kind: 'closed' }, 1000],
    ['a second after a body that broke off', { kind: 'broken', bytes: 2 }, 1000],
  ] as const)('is asked again after %s', async (_what, fault, wait) => {
    server.publish('/feed', 'rows');
    server.faults.push(fault);
    const clock = new HastyClock();
    expect(textOf(await got({}, { clock }))).toBe('rows');
    expect(clock.waits).toEqual([wait]);
  });

  it('for long is asked another time', async () => {
    server.faults.push(busy(429, '3600'));
    await expect(get({})).rejects.toThrow('it answered with status 429, and asks to wait 3600 s');
    expect(server.seen).toHaveLength(1);
  });

  it('again and again is asked four times, later and later', async () => {
    for (let time = 0; time < 9; time++) server.faults.push(busy(503));
    const clock = new HastyClock();
    await expect(get({}, { clock })).rejects.toThrow(FeedError);
    expect(server.seen).toHaveLength(4);
    expect(clock.waits).toEqual([1000, 2000, 4000]);
  });
});

describe('what is not taken', () => {
  it.each([
    ['a page for people', { body: '<!DOCTYPE html><title>Maintenance</title>' }, 'page for people'],
    ['a page after a byte order mark', { body: '\ufeff\n <?xml version="1.0"?><Error/>' }, 'page for people'],
    ['what says that it is a page', { body: 'Sorry!', headers: { 'content-type': 'text/html' } }, 'page for people'],
    ['nothing', { body: '' }, 'it is empty'],
    ['what is packed otherwise', { body: 'x', headers: { 'content-encoding': 'br' } }, 'not asked for'],
    ['an answer that nothing changed, without the question', { status: 304 }, 'status 304'],
    ['no content', { status: 204 }, 'status 204'],
    ['part of it', { status: 206, body: 'ro' }, 'status 206'],
    ['a refusal', { status: 403, body: 'rows' }, 'status 403'],
    ['a feed that is gone', { status: 404, body: 'rows' }, 'status 404'],
  ])('is %s', async (_what, fault, problem) => {
    server.faults.push({ kind: 'status', status: 200, ...fault });
    await expect(get({})).rejects.toThrow(problem);
    expect(server.seen).toHaveLength(1);
  });

  it('is what breaks off again and again', async () => {
    server.publish('/feed', 'rows');
    for (let time = 0; time < 4; time++) server.faults.push({ kind: 'broken', bytes: 2 });
    await expect(get({})).rejects.toThrow('ended before its end');
  });

  it('is gzip that is damaged', async () => {
    const damaged = Buffer.from(gzipSync('rows of the feed'));
    damaged[12] = (damaged[12] ?? 0) ^ 0xff;
    server.publish('/feed', damaged, { headers: { 'content-encoding': 'gzip' } });
    await expect(get({})).rejects.toThrow('cannot be unpacked');
  });

  it('is gzip that is cut off and says nothing of it', async () => {
    server.publish('/feed', gzipSync('rows of the feed').subarray(0, -8), { headers: { 'content-encoding': 'gzip' } });
    await expect(get({})).rejects.toThrow('cannot be unpacked');
  });

  it('is a small gzip file that unpacks without end, of which little is drawn', async () => {
    server.faults.push({ kind: 'endless', packed: true });
    await expect(get({ maxUnpackedBytes: 1 << 20 })).rejects.toThrow('more than 1048576 unpacked bytes');
    expect(server.drained).toBeLessThan(1 << 20);
  });

  it('is a body that does not end', async () => {
    server.faults.push({ kind: 'endless', packed: false });
    await expect(get({ maxBytes: 1 << 20 })).rejects.toThrow('more than 1048576 bytes');
    expect(server.drained).toBeLessThan(64 << 20);
  });

  it('is what says that it is too large', async () => {
    server.publish('/feed', 'x'.repeat(2000));
    await expect(get({ maxBytes: 1000 })).rejects.toThrow('more than 1000 bytes');
  });

  it('is what stops coming', async () => {
    for (let time = 0; time < 4; time++) server.faults.push({ kind: 'stuck' });
    await expect(get({}, { idle: 20, tries: 2 })).rejects.toThrow('nothing came from it for 0.02 s');
  });

  it('is what does not come in all the time that there is', async () => {
    server.faults.push({ kind: 'stuck' });
    const clock = new HastyClock();
    const asked = expect(get({}, { clock })).rejects.toThrow('it was not had within 300 s');
    await expect.poll(() => server.seen.length).toBe(1);
    clock.end();
    await asked;
  });

  it('is what nobody serves', async () => {
    const gone = await FakeFeedServer.start();
    const { url } = gone;
    await gone.close();
    await expect(get({ url: `${url}/?token=secret` })).rejects.toThrow(/^it cannot be reached: ECONNREFUSED$/);
  });

  it('is what speaks no TLS where it should', async () => {
    const { port } = new URL(server.url);
    const clock = new HastyClock();
    await expect(get({ url: `https://127.0.0.1:${port}/feed` }, { clock })).rejects.toThrow(/^it cannot be reached: E/);
    expect(clock.waits).toEqual([]);
  });

  it.each(['http://contoso.example/feed', 'file:///etc/passwd', 'no address', 'http://127.0.0.1.contoso.example/'])(
    'is what is at %s',
    (url) => expect(get({ url })).rejects.toThrow('none that feeds are had from'),
  );
});
