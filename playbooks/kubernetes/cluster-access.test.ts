import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeContainerService } from '../../local/fakes/container-service.ts';
import { FakeKubernetes } from '../../local/fakes/kubernetes.ts';
import type { FakeService } from '../../local/fakes/fake-service.ts';
import { actionContext, type ContextOptions } from '../../test/response/action-context.ts';
import { CLUSTER } from '../../test/response/cluster-stage.ts';
import { HurriedClock } from '../../test/response/hurried-clock.ts';
import { clusterAccess, ignoresNetworkPolicies } from './cluster-access.ts';
import { ClusterClient } from './cluster-client.ts';
import { NODES } from './object-kinds.ts';

const fakes: FakeService[] = [];
afterEach(() => Promise.all(fakes.splice(0).map((fake) => fake.close())));
async function listening<T extends FakeService>(fake: T): Promise<T> {
  await fake.listen();
  fakes.push(fake);
  return fake;
}

const node = (name: string) => ({ kind: 'Node', metadata: { name } });

const kubeconfig = (server: string): string => `
apiVersion: v1
kind: Config
clusters:
  - name: aks-shop
    cluster: { server: '${server}', certificate-authority-data: '${Buffer.from('none').toString('base64')}' }
users:
  - name: clusterUser
    user: { client-key-data: 'bmV2ZXItdG8tYmUtdXNlZA==', token: never-to-be-used }
`;

const contextOf = (cluster: string, rest = '', options: ContextOptions = {}) =>
  actionContext({
    configuration: `${rest}\nresponse: { clusters: [{ id: ${CLUSTER}${cluster} }] }`,
    clock: new HurriedClock(),
    ...options,
  });

const accessed = (context: ReturnType<typeof contextOf>) => clusterAccess(CLUSTER, context);

describe('reaching a cluster', () => {
  it('refuses one that the configuration does not name, whatever its id', async () => {
    await expect(clusterAccess(`${CLUSTER}-2`, contextOf(''))).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringContaining('aks-shop-2 is not among response.clusters') as string,
    });
  });

  it('asks Azure for the address once, and takes no credential from what it gets', async () => {
    const cluster = await listening(new FakeKubernetes({ objects: [node('aks-1')] }));
    const azure = await listening(new FakeContainerService({ [CLUSTER]: { kubeconfig: kubeconfig(cluster.url) } }));
    const context = contextOf('', `azure: { endpoints: { arm: '${azure.url}' } }`);
    for (let times = 0; times < 2; times++) {
      const client = await ClusterClient.of(CLUSTER, context);
      expect(await client.list(NODES, '')).toMatchObject([{ metadata: { name: 'aks-1' } }]);
    }
    expect(azure.requests).toEqual([`POST ${CLUSTER}/listClusterUserCredential`]);
    await expect((await accessed(context)).authorization()).resolves.toBe('Bearer local');
  });

  it.each([
    [
      { status: 403, body: { error: { code: 'AuthorizationFailed' } } },
      'forbidden',
      'listClusterUserCredential/action',
    ],
    [{ status: 404, body: {} }, 'absent', 'there is no cluster aks-shop'],
    [{ status: 400, body: {} }, 'failed', 'status 400'],
    [{ status: 200, body: {} }, 'failed', 'no usable address'],
    [
      { status: 200, body: { kubeconfigs: [{ value: Buffer.from('a: [').toString('base64') }] } },
      'failed',
      'no usable',
    ],
    [
      {
        status: 200,
        body: { kubeconfigs: [{ value: Buffer.from(kubeconfig('http://203.0.113.9')).toString('base64') }] },
      },
      'failed',
      'no usable address',
    ],
  ])('says what Azure answers in place of an address: %j', async (answer, kind, message) => {
    const azure = await listening(new FakeContainerService({}));
    azure.fail({ answer });
    const context = contextOf('', `azure: { endpoints: { arm: '${azure.url}' } }`);
    await expect(accessed(context)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    [{ properties: { networkProfile: { networkPolicy: 'none' } } }, true],
    [{ properties: { networkProfile: {} } }, true],
    [{ properties: { networkProfile: { networkPolicy: 'calico' } } }, false],
    [{ properties: { networkProfile: { networkDataplane: 'cilium' } } }, false],
    [{ properties: { networkProfile: { networkPlugin: 'none', networkPolicy: 'none' } } }, false],
    [{ properties: {} }, false],
  ])('knows of Azure whether network policies do nothing: %j', async (body, ignored) => {
    const azure = await listening(new FakeContainerService({}));
    azure.fail({ answer: { status: 200, body } });
    const context = contextOf('', `azure: { endpoints: { arm: '${azure.url}' } }`);
    expect(await ignoresNetworkPolicies(CLUSTER, context)).toBe(ignored);
  });

  it('does not ask Azure about a cluster whose server is configured', async () => {
    const context = contextOf(`, server: 'https://aks.contoso.example'`);
    expect(await ignoresNetworkPolicies(CLUSTER, context)).toBe(false);
  });

  it('uses the token of an environment variable, and says which is not set', async () => {
    const named = `, server: 'https://aks.contoso.example', tokenVariable: SHOP_TOKEN`;
    const secrets = { SHOP_TOKEN: 'not-a-real-token' };
    await expect((await accessed(contextOf(named, '', { secrets }))).authorization()).resolves.toBe(
      'Bearer not-a-real-token',
    );
    await expect((await accessed(contextOf(named))).authorization()).rejects.toMatchObject({
      message: expect.stringContaining('SHOP_TOKEN') as string,
    });
  });

  it('reads a file of certificates, and says where it cannot', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'crosstrail-ca-'));
    writeFileSync(join(folder, 'ca.pem'), 'certificates');
    const at = (file: string) =>
      `, server: 'https://aks.contoso.example', certificateAuthority: '${join(folder, file)}'`;
    const access = await accessed(contextOf(at('ca.pem')));
    expect(access.server).toBe('https://aks.contoso.example');
    // Connections are kept by it.
    expect((await accessed(contextOf(at('ca.pem')))).httpClient).toBe(access.httpClient);
    await expect(accessed(contextOf(at('none.pem')))).rejects.toMatchObject({
      message: expect.stringContaining('none.pem') as string,
    });
  });

  it('reads lists page by page, and no further than it can keep', async () => {
    const many = Array.from({ length: 600 }, (_, at) => node(`aks-${at}`));
    const cluster = await listening(new FakeKubernetes({ objects: many }));
    const client = await ClusterClient.of(CLUSTER, contextOf(`, server: '${cluster.url}'`));
    expect(await client.list(NODES, '')).toHaveLength(600);
    expect(cluster.requests).toHaveLength(3);
    const body = {
      items: Array.from({ length: 300 }, () => cluster.object('Node', 'aks-1') ?? null),
      metadata: { continue: 'x' },
    };
    cluster.fail({ times: 999, answer: { status: 200, body } });
    await expect(client.list(NODES, '')).rejects.toMatchObject({ kind: 'failed' });
  });

  it('takes no object whose form it does not know', async () => {
    const cluster = await listening(new FakeKubernetes({ objects: [] }));
    const client = await ClusterClient.of(CLUSTER, contextOf(`, server: '${cluster.url}/'`));
    cluster.fail({ answer: { status: 200, body: { metadata: { name: 7 } } } });
    await expect(client.get(NODES, { namespace: '', name: 'aks-1' })).rejects.toMatchObject({ kind: 'failed' });
  });
});
