import { fork } from 'node:child_process';
import { once } from 'node:events';

/** From the moment an alert is put in the queue of those that people are told of to the moment its automatic response was seen in effect; milliseconds. */
export interface ResponseLatency {
  readonly incidentsPerSecond: number;
  readonly incidents: number;
  readonly p50: number;
  readonly p99: number;
}

/** Measures the local edition with an automatic binding of `nsg-deny`, against a network that takes no time. */
export async function benchResponse(): Promise<readonly ResponseLatency[]> {
  // What another edition of this process left behind names services that are gone.
  const { CROSSTRAIL_HUBS: _hubs, AzureWebJobsStorage: _storage, ...env } = process.env;
  const child = fork(new URL('response-edition.ts', import.meta.url), { env });
  const ended = once(child, 'exit');
  const measured: readonly ResponseLatency[] = await new Promise((resolve, reject) => {
    child.once('message', (latencies) => resolve(latencies as readonly ResponseLatency[]));
    child.once('error', reject);
    void ended.then(([code]) => reject(new Error(`the edition ended with ${String(code)} and measured nothing`)));
  });
  await ended;
  return measured;
}
