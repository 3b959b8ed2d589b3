import type { AddressInfo } from 'node:net';

import {
  type AzuriteOptions,
  type AzuriteServer,
  type ServiceName,
  type ServicePorts,
  createServers,
} from './azurite-servers.ts';
import { MetadataJournal } from './metadata-journal.ts';
import { readOnePartition } from './partition-queries.ts';

/** Azurite's services, listening. */
export interface AzuriteServices {
  readonly ports: ServicePorts;
  close(): Promise<void>;
}

/**
 * Starts Azurite's services in this thread, with what they acknowledged before.
 * @throws Error where a port is taken, the data is damaged, or Azurite is not of the version that was verified.
 */
export async function startServices(options: AzuriteOptions): Promise<AzuriteServices> {
  const servers = createServers(options);
  const journal = new MetadataJournal(options.folder, options.compactAtBytes);
  for (const [name, server] of Object.entries(servers)) {
    journal.attach(name, server.metadataStore.db);
    if (server.extentMetadataStore) journal.attach(`${name}-extents`, server.extentMetadataStore.db);
    answerOnlyWhatIsWritten(server, journal);
  }
  readOnePartition(servers.table.metadataStore);
  const start = async (service: ServiceName): Promise<number> => {
    const { httpServer } = servers[service];
    try {
      await servers[service].start();
    } catch (error) {
      throw new Error(
        `local storage cannot listen on 127.0.0.1:${options.ports[service]} for its ${service} service: ` +
          'end the program that does, or choose another port',
        { cause: error },
      );
    }
    return (httpServer.address() as AddressInfo).port;
  };
  return {
    ports: { blob: await start('blob'), queue: await start('queue'), table: await start('table') },
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
      journal.close();
    },
  };
}

/** Every response, whatever writes it, calls `writeHead` before its first byte goes out. */
function answerOnlyWhatIsWritten(server: AzuriteServer, journal: MetadataJournal): void {
  server.httpServer.prependListener('request', (_request, response) => {
    const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => typeof response;
    response.writeHead = (...head: unknown[]) => {
      journal.flush();
      return writeHead(...head);
    };
  });
}
