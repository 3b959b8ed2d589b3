import type { TokenCredential } from '@azure/core-auth';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { isLoopback, type AzureEndpoints } from './endpoints.ts';

/** What clients of Azure's services are made with. */
export interface AzureConnection {
  /** All `https`, as the SDKs want them, also those on this machine. */
  readonly endpoints: AzureEndpoints;
  readonly credential: TokenCredential;
  readonly httpClient: HttpClient;
}

/**
 * How the services of an Azure cloud are reached: with the identity of the function app, or of whoever is signed in at this machine. Where
 * any of them is a server on this machine, which speaks plain HTTP, no real token is used at all, and none can leak to it.
 * @param others further addresses that clients will use, such as data collection endpoints
 */
export async function azureConnection(
  endpoints: AzureEndpoints,
  others: readonly string[] = [],
): Promise<AzureConnection> {
  const { arm, login, graph, logs } = endpoints;
  const plain = [arm, login, graph, logs, ...others].filter(isLoopback);
  const encrypted = { arm: secured(arm), login: secured(login), graph: secured(graph), logs: secured(logs) };
  if (plain.length === 0) {
    // Takes a fifth of a second to import, which only those who call Azure pay.
    const { DefaultAzureCredential } = await import('@azure/identity');
    const credential = new DefaultAzureCredential({ authorityHost: login });
    return { endpoints: encrypted, credential, httpClient: createDefaultHttpClient() };
  }
  return { endpoints: encrypted, credential: LOCAL_CREDENTIAL, httpClient: plainOnLoopback(plain) };
}

/** An address as the SDKs take it, which send tokens to `https` only. */
export const secured = (endpoint: string): string => endpoint.replace(/^http:/, 'https:');

const LOCAL_CREDENTIAL: TokenCredential = {
  getToken: () => Promise.resolve({ token: 'local', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** Speaks plain HTTP with servers of this machine, and with nobody else. */
function plainOnLoopback(endpoints: readonly string[]): HttpClient {
  const hosts = new Set(endpoints.map((endpoint) => new URL(endpoint).host));
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      const url = new URL(request.url);
      // `https://127.0.0.1:443` has no port in its host: nobody serves plain HTTP there.
      if (!hosts.has(url.host)) return client.sendRequest(request);
      url.protocol = 'http:';
      // A copy: policies that send a request again look at its address.
      return client.sendRequest({ ...request, url: url.href, allowInsecureConnection: true });
    },
  };
}
