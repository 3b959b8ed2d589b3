import { describe, expect, it } from 'vitest';
import { storageSettings, StorageSettingsError } from './settings.ts';

const key = 'aW52ZW50ZWQ=';

describe('storageSettings', () => {
  it.each([
    'UseDevelopmentStorage=true',
    `DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${key};EndpointSuffix=core.windows.net`,
    'TableEndpoint=https://contoso.table.core.windows.net;SharedAccessSignature=sv=invented',
  ])('takes the connection string %s', (connectionString) => {
    expect(storageSettings({ AzureWebJobsStorage: ` ${connectionString} ` })).toStrictEqual({ connectionString });
  });

  it('makes endpoints of an account name', () => {
    expect(storageSettings({ AzureWebJobsStorage__accountName: 'contoso' })).toStrictEqual({
      endpoints: {
        tables: 'https://contoso.table.core.windows.net',
        blobs: 'https://contoso.blob.core.windows.net',
        queues: 'https://contoso.queue.core.windows.net',
      },
      identity: 'default',
      clientId: undefined,
    });
    const government = storageSettings({ Evidence__accountName: 'contoso' }, 'Evidence', 'core.usgovcloudapi.net');
    expect(government).toHaveProperty('endpoints.blobs', 'https://contoso.blob.core.usgovcloudapi.net');
  });

  it('prefers endpoints that are given, and reads the identity', () => {
    const environment = {
      AzureWebJobsStorage: '',
      AzureWebJobsStorage__tableServiceUri: 'https://contoso.table.core.chinacloudapi.cn/',
      AzureWebJobsStorage__accountName: 'contoso',
      AzureWebJobsStorage__credential: 'managedIdentity',
      AzureWebJobsStorage__clientId: '00000000-0000-4000-8000-000000000001',
    };
    expect(storageSettings(environment)).toStrictEqual({
      endpoints: {
        tables: 'https://contoso.table.core.chinacloudapi.cn',
        blobs: 'https://contoso.blob.core.windows.net',
        queues: 'https://contoso.queue.core.windows.net',
      },
      identity: 'managed',
      clientId: '00000000-0000-4000-8000-000000000001',
    });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['nothing', {}, /set AzureWebJobsStorage to .* or AzureWebJobsStorage__accountName/],
    [
      'no queue',
      { AzureWebJobsStorage__tableServiceUri: 'https://a', AzureWebJobsStorage__blobServiceUri: 'https://b' },
      /missing: queueServiceUri/,
    ],
    [
      'a secret that was not resolved',
      { AzureWebJobsStorage: '@Microsoft.KeyVault(VaultName=contoso)' },
      /neither AccountName nor TableEndpoint/,
    ],
    ['an account with dots', { AzureWebJobsStorage__accountName: 'contoso.example' }, /"contoso\.example".*3 to 24/],
    [
      'plain http',
      { AzureWebJobsStorage__tableServiceUri: 'http://contoso.example' },
      /tableServiceUri must be an https/,
    ],
    [
      'an address with a signature',
      { AzureWebJobsStorage__tableServiceUri: 'https://contoso.example?sig=x' },
      /without query/,
    ],
    ['no address', { AzureWebJobsStorage__tableServiceUri: 'contoso' }, /must be an https address/],
  ])('refuses %s', (_, environment, reason) => {
    expect(() => storageSettings(environment)).toThrow(StorageSettingsError);
    expect(() => storageSettings(environment)).toThrow(reason);
  });

  it('never quotes a key', () => {
    expect(() => storageSettings({ AzureWebJobsStorage: `AccountKey=${key}` })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(key) as string }),
    );
  });
});
