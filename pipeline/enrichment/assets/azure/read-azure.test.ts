import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azureConnection } from '../../../../platform/azure/connection.ts';
import { azureEndpoints, azureSection } from '../../../../platform/azure/endpoints.ts';
import { ManualClock } from '../../../../platform/clock.ts';
import { FakeResourceGraph } from '../../../../test/fakes/resource-graph.ts';
import { armKey, servicePrincipalKey } from '../../../timeline/entity-keys.ts';
import type { Inventory } from '../inventory.ts';
import { GROUP, LAB, machine, row, SHOP, subscriptionRow, TENANT, WEB_IDENTITY } from './azure-samples.ts';
import { readAzure, type AzureScopes } from './read-azure.ts';
import { connectResourceGraph } from './resource-graph.ts';

const TAGS = { owner: ['owner'], environment: [], importance: [], dataClass: [] };
const LAB_STORE = `/subscriptions/${LAB}/resourceGroups/rg-lab/providers/Microsoft.Storage/storageAccounts/stlab`;
const OTHER = '00000000-0000-4000-8000-0000000009ab';
const ROLE = `/subscriptions/${SHOP}/providers/Microsoft.Authorization/roleDefinitions/r1`;

let service: FakeResourceGraph;
let clock: ManualClock;
beforeEach(async () => {
  service = await FakeResourceGraph.start();
  clock = new ManualClock(Date.UTC(2026, 10, 20, 9));
  service.add(SHOP, 'resourcecontainers', subscriptionRow(SHOP, ['mg-shop']));
  service.add(SHOP, 'resources', machine('vm-web', 'nic-web', { tags: { owner: 'shop' } }));
  service.add(SHOP, 'roledefinitions', { id: ROLE, roleName: 'Reader' });
  const assignment = { id: 'a1', tenantId: TENANT, principalId: WEB_IDENTITY, principalType: 'ServicePrincipal' };
  service.add(SHOP, 'roleassignments', { ...assignment, role: ROLE, scope: GROUP });
  service.add(LAB, 'resourcecontainers', subscriptionRow(LAB, []));
  service.add(LAB, 'resources', row('Microsoft.Storage/storageAccounts', LAB_STORE));
});
afterEach(() => service.close());

async function read(scopes: Partial<AzureScopes> = {}, before?: Inventory): Promise<Inventory> {
  const endpoints = azureEndpoints(azureSection.parse({ endpoints: { arm: service.url } }));
  const graph = await connectResourceGraph(await azureConnection(endpoints), { clock, retryDelay: 1 });
  return readAzure(graph, { subscriptions: [], managementGroups: [], ...scopes }, TAGS, before);
}

const keys = ({ assets }: Inventory): readonly string[] => assets.map(({ key }) => key).sort();
const ALL = [SHOP, LAB].flatMap((each) => armKey(`/subscriptions/${each}`));
const VM = armKey(`${GROUP}/providers/Microsoft.Compute/virtualMachines/vm-web`);

