import { afterEach, describe, expect, it } from 'vitest';
import { FakeTaxii, type TaxiiOptions } from '../../../test/fakes/taxii.ts';
import { ManualClock } from '../../../platform/clock.ts';
import type { JsonObject } from '../../../platform/json.ts';
import { memoryStorage } from '../../../platform/storage/memory.ts';
import { blobCopies } from '../copies/copy-store.ts';
import { feedHttp } from '../feed/http-client.ts';
import { updateFeed, type FeedReport } from '../feed/update-feed.ts';
import { IgnoredValues } from './ignored-values.ts';
import { intelFeeds } from './intel-feed.ts';
import { sourceSettings, stixIndicator } from './intel-samples.ts';

const NOW = Date.UTC(2026, 10, 10);
const servers: FakeTaxii[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

const addressOf = (end: string, more?: JsonObject): JsonObject =>
  stixIndicator(end, `[ipv4-addr:value = '203.0.113.${Number(end)}']`, more);

/** A collection, and what is known of it after each update. */
async function collection(
  options: TaxiiOptions = {},
  settings: JsonObject = {},
  environment: NodeJS.ProcessEnv = {},
  end = '',
) {
  const server = new FakeTaxii(options);
  servers.push(server);
  const taxii = `${await server.start()}${end}`;
  const sources = [sourceSettings({ taxii, ...settings })];
  const clock = new ManualClock(NOW);
  const store = blobCopies(memoryStorage().blobs);
  const [feed] = intelFeeds({ sources, ignore: [] }, new IgnoredValues([]), { environment, clock });
  if (feed === undefined) throw new Error('no feed');
  return {
    ...{ server, clock, store },
    update: (): Promise<FeedReport> => updateFeed(feed, store, feedHttp(), clock),
    values: async (): Promise<string[]> => {
      const copy = await store.read(feed.id);
      return copy === undefined ? [] : [...feed.parse(copy.body).values()].sort();
    },
  };
}

describe('a TAXII collection', () => {
  it.each([true, false])('is read page by page, where the server names the next one: %j', async (givesNext) => {
    const { server, update, values } = await collection({ pageSize: 2, givesNext });
    for (const end of ['01', '02', '03', '04', '05']) server.add(`2026-11-02T00:00:${end}.000000Z`, addressOf(end));
    server.add('2026-11-02T00:00:06Z', { type: 'malware', id: 'malware--1' });
    expect(await update()).toMatchObject({ outcome: 'new', manifest: { rows: 5 } });
    expect(await values()).toEqual([1, 2, 3, 4, 5].map((end) => `203.0.113.${end}`));
    expect(server.asked).toHaveLength(3);
    expect(server.asked.every((query) => query.get('match[type]') === 'indicator')).toBe(true);
  });

  it('is asked for what was added since, which is put together with what is kept', async () => {
    const { server, update, values } = await collection();
    server.add('2026-11-02T00:00:00.123456Z', addressOf('01'), addressOf('02'));
    await update();
    expect((await update()).outcome).toBe('unchanged');
    server.add(
      '2026-11-03T00:00:00Z',
      addressOf('03'),
      addressOf('02', { modified: '2026-11-03T00:00:00Z', revoked: true }),
    );
    expect(await update()).toMatchObject({ outcome: 'new', changes: { added: 1, withdrawn: 1 } });
    expect(await values()).toEqual(['203.0.113.1', '203.0.113.3']);
    expect(server.asked.map((query) => query.get('added_after'))).toEqual([
      null,
      '2026-11-02T00:00:00.123456Z',
      '2026-11-02T00:00:00.123456Z',
    ]);
  });

  it.each(['objects/', 'objects', ''])('may be named with %j at the end', async (end) => {
    const { server, update } = await collection({}, {}, {}, end);
    server.add('2026-11-02T00:00:00Z', addressOf('01'));
    expect((await update()).outcome).toBe('new');
  });

  it.each([true, false])(
    'of many pages is read over several updates, where the server names the next one: %j',
    async (givesNext) => {
      const { server, update, values } = await collection({ pageSize: 1, givesNext });
      for (let at = 0; at < 205; at++) {
        const minute = String(Math.floor(at / 60)).padStart(2, '0');
        const added = `2026-11-02T00:${minute}:${String(at % 60).padStart(2, '0')}Z`;
        server.add(added, stixIndicator(String(at), `[ipv4-addr:value = '203.0.113.${at}']`));
      }
      expect((await update()).manifest?.rows).toBe(200);
      expect((await update()).manifest?.rows).toBe(205);
      expect(await values()).toHaveLength(205);
      expect((await update()).outcome).toBe('unchanged');
    },
  );

  it('of many pages that were all added at once is refused, and not taken in part for ever', async () => {
    const { server, update } = await collection({ pageSize: 1 });
    server.tamper = (page) => ({ ...page, more: true, next: String(server.asked.length) });
    expect((await update()).problem).toContain('cannot be read at once (200 pages');
  });

  it('that has nothing is no fault', async () => {
    const { server, update, values } = await collection();
    expect(await update()).toMatchObject({ outcome: 'new', manifest: { rows: 0 } });
    server.add('2026-11-02T00:00:00Z', addressOf('01'));
    expect((await update()).outcome).toBe('new');
    expect(await values()).toEqual(['203.0.113.1']);
  });

  it('keeps what ended long ago no longer', async () => {
    const { server, clock, store, update } = await collection({}, { expires: '10d' });
    const bytes = async (): Promise<string> =>
      new TextDecoder().decode((await store.read('intel/contoso-intel'))?.body);
    server.add('2026-11-02T00:00:00Z', addressOf('01'), addressOf('02', { valid_until: '2030-01-01T00:00:00Z' }));
    await update();
    expect(await bytes()).toContain('203.0.113.1');
    clock.advance(120 * 86_400_000);
    await update();
    expect(await bytes()).not.toContain('203.0.113.1');
    expect(await bytes()).toContain('203.0.113.2');
  });

  it('is asked again where its server is busy', async () => {
    const { server, update } = await collection();
    server.add('2026-11-02T00:00:00Z', addressOf('01'));
    server.faults.push(
      { status: 429, headers: { 'retry-after': '0' } },
      { status: 503, headers: { 'retry-after': '0' } },
    );
    expect((await update()).outcome).toBe('new');
  });

  it('is given up for this time where its server is slow, and read on with the next', async () => {
    const { server, clock, update, values } = await collection({ pageSize: 1 });
    for (const end of ['01', '02', '03', '04', '05']) server.add(`2026-11-02T00:00:${end}Z`, addressOf(end));
    server.tamper = (page) => {
      clock.advance(50_000);
      return page;
    };
    expect(await update()).toMatchObject({ outcome: 'new', manifest: { rows: 3 } });
    expect(await update()).toMatchObject({ outcome: 'new', manifest: { rows: 5 } });
    expect(await values()).toHaveLength(5);
  });

  const faults: [string, (server: FakeTaxii) => void, string][] = [
    [
      'refuses a page in the middle',
      (server) => server.faults.push({ status: 200, body: '{"more":true,"next":"1"}' }, { status: 403 }),
      '403',
    ],
    [
      'answers with a page for people',
      (server) => server.faults.push({ status: 200, body: '<html>sign in</html>' }),
      'page for people',
    ],
    [
      'answers with half a page',
      (server) => server.faults.push({ status: 200, body: '{"more":false,"obj' }),
      'not JSON',
    ],
    ['answers with something else', (server) => server.faults.push({ status: 200, body: '[]' }), 'no TAXII'],
    [
      'answers with objects that are none',
      (server) => server.faults.push({ status: 200, body: '{"objects":7}' }),
      'no TAXII',
    ],
    [
      'gives the same page again and again',
      (server) => (server.tamper = (page) => ({ ...page, more: true, next: 'x' })),
      'again and again',
    ],
    ['says that there is more and not where', (server) => (server.tamper = () => ({ more: true })), 'not where'],
  ];
  it.each(faults)('whose server %s stays as it was', async (_, fault, problem) => {
    const { server, update, values } = await collection();
    server.add('2026-11-02T00:00:00Z', addressOf('01'));
    await update();
    server.add('2026-11-03T00:00:00Z', addressOf('02'));
    fault(server);
    const report = await update();
    expect(report).toMatchObject({ outcome: 'kept', manifest: { rows: 1 } });
    expect(report.problem).toContain(problem);
    expect(await values()).toEqual(['203.0.113.1']);
    server.tamper = undefined;
    expect((await update()).outcome).toBe('new');
    expect(await values()).toEqual(['203.0.113.1', '203.0.113.2']);
  });

  it.each([
    [{ scheme: 'basic', user: 'contoso', environment: 'INTEL_SECRET' }, 'Basic Y29udG9zbzpsZXQgbWUgaW4='],
    [{ scheme: 'bearer', environment: 'INTEL_SECRET' }, 'Bearer let me in'],
    [{ scheme: 'header', header: 'Authorization', environment: 'INTEL_SECRET' }, 'let me in'],
  ])('is told who asks: %j', async (authorization, header) => {
    const { server, update } = await collection(
      { authorization: header },
      { authorization },
      { INTEL_SECRET: 'let me in' },
    );
    server.add('2026-11-02T00:00:00Z', addressOf('01'));
    const report = await update();
    expect(report.outcome).toBe('new');
    expect(JSON.stringify(report)).not.toContain('let me in');
  });

  it('says which variable holds no secret, and is not asked without one', async () => {
    const authorization = { scheme: 'bearer', environment: 'INTEL_SECRET' };
    const { server, update } = await collection({}, { authorization });
    expect(await update()).toMatchObject({
      outcome: 'kept',
      problem: expect.stringContaining('INTEL_SECRET') as unknown,
    });
    expect(server.asked).toEqual([]);
  });
});
