import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { type AzuriteOptions, type ServicePorts } from './azurite-servers.ts';

/** The account of every storage emulator: its name and key are published by Microsoft and protect nothing. */
const ACCOUNT_NAME = 'devstoreaccount1';
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Storage on this machine. */
export interface Azurite {
  /** For the clients of blobs, queues and tables; those of tables need `allowInsecureConnection`. */
  readonly connectionString: string;
  /** The ports that are listened on, on 127.0.0.1. */
  readonly ports: ServicePorts;
  /** Ends it; what was not yet answered may be lost. */
  close(): Promise<void>;
}

/**
 * Starts Azurite in a thread of its own. What it has acknowledged survives the end of the process by SIGKILL at any
 * moment, and is there when it is started again on the same folder, which one process may use at a time.
 *
 * A failure later on (a full disk) is an uncaught exception of this process: its state could no longer be trusted.
 *
 * @param options.folder where the data is; made where there is none
 * @param options.ports 0 is any free port, as is leaving them out
 * @throws Error where a port is taken, the data is damaged, or Azurite is not of the version that this was made for
 */
export async function startAzurite(options: {
  readonly folder: string;
  readonly ports?: ServicePorts;
}): Promise<Azurite> {
  const workerData: AzuriteOptions = {
    folder: options.folder,
    ports: options.ports ?? { blob: 0, queue: 0, table: 0 },
  };
  // Without the variables of the environment by which Azurite takes other accounts and another database.
  const worker = new Worker(new URL('./azurite-worker.ts', import.meta.url), { workerData, env: {} });
  const [ports] = (await once(worker, 'message')) as [ServicePorts];
  const endpoint = (name: string, port: number) => `${name}Endpoint=http://127.0.0.1:${port}/${ACCOUNT_NAME};`;
  return {
    connectionString:
      `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT_NAME};AccountKey=${ACCOUNT_KEY};` +
      endpoint('Blob', ports.blob) +
      endpoint('Queue', ports.queue) +
      endpoint('Table', ports.table),
    ports,
    close: async () => {
      const exited = once(worker, 'exit');
      worker.postMessage('close');
      await exited;
    },
  };
}
