import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import type { AzuriteOptions, ServicePorts } from './azurite-servers.ts';
import { connectionStringOf } from './connection-string.ts';

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
 * @param options.compactAtBytes the least size of the journal at which it is compacted; 16 MiB unless stated
 * @throws Error where a port is taken, the data is damaged, or Azurite is not of the version that this was made for
 */
export async function startAzurite(options: {
  readonly folder: string;
  readonly ports?: ServicePorts;
  readonly compactAtBytes?: number;
}): Promise<Azurite> {
  const workerData: AzuriteOptions = { ...options, ports: options.ports ?? { blob: 0, queue: 0, table: 0 } };
  // Without the variables of the environment by which Azurite takes other accounts, and this process's own options.
  const isolated = { env: {}, execArgv: [] };
  const worker = new Worker(new URL('./azurite-worker.ts', import.meta.url), { workerData, ...isolated });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  const [ports] = (await once(worker, 'message')) as [ServicePorts];
  return {
    connectionString: connectionStringOf(ports),
    ports,
    close: async () => {
      worker.postMessage('close');
      await exited;
    },
  };
}
