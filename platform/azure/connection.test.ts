import { createServer } from 'node:http';
import { once } from 'node:events';
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createPipelineRequest,
  exponentialRetryPolicy,
} from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { azureConnection } from './connection.ts';
import { azureEndpoints, azureSection, endpoint } from './endpoints.ts';

describe('the connection to Azure', () => {
  it('speaks plain HTTP with a server of this machine, sends it no real token, and can send again', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`);
      response.statusCode = seen.length === 1 ? 500 : 200;
      response.end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const section = azureSection.parse({ endpoints: { arm: `http://127.0.0.1:${port}/` } });
    const { endpoints, credential, httpClient } = await azureConnection(azureEndpoints(section));
    expect(endpoints).toMatchObject({ arm: `https://127.0.0.1:${port}`, login: 'https://login.microsoftonline.com' });

    const pipeline = createEmptyPipeline();
    pipeline.addPolicy(exponentialRetryPolicy({ retryDelayInMs: 1 }));
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: 'any' }), { phase: 'Sign' });
    const request = createPipelineRequest({ url: `${endpoints.arm}/subscriptions` });
    const answer = await pipeline.sendRequest(httpClient, request);
    server.close();

    expect(answer.status).toBe(200);
    expect(seen).toEqual(['/subscriptions Bearer local', '/subscriptions Bearer local']);
  });

  it('goes to the cloud that is configured', async () => {
    const { endpoints, credential } = await azureConnection(azureEndpoints(azureSection.parse({ cloud: 'china' })));
    expect(endpoints.arm).toBe('https://management.chinacloudapi.cn');
    expect(credential.constructor.name).toBe('DefaultAzureCredential');
  });
});

describe('an address of a service', () => {
  it.each([
    ['https://management.azure.com/', 'https://management.azure.com'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is taken', (text, expected) => expect(endpoint.parse(text)).toBe(expected));

  it.each([
    'http://management.azure.com',
    'http://127.0.0.1.evil.example',
    'https://user:password@contoso.example',
    'ftp://127.0.0.1',
    'https://',
  ])('%s is refused', (text) => expect(endpoint.safeParse(text).success).toBe(false));
});
