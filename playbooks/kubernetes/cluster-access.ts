import { readFile } from 'node:fs/promises';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { armClient, type ArmAnswer, type ArmRequest } from '../../platform/azure/arm.ts';
import { ArmError, isAway } from '../../platform/azure/arm-error.ts';
import { endpoint, isLoopback } from '../../platform/azure/endpoints.ts';
import type { ClusterSettings } from '../../platform/configuration/response/clusters.ts';
import { arrayOf, objectOf, textOf } from '../../platform/json.ts';
import { readYaml } from '../../platform/yaml.ts';
import { ActionError } from '../contract/action-error.ts';
import type { ActionContext } from '../contract/action.ts';
import type { Connections } from '../contract/connections.ts';
import { clusterName } from './cluster-name.ts';

/** How the API server of a cluster is reached. */
export interface ClusterAccess {
  readonly server: string;
  /** Trusts the cluster's own certificate authority; undefined where that is one that everybody trusts. */
  readonly httpClient: HttpClient | undefined;
  /** The value of the `authorization` header. */
  readonly authorization: () => Promise<string>;
}

/** The application of Entra that stands for the API servers of all AKS clusters. https://azure.github.io/kubelogin/concepts/aks.html */
const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';
/** What an identity needs to be told of a cluster's address, in Azure RBAC. */
export const READ_ADDRESS = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
/** What it needs to be told whether network policies have an effect. */
export const READ_CLUSTER = 'Microsoft.ContainerService/managedClusters/read';
const API_VERSION = '2025-05-01';
/** Certificate authorities are rotated by hand and seldom; what Azure said is asked anew after so many milliseconds. */
const KEPT = 10 * 60_000;

/**
 * How a cluster is reached that the configuration names.
 * @param cluster its ARM id in lower case
 * @throws ActionError where the configuration does not name it, Azure does not tell of it, or there is no token
 */
export async function clusterAccess(cluster: string, context: ActionContext): Promise<ClusterAccess> {
  const settings = settingsOf(cluster, context);
  const { server, certificateAuthority } = await addressOf(settings, context);
  return {
    server,
    httpClient: certificateAuthority === undefined ? undefined : trusting(certificateAuthority),
    authorization: async () => `Bearer ${await tokenOf(settings, server, context.connections)}`,
  };
}

function settingsOf(cluster: string, { connections }: ActionContext): ClusterSettings {
  const settings = connections.settings.clusters.find(({ id }) => id === cluster);
  if (settings !== undefined) return settings;
  throw new ActionError(
    'input',
    `the cluster ${clusterName(cluster)} is not among response.clusters of the configuration; add it there to let responses act upon it`,
  );
}

/**
 * Whether network policies are known to do nothing in a cluster, for it has no engine for them. Only Azure tells, and is asked where it is asked for the address too.
 * https://learn.microsoft.com/azure/aks/use-network-policies
 * @throws ActionError
 */
export async function ignoresNetworkPolicies(cluster: string, context: ActionContext): Promise<boolean> {
  if (settingsOf(cluster, context).server !== undefined) return false;
  const { body } = await askAzure(cluster, context, { method: 'GET', path: cluster }, READ_CLUSTER);
  const network = objectOf(objectOf(objectOf(body)?.['properties'])?.['networkProfile']);
  // Whoever brings a network of their own may bring an engine that Azure knows nothing of.
  if (network === undefined || network['networkPlugin'] === 'none' || network['networkDataplane'] === 'cilium')
    return false;
  return (textOf(network['networkPolicy']) ?? 'none') === 'none';
}

interface Address {
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string | undefined;
}

async function addressOf(settings: ClusterSettings, context: ActionContext): Promise<Address> {
  const { server, certificateAuthority } = settings;
  if (server === undefined) return knownToAzure(settings, context);
  if (certificateAuthority === undefined || certificateAuthority.includes('-----BEGIN')) {
    return { server, certificateAuthority };
  }
  const text = await readFile(certificateAuthority, 'utf8').catch(() => {
    throw new ActionError(
      'failed',
      `${certificateAuthority}, the certificate authority of the cluster ${clusterName(settings.id)}, cannot be read`,
    );
  });
  return { server, certificateAuthority: text };
}

