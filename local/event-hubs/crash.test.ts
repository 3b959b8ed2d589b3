import { EventHubProducerClient } from '@azure/event-hubs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { consumerOf, eventually, start, temporaryFolder, watch } from './test-clients.ts';

const SERVER = fileURLToPath(new URL('./test-server.ts', import.meta.url));
const SENDERS = 4;

/** Sends until the server is killed; gives the bodies that were accepted. */
async function sendUntilKilled(mode: string, folder: string, run: number): Promise<string[]> {
  const server = spawn(process.execPath, [SERVER, mode, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(server, 'exit');
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const producer = new EventHubProducerClient(line.toString().trim(), 'entra', { retryOptions: { maxRetries: 0 } });
  const accepted: string[] = [];
  let killed = false;
  const send = async (sender: number) => {
    for (let index = 0; !killed; index++) {
      const bodies = Array.from({ length: 1 + (index % 7) }, (_, place) => `${run} ${sender} ${index} ${place}`);
      const partitionId = (sender % 2).toString();
      await producer.sendBatch(
        bodies.map((body) => ({ body, properties: { filling: 'x'.repeat(500) } })),
        { partitionId },
      );
      accepted.push(...bodies);
    }
  };
  // What was under way when the server was killed never ends; no one waits for it.
  for (let sender = 0; sender < SENDERS; sender++) send(sender).catch(() => undefined);
  // Where in the work the end comes is what is tried.
  const enough = 20 + Math.random() * 500;
  await eventually(() => expect(accepted.length).toBeGreaterThan(enough));
  server.kill('SIGKILL');
  await ended;
  killed = true;
  producer.close().catch(() => undefined);
  return accepted;
}

test.each(['process', 'thread'])('SIGKILL loses no accepted event: %s', async (mode) => {
  const folder = temporaryFolder();
  const accepted: string[] = [];
  for (let run = 0; run < 4; run++) {
    accepted.push(...(await sendUntilKilled(mode, folder, run)));
  }
  const server = await start({ folder, hubs: [{ name: 'entra', partitions: 2 }] });
  const [hub] = await server.statistics();
  const consumer = consumerOf(server);
  const seen = ['0', '1'].map((partition) => watch(consumer, partition));
  await eventually(() => {
    for (const [index, { events }] of seen.entries())
      expect(events.length).toBe((hub?.partitions[index]?.last ?? 0) + 1);
  });
  const kept = new Set(seen.flatMap((each) => each.bodies()));
  expect(accepted.filter((body) => !kept.has(body))).toEqual([]);
  for (const { events } of seen) {
    expect(events.map(({ sequenceNumber }) => sequenceNumber)).toEqual(events.map((_, index) => index));
    expect(events.every(({ properties }) => properties?.['filling'] === 'x'.repeat(500))).toBe(true);
  }
});
