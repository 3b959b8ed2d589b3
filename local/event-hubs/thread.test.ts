import { expect, onTestFinished, test } from 'vitest';
import type { EventHubsOptions, EventHubsServer } from './server.ts';
import { consumerOf, eventually, producerOf, start, temporaryFolder, watch } from './test-clients.ts';
import { startEventHubsThread } from './thread.ts';

async function startThread(options: Partial<EventHubsOptions> = {}): Promise<EventHubsServer> {
  const hubs = [{ name: 'entra', partitions: 2 }];
  const server = await startEventHubsThread({ folder: temporaryFolder(), port: 0, hubs, ...options });
  onTestFinished(() => server.close());
  return server;
}

test('serves from a thread, and does what a server in this thread does', async () => {
  const server = await startThread({ faults: { refuseSends: 1 } });
  const producer = producerOf(server);
  await producer.sendBatch([{ body: 'a' }], { partitionId: '1' });
  await server.inject({ refuseSends: 1 });
  await producer.sendBatch([{ body: 'b' }], { partitionId: '1' });
  const seen = watch(consumerOf(server), '1', { offset: '-1' }, { maxWaitTimeInSeconds: 1 });
  await eventually(() => expect(seen.bodies()).toEqual(['a', 'b']));
  const [hub] = await server.statistics();
  expect(hub).toMatchObject({ hub: 'entra', partitions: [{ last: -1 }, { last: 1, receivers: 1 }] });
  await producer.close();
  await server.dropConnections();
  await eventually(async () => expect((await server.statistics())[0]?.partitions[1]?.receivers).toBe(0));
  await eventually(async () => expect((await server.statistics())[0]?.partitions[1]?.receivers).toBe(1));
});

test('keeps its events for the next start, and gives the folder free', async () => {
  const folder = temporaryFolder();
  const first = await startThread({ folder });
  await producerOf(first).sendBatch([{ body: 'a' }], { partitionId: '0' });
  await expect(start({ folder })).rejects.toThrow('is in use');
  await first.close();
  await first.close();
  const second = await start({ folder });
  const seen = watch(consumerOf(second), '0');
  await eventually(() => expect(seen.bodies()).toEqual(['a']));
});

test('tells why it could not start', async () => {
  const folder = temporaryFolder();
  await start({ folder });
  await expect(startThread({ folder })).rejects.toMatchObject({ name: 'FolderInUseError' });
  await expect(startThread({ hubs: [{ name: '?', partitions: 1 }] })).rejects.toThrow('"?" is no name');
});

test('once closed, answers no more', async () => {
  const server = await startThread();
  await server.close();
  await expect(server.statistics()).rejects.toThrow('has ended');
});

test('passes warnings on', async () => {
  const folder = temporaryFolder();
  const first = await startThread({ folder });
  await producerOf(first).sendBatch([{ body: 'a' }], { partitionId: '0' });
  await first.close();
  const { appendFileSync, readdirSync } = await import('node:fs');
  const [segment = ''] = readdirSync(`${folder}/entra/0`);
  appendFileSync(`${folder}/entra/0/${segment}`, 'torn');
  const warnings: string[] = [];
  await startThread({ folder, warn: (message) => warnings.push(message) });
  await eventually(() => expect(warnings).toMatchObject([expect.stringContaining('4 bytes after byte')]));
});