describe('the inventory of Azure', () => {
  it('is all that may be read', async () => {
    const inventory = await read();
    expect(keys(inventory)).toEqual([...ALL, VM, armKey(LAB_STORE)].sort());
    expect(inventory).toMatchObject({ source: 'azure', by: 'cloud', missing: [] });
    expect(inventory.grants).toEqual([
      { principal: servicePrincipalKey(TENANT, WEB_IDENTITY), scope: armKey(GROUP), role: 'Reader' },
    ]);
    expect(inventory.assets.find(({ key }) => key === VM)).toMatchObject({ owner: 'shop', exposure: 'internal' });
  });

  it('is that of the subscriptions and management groups that are configured, each resource once', async () => {
    expect(keys(await read({ subscriptions: [LAB] }))).toEqual([armKey(`/subscriptions/${LAB}`), armKey(LAB_STORE)]);
    service.group('mg-shop', [SHOP]);
    const inventory = await read({ managementGroups: ['mg-shop'], subscriptions: [SHOP] });
    expect(keys(inventory)).toEqual([armKey(`/subscriptions/${SHOP}`), VM].sort());
    expect(inventory.grants).toHaveLength(1);
  });

  it('is read page by page, and in smaller pages where rows are large', async () => {
    const many = Array.from({ length: 2345 }, (_, at) =>
      row('Microsoft.Storage/storageAccounts', `${LAB_STORE}${String(at).padStart(4, '0')}`),
    );
    service.add(LAB, 'resources', ...many);
    service.largestAnswer = 200_000;
    const inventory = await read({ subscriptions: [LAB] });
    expect(inventory.assets).toHaveLength(2347);
    const pages = service.seen.filter(({ table }) => table === 'resources');
    expect(pages.map(({ options }) => options.$top).slice(0, 3)).toEqual([1000, 250, 250]);
    expect(pages).toHaveLength(11);
  });

  it('repeats what was throttled or failed', async () => {
    let failures = 0;
    service.failure = () => {
      failures++;
      if (failures === 1) return { status: 429, code: 'RateLimiting', headers: { 'retry-after-ms': '1' } };
      return failures === 2 ? { status: 503, code: 'Busy', html: '<html>busy</html>' } : undefined;
    };
    expect((await read()).missing).toEqual([]);
  });

  it('waits where the quota is used up', async () => {
    service.quota = () => ({ remaining: 0, resets: '00:00:03' });
    const reading = read({ subscriptions: [LAB] });
    for (let waits = 0; waits < 3; waits++) {
      await expect.poll(() => clock.waiting).toBe(1);
      expect(service.seen).toHaveLength(waits + 1);
      clock.advance(2999);
      expect(clock.waiting).toBe(1);
      clock.advance(1);
    }
    await reading;
  });

  it('says which subscription may not be read, and keeps what was known of it', async () => {
    const before = await read({ subscriptions: [SHOP, LAB] });
    await service.close();
    service = await FakeResourceGraph.start();
    service.add(SHOP, 'resourcecontainers', subscriptionRow(SHOP, []));
    const after = await read({ subscriptions: [SHOP, LAB] }, before);
    expect(after.missing).toEqual([`subscription ${LAB}: it is not there, or may not be read`]);
    // Of the shop, what is gone is gone.
    expect(keys(after)).toEqual([...ALL, armKey(LAB_STORE)].sort());
  });

  it('asks for subscriptions one by one where they are refused together', async () => {
    service.failure = ({ subscriptions = [] }) =>
      subscriptions.includes(OTHER) ? { status: 403, code: 'AuthorizationFailed' } : undefined;
    const inventory = await read({ subscriptions: [SHOP, OTHER, LAB] });
    expect(keys(inventory)).toHaveLength(4);
    expect(inventory.missing).toEqual([
      expect.stringContaining(`subscription ${OTHER}: Resource Graph (403): AuthorizationFailed`),
    ]);
  });

  it('says once of several subscriptions why they could not be read together', async () => {
    service.group('mg-shop', [SHOP]);
    service.failure = ({ subscriptions = [] }) =>
      subscriptions.length > 0 ? { status: 500, code: 'InternalServerError' } : undefined;
    const inventory = await read({ managementGroups: ['mg-shop'], subscriptions: [LAB, OTHER] });
    expect(keys(inventory)).toHaveLength(2);
    expect(inventory.missing).toEqual([expect.stringContaining('2 subscriptions: Resource Graph (500)')]);
  });

  it('keeps the rights that were known where they may not be read', async () => {
    const before = await read();
    service.failure = ({ table }) =>
      table === 'roleassignments' ? { status: 400, code: 'Bad', detail: 'Odd' } : undefined;
    const after = await read({}, before);
    expect(after.grants).toEqual(before.grants);
    expect(after.missing[0]).toMatch(/^role assignments of all subscriptions: Resource Graph \(400\): .*Odd/);
  });

  it.each([
    ['everything is refused', { status: 403, code: 'AuthorizationFailed' }],
    ['something else answers', { status: 200, code: '', html: '<html>sign in</html>' }],
  ])('is none where %s', async (_why, failure) => {
    service.failure = () => failure;
    await expect(read()).rejects.toThrow(
      /^no subscription of Azure could be read\. all subscriptions: .*Give the identity the role Reader/,
    );
  });
});
