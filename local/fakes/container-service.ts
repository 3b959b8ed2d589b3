import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

/** A cluster of AKS, as Azure knows it. */
export interface FakeManagedCluster {
  readonly kubeconfig: string;
  /** `none`, `azure`, `calico`, `cilium`. */
  readonly networkPolicy?: string;
}

/** Azure Resource Manager, as far as clusters of AKS and their credentials are asked for. */
export class FakeContainerService extends FakeService {
  readonly #clusters: ReadonlyMap<string, FakeManagedCluster>;

  /** @param clusters by ARM id */
  constructor(clusters: Readonly<Record<string, FakeManagedCluster>>) {
    super();
    this.#clusters = new Map(Object.entries(clusters).map(([id, cluster]) => [id.toLowerCase(), cluster]));
  }

  protected override answer({ method, path, query }: FakeRequest): FakeAnswer {
    const [, id = '', credential] = /^(.*?)(\/listClusterUserCredential)?$/i.exec(path) ?? [];
    const expected = credential === undefined ? 'GET' : 'POST';
    if (method !== expected || !query.has('api-version'))
      return { status: 400, body: { error: { code: 'BadRequest' } } };
    const cluster = this.#clusters.get(id.toLowerCase());
    if (cluster === undefined) return { status: 404, body: { error: { code: 'ResourceNotFound' } } };
    const { kubeconfig, networkPolicy = 'azure' } = cluster;
    if (credential === undefined)
      return { status: 200, body: { id, properties: { networkProfile: { networkPolicy } } } };
    const value = Buffer.from(kubeconfig).toString('base64');
    return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } };
  }
}
