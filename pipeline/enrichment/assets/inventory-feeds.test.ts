import { gzipSync } from 'node:zlib';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../../../platform/clock.ts';
import { parseConfiguration } from '../../../platform/configuration.ts';
import { FakeAwsConfig } from '../../../test/fakes/aws-config.ts';
import { FakeResourceGraph } from '../../../test/fakes/resource-graph.ts';
import { folderCopies, type CopyStore } from '../copies/copy-store.ts';
import { FeedError } from '../feed-error.ts';
import { feedHttp } from '../feed/http-client.ts';
import { updateFeed, type FeedReport } from '../feed/update-feed.ts';
import { ACCOUNT, instance, instanceArn, REGION } from './aws/aws-samples.ts';
import { GROUP, machine, row, SHOP, subscriptionRow } from './azure/azure-samples.ts';
import { decodeInventory, encodeInventory, inventoryPieces } from './inventory-copy.ts';
import { configuredInventories } from './inventory-feeds.ts';
import type { Inventory } from './inventory.ts';

const clock = new ManualClock(Date.UTC(2026, 10, 20, 9));
let folder: string;
let store: CopyStore;
let graph: FakeResourceGraph;
let config: FakeAwsConfig;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-inventories-'));
  store = folderCopies(folder);
  [graph, config] = await Promise.all([FakeResourceGraph.start(), FakeAwsConfig.start()]);
  graph.add(SHOP, 'resourcecontainers', subscriptionRow(SHOP, []));
  config.add(instance('i-0web'));
  const environment = {
    AWS_ENDPOINT_URL: config.url,
    AWS_ACCESS_KEY_ID: 'AKIACONTOSO',
    AWS_SECRET_ACCESS_KEY: 'invented',
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([graph.close(), config.close(), rm(folder, { recursive: true })]);
});

function update(): Promise<readonly FeedReport[]> {
  const text = `
azure: { endpoints: { arm: '${graph.url}' } }
assets:
  azure: {}
  aws: { targets: [{ account: '${ACCOUNT}', region: ${REGION} }] }
`;
  const feeds = configuredInventories(parseConfiguration(text, 'crosstrail.yaml'), { clock, retryDelay: 1 });
  return Promise.all(feeds.map((feed) => updateFeed(feed, store, feedHttp(), clock)));
}

const copyOf = async (id: string): Promise<Inventory> =>
  decodeInventory((await store.read(id))?.body ?? new Uint8Array());
const stores = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    row('Microsoft.Storage/storageAccounts', `${GROUP}/providers/Microsoft.Storage/storageAccounts/st${at}`),
  );

describe('inventories of clouds', () => {
  it('are read where they are configured', () => {
    const none = parseConfiguration('', 'crosstrail.yaml');
    expect(configuredInventories(none)).toEqual([]);
  });

  it('become copies, and say what came, changed and went', async () => {
    graph.add(SHOP, 'resources', machine('vm-web', 'nic-web'));
    expect(await update()).toMatchObject([
      { id: 'assets/azure', outcome: 'new', manifest: { version: 'whole', rows: 2 } },
      { id: 'assets/aws', outcome: 'new', manifest: { version: 'whole', rows: 1 } },
    ]);
    expect(await update()).toMatchObject([{ outcome: 'unchanged' }, { outcome: 'unchanged' }]);
    graph.add(SHOP, 'resources', ...stores(1));
    config.remove(instanceArn('i-0web'));
    config.add(instance('i-0web', { publicIp: '203.0.113.4' }), instance('i-0new'));
    expect(await update()).toMatchObject([
      { changes: { added: 1, changed: 0, withdrawn: 0 } },
      { changes: { added: 1, changed: 1, withdrawn: 0, examples: { added: [`aws:${instanceArn('i-0new')}`] } } },
    ]);
  });

  it('stay as they were where one cloud is down, and the other does not wait for it', async () => {
    await update();
    graph.failure = () => ({ status: 503, code: 'Busy', headers: { 'retry-after-ms': '1' } });
    config.add(instance('i-0new'));
    const [azure, aws] = await update();
    expect(azure).toMatchObject({ outcome: 'kept', manifest: { rows: 1 } });
    expect(azure?.problem).toMatch(/no subscription of Azure could be read.*\(503\)/);
    expect(aws).toMatchObject({ outcome: 'new' });
    expect((await copyOf('assets/azure')).assets).toHaveLength(1);
  });

  it('do not lose most of what they had without a word', async () => {
    graph.add(SHOP, 'resources', ...stores(60));
    await update();
    await graph.close();
    graph = await FakeResourceGraph.start();
    graph.add(SHOP, 'resourcecontainers', subscriptionRow(SHOP, []));
    const [azure] = await update();
    expect(azure).toMatchObject({ outcome: 'kept', manifest: { rows: 61 } });
    expect(azure?.problem).toContain('it has 1 assets where there were 61');
  });
});

describe('a copy of an inventory', () => {
  const inventory: Inventory = {
    source: 'azure',
    by: 'cloud',
    assets: [{ key: 'arm:/b', importance: 1, identities: ['entra-sp:a/b'] }, { key: 'arm:/a', kind: 'compute' }],
    grants: [{ principal: 'entra-sp:a/b', scope: 'arm:/a', role: 'Reader' }],
    missing: ['subscription x: refused'],
  }; // prettier-ignore

  it('is the same bytes in whatever order it was read, and reads as it was', () => {
    const [one, other] = [inventory, { ...inventory, assets: inventory.assets.toReversed() }].map(encodeInventory);
    expect(one).toEqual(other);
    expect(decodeInventory(one ?? new Uint8Array())).toEqual({ ...inventory, assets: inventory.assets.toReversed() });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('<html>')],
    ['torn', encodeInventory(inventory).subarray(0, 40)],
    ['other JSON', gzipSync(JSON.stringify({ ...inventory, by: 'nobody' }))],
  ])('is refused where it is %s', (_what, body) => {
    expect(() => decodeInventory(body)).toThrow(FeedError);
  });

  it('of many is read in pieces, between which others have their turn, and a fault of one is told with its place', () => {
    const assets = Array.from({ length: 20_000 }, (_, at) => ({
      key: `arm:/${String(at).padStart(5, '0')}`,
      importance: 1,
    }));
    const pieces = inventoryPieces(encodeInventory({ ...inventory, assets }));
    let turns = 0;
    let piece = pieces.next();
    for (; piece.done !== true; piece = pieces.next()) turns += 1;
    expect(turns).toBeGreaterThan(3);
    expect(piece.value).toEqual({ ...inventory, assets });
    const wrong = encodeInventory({ ...inventory, assets: [...assets, { key: 'arm:/9', importance: 2 }] });
    expect(() => decodeInventory(wrong)).toThrow('assets.20000.importance is not as it should be');
  });
});
