import { parentPort, workerData } from 'node:worker_threads';

import type { AzuriteOptions } from './azurite-servers.ts';
import { startServices } from './azurite-services.ts';

const services = await startServices(workerData as AzuriteOptions);
parentPort?.once('message', () => {
  void services.close().then(() => process.exit());
});
parentPort?.postMessage(services.ports);
