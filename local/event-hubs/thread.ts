import { Worker } from 'node:worker_threads';
import type { Faults } from './faults.ts';
import type { HubStatistics } from './hub.ts';
import type { EventHubsOptions, EventHubsServer } from './server.ts';

/** What the thread is asked to do. */
export type Request =
  { readonly ask: 'statistics' | 'dropConnections' | 'close' } | { readonly ask: 'inject'; readonly faults: Faults };

/** A request with the number that its answer carries. */
export interface NumberedRequest {
  readonly id: number;
  readonly request: Request;
}

/** What the thread says. */
export type Notice =
  | { readonly type: 'listening'; readonly port: number; readonly connectionString: string }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'answer'; readonly id: number; readonly statistics: HubStatistics[] };

interface Pending {
  readonly resolve: (statistics: HubStatistics[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts an emulator of Event Hubs in a thread of its own, so that it has a core to itself and a busy process does not keep
 * its clients waiting; the end of the process, by SIGKILL too, still ends both at once.
 *
 * Takes and gives what `startEventHubs` does. Where the thread fails later, that is told as a warning, and what is asked of
 * it is rejected.
 * @throws Error with the name and message that `startEventHubs` throws
 */
export async function startEventHubsThread({ warn, ...options }: EventHubsOptions): Promise<EventHubsServer> {
  const report = warn ?? ((message: string) => void process.stderr.write(`event hubs: ${message}\n`));
  const worker = new Worker(new URL('./thread-worker.ts', import.meta.url), { workerData: options });
  const pending = new Map<number, Pending>();
  let requests = 0;
  let listening = false;
  let ended: Error | undefined;
  const ask = (request: Request): Promise<HubStatistics[]> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended);
        return;
      }
      const id = requests++;
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, request } satisfies NumberedRequest);
    });
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const { port, connectionString } = await new Promise<Extract<Notice, { type: 'listening' }>>((resolve, reject) => {
    worker.on('message', (notice: Notice) => {
      switch (notice.type) {
        case 'listening':
          listening = true;
          resolve(notice);
          break;
        case 'warning':
          report(notice.message);
          break;
        case 'answer':
          pending.get(notice.id)?.resolve(notice.statistics);
          pending.delete(notice.id);
          break;
      }
    });
    worker.on('error', (error) => {
      const reason = error instanceof Error ? error : new Error(String(error));
      if (listening) report(`the thread of the emulator failed: ${reason.message}`);
      end(reason);
      reject(reason);
    });
    worker.on('exit', () => end(new Error('The thread of the Event Hubs emulator has ended.')));
  });
  let closing: Promise<void> | undefined;
  const close = async () => {
    if (ended === undefined) await ask({ ask: 'close' });
    await worker.terminate();
  };
  return {
    port,
    connectionString,
    statistics: () => ask({ ask: 'statistics' }),
    inject: async (faults) => {
      await ask({ ask: 'inject', faults });
    },
    dropConnections: async () => {
      await ask({ ask: 'dropConnections' });
    },
    close: () => (closing ??= close()),
  };
}
