import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, row, SHOP, subscriptionRow } from '../../pipeline/enrichment/assets/azure/azure-samples.ts';
import { runCommand, type Ended } from '../../test/command.ts';
import { FakeResourceGraph } from '../../test/fakes/resource-graph.ts';

const GROUP = `/subscriptions/${SHOP}/resourceGroups/rg-shop`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-shop`;

let folder: string;
let graph: FakeResourceGraph;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-assets-command-'));
  graph = await FakeResourceGraph.start();
  const identity = { type: 'SystemAssigned', principalId: 'p1', tenantId: 't1' };
  graph.add(SHOP, 'resourcecontainers', subscriptionRow(SHOP, []));
  graph.add(SHOP, 'resources', machine('vm-web', 'nic', { identity }), row('Microsoft.KeyVault/vaults', VAULT));
  const assignment = { id: 'a1', tenantId: 't1', principalId: 'p1', principalType: 'ServicePrincipal', role: '/r1' };
  graph.add(SHOP, 'roleassignments', { ...assignment, scope: GROUP });
  graph.add(SHOP, 'roledefinitions', { id: '/r1', roleName: 'Key Vault Reader' });
  await writeFile(
    join(folder, 'assets.csv'),
    `id,owner,environment,importance\n${GROUP},shop@contoso.example,production,high\n`,
  );
  await writeFile(join(folder, 'files.yaml'), 'assets: { files: [assets.csv] }');
  await writeFile(join(folder, 'broken.yaml'), 'assets: { files: [none.csv] }');
  const missing = '00000000-0000-4000-8000-0000000009ab';
  const azure = `assets: { files: [assets.csv], azure: { subscriptions: [${SHOP}, ${missing}] } }`;
  await writeFile(join(folder, 'azure.yaml'), `azure: { endpoints: { arm: '${graph.url}' } }\n${azure}`);
});
afterAll(async () => {
  await graph.close();
  await rm(folder, { recursive: true });
});

const assets = (...args: readonly string[]): Promise<Ended> => runCommand(folder, ['assets', ...args]);

describe('crosstrail assets', () => {
  it('shows what files say, without a deployment', async () => {
    const { code, out, errors } = await assets('list', '--config', 'files.yaml');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toMatch(/0\.70 +unknown +other +rg-shop +shop@contoso\.example +production/);
  });

  it('imports what people keep, and shows it without a configuration', async () => {
    const imported = await assets('import', 'assets.csv', '--folder', 'copies');
    expect(imported).toMatchObject({ code: 0, errors: '' });
    expect(imported.out).toMatch(/^assets\/imported: /);
    const list = await assets('list', '--folder', 'copies');
    expect(list.out).toMatch(/rg-shop +shop@contoso\.example +production/);
    expect((await assets('import', 'none.csv', '--folder', 'copies')).code).toBe(2);
  });

  it('reads what is configured, says what could not be read, and shows it with what people say', async () => {
    const update = await assets('update', '--config', 'azure.yaml');
    expect(update).toMatchObject({ code: 0, errors: '' });
    expect(update.out).toMatch(
      /^assets\/azure: new, version partial: 1 not read, 3 rows\n {2}not read: subscription 0+-.*9ab: it is not there/,
    );

    const list = await assets('list', '--config', 'azure.yaml', '--exposure', 'internet', '--format', 'ndjson');
    expect(list.errors).toMatch(/^crosstrail: not read: subscription/);
    expect(list.out.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: 'asset', name: 'kv-shop', kind: 'secrets', importance: 0.7, owner: 'shop@contoso.example', exposure: 'internet' },
    ]); // prettier-ignore

    const show = await assets('show', 'vm-web', '--config', 'azure.yaml');
    expect(show.code).toBe(0);
    expect(show.out).toMatch(/^exposure +internal: it has no public address$/m);
    expect(show.out).toMatch(/^environment +production$/m);
    expect(show.out).toMatch(/can act as\n {2}entra-sp:t1\/p1/);
    expect(show.out).toMatch(/Key Vault Reader +arm:\/subscriptions\/.*rg-shop +entra-sp:t1\/p1/);

    const within = await assets('show', `${VAULT}/secrets/db`, '--config', 'azure.yaml');
    expect(within.out).toMatch(/secrets\/db lies within\nasset +kv-shop/);
  });

  it.each([
    [['update'], 'no cloud is configured: name assets.azure or assets.aws in crosstrail.yaml'],
    [['list', '--config', 'broken.yaml'], 'none.csv: there is no such file'],
    [['show', 'nobody', '--config', 'files.yaml'], 'no inventory knows nobody'],
    [['list', '--limit', 'x'], '--limit: expected a whole number'],
  ])('cannot use %j', async (args, reason) => {
    expect(await assets(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(reason) as string });
  });
});
