import { type AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

import {
  type AzuriteOptions,
  type AzuriteServer,
  type ServiceName,
  type ServicePorts,
  createServers,
} from './azurite-servers.ts';
import { MetadataJournal } from './metadata-journal.ts';

const options = workerData as AzuriteOptions;
const servers = createServers(options);
const journal = new MetadataJournal(options.folder);

for (const [name, server] of Object.entries(servers)) {
  journal.attach(name, server.metadataStore.db);
  if (server.extentMetadataStore) journal.attach(`${name}-extents`, server.extentMetadataStore.db);
  answerOnlyWhatIsWritten(server);
}
const listening: ServicePorts = {
  blob: await start('blob'),
  queue: await start('queue'),
  table: await start('table'),
};
parentPort?.once('message', () => void close());
parentPort?.postMessage(listening);

async function start(service: ServiceName): Promise<number> {
  const server = servers[service];
  try {
    await server.start();
  } catch (error) {
    throw new Error(
      `the ${service} service of local storage cannot listen on 127.0.0.1:${options.ports[service]}: stop the program that ` +
        'does, or choose another port',
      { cause: error },
    );
  }
  return (server.httpServer.address() as AddressInfo).port;
}

/** Every response, whatever writes it, calls `writeHead` before its first byte goes out. */
function answerOnlyWhatIsWritten(server: AzuriteServer): void {
  server.httpServer.prependListener('request', (_request, response) => {
    const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => typeof response;
    response.writeHead = (...head: unknown[]) => {
      journal.flush();
      return writeHead(...head);
    };
  });
}

async function close(): Promise<void> {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  journal.close();
  process.exit();
}
