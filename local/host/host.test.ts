import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InvocationContext } from '@azure/functions';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock, systemClock } from '../../platform/clock.ts';
import { AzureHubs } from '../../platform/hubs.ts';
import { objectOf, textOf } from '../../platform/json.ts';
import { azureStorage } from '../../platform/storage/azure.ts';
import { startAzurite, type Azurite } from '../../test/azurite.ts';
import { startEventHubs, type EventHubsServer } from '../event-hubs/server.ts';
import { parseHostJson } from './host-json.ts';
import { startHost, type Host } from './host.ts';
import { captureFunctions, type FunctionApp } from './registrations.ts';

interface Batch {
  readonly texts: string[];
  readonly partition: string;
  readonly sequenceNumbers: number[];
  readonly retryCount: number | undefined;
}

/** What the functions under test saw, and what they are told to do. */
const seen = { batches: [] as Batch[], queue: [] as unknown[], ticks: 0 };
let onBatch: (batch: Batch) => void = () => undefined;
let onMessage: (message: unknown) => void = () => undefined;

const hostJson = parseHostJson(
  '{"version":"2.0","extensions":{"queues":{"maxDequeueCount":2,"maxPollingInterval":"00:00:01"}}}',
);
let app: FunctionApp;
let folder: string;
let emulator: EventHubsServer;
let azurite: Azurite;
let hubs: AzureHubs;
let logged: string[];

beforeAll(async () => {
  azurite = await startAzurite();
  app = await captureFunctions(async () => {
    const { app } = await import('@azure/functions');
    const options = {
      connection: 'HUBS',
      eventHubName: 'entra',
      cardinality: 'many' as const,
      dataType: 'binary',
      retry: { strategy: 'fixedDelay' as const, maxRetryCount: 2, delayInterval: { seconds: 5 } },
      handler: (messages: unknown, context: InvocationContext) => {
        const metadata = objectOf(context.triggerMetadata) ?? {};
        const batch: Batch = {
          texts: (messages as Buffer[]).map((message) => message.toString('utf8')),
          partition: textOf(objectOf(metadata['partitionContext'])?.['partitionId']) ?? 'none',
          sequenceNumbers: metadata['sequenceNumberArray'] as number[],
          retryCount: context.retryContext?.retryCount,
        };
        seen.batches.push(batch);
        onBatch(batch);
      },
    };
    app.eventHub('batches', options);
    app.storageQueue('queue', {
      queueName: 'alerts',
      connection: 'STORAGE',
      handler: (message: unknown) => {
        seen.queue.push(message);
        onMessage(message);
      },
    });
    app.timer('ticks', {
      schedule: '0 */5 * * * *',
      handler: () => {
        seen.ticks++;
      },
    });
    app.http('greet', {
      route: 'people/{name}',
      methods: ['POST'],
      handler: async (request) => ({
        status: 201,
        jsonBody: { name: request.params['name'], sent: await request.text() },
      }),
    });
  });
});

afterAll(() => azurite.stop());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'host-'));
  emulator = await startEventHubs({ folder: join(folder, 'hubs'), port: 0, hubs: [{ name: 'entra', partitions: 2 }] });
  hubs = new AzureHubs({ connectionString: emulator.connectionString });
  logged = [];
  seen.batches = [];
  seen.queue = [];
  seen.ticks = 0;
  onBatch = () => undefined;
  onMessage = () => undefined;
});

let host: Host | undefined;
const start = async (clock: ManualClock | typeof systemClock = systemClock) => {
  const connections = { HUBS: emulator.connectionString, STORAGE: azurite.connectionString };
  host = await startHost({
    app,
    hostJson,
    connections,
    folder,
    port: 0,
    clock,
    log: (_, message) => void logged.push(message),
  });
  return host;
};

afterEach(async () => {
  await host?.stop();
  host = undefined;
  await hubs.close();
  await emulator.close();
  rmSync(folder, { recursive: true });
});

const send = (key: string, ...texts: string[]) =>
  hubs.send(
    'entra',
    texts.map((text) => ({ body: new TextEncoder().encode(text), key })),
  );
const texts = () => seen.batches.flatMap((batch) => batch.texts);

