import type { IncidentTargets, KubernetesObject } from '../../playbooks/contract/incident-targets.ts';
import { canonicalAddress } from '../../platform/ip-address.ts';
import type { Incident } from '../timeline/incident.ts';

const GUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ENTRA = new RegExp(`^(entra-user|entra-sp):(${GUID})/(${GUID})$`);
const ENTRA_APPLICATION = new RegExp(`^entra-app:(${GUID})$`);
const ACCESS_KEY = /^aws-key:(AKIA[A-Z0-9]{12,124})$/;
const IAM = /^aws:(arn:aws[a-z-]*:iam::\d{12}:(user|role)\/.+)$/;
const ROLE_SESSION = /^aws:arn:(aws[a-z-]*):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\//;
/** `k8s:<cluster>:<namespace>/<resource>/<name>`; the cluster is an ARM id in lower case, or empty. */
const KUBERNETES = /^k8s:([^:]*):([^/]*)\/([a-z]+)\/([^/]+)$/;
const SERVICE_ACCOUNT = /^k8s-user:([^:]*):system:serviceaccount:([^:]+):([^:]+)$/;

/** What an incident gives actions to act on: who is behind it, where it came from, and what it touched. Of keys only, each once. */
export function incidentTargets({ principals, graph }: Incident): IncidentTargets {
  const found = new Collected();
  for (const { id, aliases } of principals) for (const key of [id, ...aliases]) found.take(key);
  for (const { id } of graph.nodes) found.take(id);
  return found.targets;
}

/** The ARN of a role without its path: no two roles of an account have the same. */
const nameAlone = (arn: string): string => arn.replace(/:role\/(?:.*\/)?/, ':role/');

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

class Collected {
  readonly targets: Mutable<IncidentTargets> = {
    addresses: [],
    entraUsers: [],
    servicePrincipals: [],
    applications: [],
    accessKeys: [],
    awsUsers: [],
    awsRoles: [],
    pods: [],
    serviceAccounts: [],
    roleBindings: [],
    nodes: [],
    azureResources: [],
  };
  readonly #met = new Set<string>();

  take(key: string): void {
    if (this.#met.has(key)) return;
    this.#met.add(key);
    if (key.startsWith('ip:')) this.#address(key.slice('ip:'.length));
    else if (key.startsWith('arm:/subscriptions/')) this.targets.azureResources.push(key.slice('arm:'.length));
    else if (key.startsWith('entra-')) this.#entra(key);
    else if (key.startsWith('aws')) this.#aws(key);
    else if (key.startsWith('k8s')) this.#kubernetes(key);
  }

  #address(text: string): void {
    const address = canonicalAddress(text);
    if (address !== undefined) this.targets.addresses.push(address);
  }

  #entra(key: string): void {
    const [, kind, tenant = '', object = ''] = ENTRA.exec(key) ?? [];
    if (kind === 'entra-user') this.targets.entraUsers.push({ tenant, user: object });
    if (kind === 'entra-sp') this.targets.servicePrincipals.push({ tenant, servicePrincipal: object });
    const application = ENTRA_APPLICATION.exec(key)?.[1];
    if (application !== undefined) this.targets.applications.push(application);
  }

  #aws(key: string): void {
    const accessKey = ACCESS_KEY.exec(key)?.[1];
    if (accessKey !== undefined) this.targets.accessKeys.push(accessKey);
    const [, arn = '', type] = IAM.exec(key) ?? [];
    if (type === 'user') this.targets.awsUsers.push(arn);
    if (type === 'role') this.#role(arn);
    const [, partition = '', account = '', role] = ROLE_SESSION.exec(key) ?? [];
    // A session does not say the path of its role: actions find it by its name.
    if (role !== undefined) this.#role(`arn:${partition}:iam::${account}:role/${role}`);
  }

  /** A role whose path is known by another key is not taken again by its name alone. */
  #role(arn: string): void {
    const { awsRoles } = this.targets;
    const name = nameAlone(arn);
    const at = awsRoles.findIndex(
      (known) => known === arn || known === name || (arn === name && nameAlone(known) === name),
    );
    if (at < 0) awsRoles.push(arn);
    else if (arn !== name) awsRoles[at] = arn;
  }

  #kubernetes(key: string): void {
    const [, cluster = '', namespace = '', name] = SERVICE_ACCOUNT.exec(key) ?? [];
    if (name !== undefined) this.targets.serviceAccounts.push({ cluster, namespace, name });
    const [, of = '', within = '', resource, called = ''] = KUBERNETES.exec(key) ?? [];
    const object: KubernetesObject = { cluster: of, namespace: within, name: called };
    if (resource === 'pods') this.targets.pods.push(object);
    if (resource === 'serviceaccounts') this.targets.serviceAccounts.push(object);
    if (resource === 'nodes') this.targets.nodes.push({ cluster: of, name: called });
    if (resource === 'rolebindings' || resource === 'clusterrolebindings') {
      this.targets.roleBindings.push({ ...object, resource });
    }
  }
}
