import { FakeService, type FakeAnswer, type FakeRequest } from './fake-service.ts';

/** Azure Resource Manager, as far as clusters of AKS ask it for their credentials. */
export class FakeContainerService extends FakeService {
  readonly #kubeconfigs: ReadonlyMap<string, string>;

  /** @param kubeconfigs by ARM id of the cluster */
  constructor(kubeconfigs: Readonly<Record<string, string>>) {
    super();
    this.#kubeconfigs = new Map(Object.entries(kubeconfigs).map(([id, text]) => [id.toLowerCase(), text]));
  }

  protected override answer({ method, path, query }: FakeRequest): FakeAnswer {
    const [, cluster = ''] = /^(.*)\/listClusterUserCredential$/i.exec(path) ?? [];
    if (method !== 'POST' || !query.has('api-version')) return { status: 400, body: { error: { code: 'BadRequest' } } };
    const kubeconfig = this.#kubeconfigs.get(cluster.toLowerCase());
    if (kubeconfig === undefined) return { status: 404, body: { error: { code: 'ResourceNotFound' } } };
    const value = Buffer.from(kubeconfig).toString('base64');
    return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } };
  }
}