const known = new WeakMap<Connections, Map<string, { readonly at: number; readonly address: Address }>>();

async function knownToAzure({ id }: ClusterSettings, context: ActionContext): Promise<Address> {
  const { connections, clock } = context;
  const addresses = known.get(connections) ?? new Map<string, { at: number; address: Address }>();
  known.set(connections, addresses);
  const found = addresses.get(id);
  if (found !== undefined && clock.now() - found.at < KEPT) return found.address;
  const address = await addressByAzure(id, context);
  addresses.set(id, { at: clock.now(), address });
  return address;
}

/** Reads address and certificate authority of the kubeconfig, and nothing else of it: it may hold credentials of its own. */
async function addressByAzure(cluster: string, context: ActionContext): Promise<Address> {
  const path = `${cluster}/listClusterUserCredential`;
  const { body } = await askAzure(cluster, context, { method: 'POST', path }, READ_ADDRESS);
  const value = textOf(objectOf(arrayOf(objectOf(body)?.['kubeconfigs'])?.[0])?.['value']);
  const address = value === undefined ? undefined : inKubeconfig(Buffer.from(value, 'base64').toString('utf8'));
  if (address !== undefined) return address;
  throw new ActionError(
    'failed',
    `Azure tells no usable address of the cluster ${clusterName(cluster)}; name its server in response.clusters`,
  );
}

async function askAzure(
  cluster: string,
  { connections, clock, deadline }: ActionContext,
  request: Pick<ArmRequest, 'method' | 'path'>,
  permission: string,
): Promise<ArmAnswer> {
  const connection = await connections.azure();
  const arm = armClient({ connection, clock, rates: connections.rates, deadline, maxCalls: 10 });
  try {
    return await arm.send({ ...request, apiVersion: API_VERSION });
  } catch (error) {
    throw error instanceof ArmError ? refusedByAzure(error, cluster, permission) : error;
  }
}

function refusedByAzure(error: ArmError, cluster: string, permission: string): ActionError {
  const { status, message, retryAfter } = error;
  if (isAway(error)) return new ActionError('busy', message, retryAfter);
  if (status === 404) return new ActionError('absent', `there is no cluster ${clusterName(cluster)}`);
  if (status !== 403) return new ActionError('failed', message);
  return new ActionError('forbidden', `the identity needs ${permission} at the cluster ${clusterName(cluster)}`);
}

function inKubeconfig(text: string): Address | undefined {
  const cluster = objectOf(objectOf(arrayOf(objectOf(kubeconfig(text))?.['clusters'])?.[0])?.['cluster']);
  const server = endpoint.safeParse(cluster?.['server']);
  if (!server.success) return undefined;
  const encoded = textOf(cluster?.['certificate-authority-data']);
  const certificateAuthority = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  return { server: server.data, certificateAuthority };
}

function kubeconfig(text: string): unknown {
  try {
    return readYaml(text)[0]?.value();
  } catch {
    return undefined;
  }
}

async function tokenOf({ id, tokenVariable }: ClusterSettings, server: string, connections: Connections) {
  if (tokenVariable !== undefined) {
    const token = connections.secret(tokenVariable);
    if (token !== undefined) return token;
    throw new ActionError('failed', `${tokenVariable}, the token of the cluster ${clusterName(id)}, is not set`);
  }
  // What listens on this machine in plain HTTP gets no real token.
  if (isLoopback(server)) return 'local';
  const { credential } = await connections.azure();
  const token = await credential.getToken(AKS_SCOPE).catch(() => null);
  if (token !== null) return token.token;
  throw new ActionError('busy', `Entra gave no token for the cluster ${clusterName(id)}`);
}

/** By certificate authority, of which a cluster seldom gets another. */
const clients = new Map<string, HttpClient>();

/** One for all pieces of work: each keeps its connections open, and they would pile up. */
function trusting(ca: string): HttpClient {
  const found = clients.get(ca);
  if (found !== undefined) return found;
  const client = createDefaultHttpClient();
  // Connections are kept by this object.
  const tlsSettings = { ca };
  const made: HttpClient = { sendRequest: (request) => client.sendRequest({ ...request, tlsSettings }) };
  clients.set(ca, made);
  return made;
}