describe('the Event Hub trigger', () => {
  it('hands over raw bytes with partition and sequence numbers, in order within a partition', async () => {
    await start();
    await send('a', '{"n":1}', 'not json', '"text"');
    await send('a', '4');
    await expect.poll(texts).toEqual(['{"n":1}', 'not json', '"text"', '4']);
    expect(new Set(seen.batches.map(({ partition }) => partition)).size).toBe(1);
    expect(seen.batches.flatMap(({ sequenceNumbers }) => sequenceNumbers)).toEqual([0, 1, 2, 3]);
  });

  it('goes on after the last batch done with, not from the beginning', async () => {
    await start();
    await send('a', '1', '2');
    await expect.poll(texts).toEqual(['1', '2']);
    await host?.stop();
    await send('a', '3');
    seen.batches = [];
    await start();
    await expect.poll(texts).toEqual(['3']);
  });

  it('reads a hub from its beginning that was made anew behind its checkpoints, and says so', async () => {
    await start();
    await send('a', '1', '2');
    await expect.poll(texts).toEqual(['1', '2']);
    await host?.stop();
    await emulator.close();
    rmSync(join(folder, 'hubs'), { recursive: true });
    emulator = await startEventHubs({
      folder: join(folder, 'hubs'),
      port: 0,
      hubs: [{ name: 'entra', partitions: 2 }],
    });
    await hubs.close();
    hubs = new AzureHubs({ connectionString: emulator.connectionString });
    seen.batches = [];
    await start();
    await send('a', 'new');
    await expect.poll(texts).toEqual(['new']);
    expect(logged.join()).toMatch(/was read up to 1, but ends at -1/);
  });

  it('says which hub cannot be reached', async () => {
    await emulator.close();
    await expect(start()).rejects.toThrow(/hub entra at 127\.0\.0\.1 cannot be reached/);
  });

  it('tries a failing batch again under the retry policy, then leaves it behind', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 20, 10, 1));
    onBatch = ({ texts: [first] }) => {
      if (first === 'bad') throw new Error('made to fail');
    };
    await start(clock);
    const timers = clock.waiting;
    await send('a', 'bad');
    for (const attempt of [0, 1]) {
      await expect.poll(() => seen.batches.at(-1)?.retryCount).toBe(attempt);
      await vi.waitFor(() => expect(clock.waiting).toBe(timers + 1));
      clock.advance(5000);
    }
    await expect.poll(() => seen.batches.at(-1)?.retryCount).toBe(2);
    await send('a', 'good');
    await expect.poll(texts).toEqual(['bad', 'bad', 'bad', 'good']);
  });

  it('delivers again a batch in whose retries the host stopped', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 20, 10, 1));
    onBatch = () => {
      throw new Error('made to fail');
    };
    await start(clock);
    const timers = clock.waiting;
    await send('a', '1');
    await vi.waitFor(() => expect(clock.waiting).toBe(timers + 1));
    await host?.stop();
    onBatch = () => undefined;
    seen.batches = [];
    await start();
    await expect.poll(texts).toEqual(['1']);
  });
});

describe('the queue trigger', () => {
  it('deletes a message that was handled, and moves one that fails too often to the poison queue', async () => {
    const { QueueServiceClient } = await import('@azure/storage-queue');
    const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
    const { queues } = azureStorage({ connectionString: azurite.connectionString });
    onMessage = (message) => {
      if (message === 'bad') throw new Error('made to fail');
    };
    await start();
    await queues.send('alerts', 'bad');
    await queues.send('alerts', 'good');
    const poison = service.getQueueClient('alerts-poison');
    await expect
      .poll(async () => ((await poison.exists()) ? (await poison.peekMessages()).peekedMessageItems : []), {
        timeout: 10_000,
      })
      .toMatchObject([{ messageText: Buffer.from('bad').toString('base64') }]);
    await expect
      .poll(async () => (await service.getQueueClient('alerts').getProperties()).approximateMessagesCount)
      .toBe(0);
    expect(seen.queue.filter((message) => message === 'bad')).toHaveLength(2);
    expect(seen.queue.filter((message) => message === 'good')).toHaveLength(1);
  });
});

describe('the timer trigger', () => {
  it('runs when its schedule says, by the clock', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 20, 10, 1));
    await start(clock);
    clock.advance(3 * 60_000);
    expect(seen.ticks).toBe(0);
    clock.advance(60_000);
    await expect.poll(() => seen.ticks).toBe(1);
  });
});

describe('the HTTP trigger', () => {
  it('routes by path and method', async () => {
    const { url } = await start();
    const answer = await fetch(`${url}/people/mara`, { method: 'POST', body: 'hello' });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ name: 'mara', sent: 'hello' });
    expect((await fetch(`${url}/people/mara`)).status).toBe(405);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await fetch(`${url}/people/%zz`, { method: 'POST' })).status).toBe(400);
  });
});
