import { parentPort, workerData } from 'node:worker_threads';
import { startEventHubs, type EventHubsOptions, type EventHubsServer } from './server.ts';
import type { Notice, NumberedRequest, Request } from './thread.ts';

/** The code of the thread that `startEventHubsThread` starts. */
async function main(options: EventHubsOptions): Promise<void> {
  const say = (notice: Notice) => parentPort?.postMessage(notice);
  const server = await startEventHubs({ ...options, warn: (message) => say({ type: 'warning', message }) });
  parentPort?.on('message', ({ id, request }: NumberedRequest) => {
    void perform(server, request).then(async () => {
      const statistics = request.ask === 'statistics' ? await server.statistics() : [];
      say({ type: 'answer', id, statistics });
    });
  });
  say({ type: 'listening', port: server.port, connectionString: server.connectionString });
}

async function perform(server: EventHubsServer, request: Request): Promise<void> {
  switch (request.ask) {
    case 'inject':
      return server.inject(request.faults);
    case 'dropConnections':
      return server.dropConnections();
    case 'close':
      return server.close();
    case 'statistics':
      return;
  }
}

// Both sides of the thread are one program: what it is given is what `startEventHubsThread` gave.
await main(workerData as EventHubsOptions);
