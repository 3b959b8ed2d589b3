// `import type` throughout these files: `import { type X }` leaves `import {}` behind, which loads the SDK.
import type { TokenCredential } from '@azure/identity';
import { AzureBlobs } from './azure-blobs.ts';
import { AzureQueues } from './azure-queues.ts';
import { AzureTables, type TableConnection } from './azure-tables.ts';
import type { Storage } from './ports.ts';
import type { StorageSettings } from './settings.ts';

/**
 * Tables, blobs and queues of one storage account, or of Azurite. Each SDK is loaded when its service is first used, which
 * keeps a cold start short. Nothing is contacted before then.
 */
export function azureStorage(settings: StorageSettings): Storage {
  return 'connectionString' in settings ? byConnectionString(settings.connectionString) : byIdentity(settings);
}

function byConnectionString(connectionString: string): Storage {
  // Azurite speaks plain HTTP, and the tables SDK wants to be told that this is meant.
  const allowInsecureConnection = /UseDevelopmentStorage=true|=http(:|;|$)/i.test(connectionString);
  const tables: TableConnection = {
    async table(name, options) {
      const { TableClient } = await import('@azure/data-tables');
      return TableClient.fromConnectionString(connectionString, name, { ...options, allowInsecureConnection });
    },
    async service(options) {
      const { TableServiceClient } = await import('@azure/data-tables');
      return TableServiceClient.fromConnectionString(connectionString, { ...options, allowInsecureConnection });
    },
  };
  return {
    tables: new AzureTables(tables),
    blobs: new AzureBlobs(
      once(async () => (await import('@azure/storage-blob')).BlobServiceClient.fromConnectionString(connectionString)),
    ),
    queues: new AzureQueues(
      once(async () =>
        (await import('@azure/storage-queue')).QueueServiceClient.fromConnectionString(connectionString),
      ),
    ),
  };
}

function byIdentity(settings: Exclude<StorageSettings, { connectionString: string }>): Storage {
  const { endpoints } = settings;
  // One credential for the three services: it remembers its tokens.
  const credential = once(() => credentialOf(settings));
  const tables: TableConnection = {
    async table(name, options) {
      const { TableClient } = await import('@azure/data-tables');
      return new TableClient(endpoints.tables, name, await credential(), options);
    },
    async service(options) {
      const { TableServiceClient } = await import('@azure/data-tables');
      return new TableServiceClient(endpoints.tables, await credential(), options);
    },
  };
  return {
    tables: new AzureTables(tables),
    blobs: new AzureBlobs(
      once(
        async () => new (await import('@azure/storage-blob')).BlobServiceClient(endpoints.blobs, await credential()),
      ),
    ),
    queues: new AzureQueues(
      once(
        async () => new (await import('@azure/storage-queue')).QueueServiceClient(endpoints.queues, await credential()),
      ),
    ),
  };
}

async function credentialOf(
  settings: Exclude<StorageSettings, { connectionString: string }>,
): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  const { clientId } = settings;
  if (settings.identity === 'managed') {
    return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  }
  return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
}

/** A maker that makes once, when first called; a failure is not kept. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
