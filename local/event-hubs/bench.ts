/**
 * Measures the emulator with the real client, and prints one line of JSON:
 *
 *     node local/event-hubs/bench.ts [thread|process|apart] [events]
 *
 * with the emulator in a thread of its own, in the client's thread, or in a process of its own, whose memory and processor
 * time are then told apart from the client's.
 */
import { EventHubConsumerClient, EventHubProducerClient, earliestEventPosition } from '@azure/event-hubs';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import rhea from 'rhea';
import { startEventHubs } from './server.ts';
import { startEventHubsThread } from './thread.ts';

const HUB = 'bench';
const PARTITIONS = ['0', '1', '2', '3'];
const EVENTS_PER_BATCH = 500;
const LATENCY_EVENTS = 200;
const body = Buffer.alloc(1024, 'x');

/** What a process has used so far: seconds of processor time, and memory now. */
interface Usage {
  readonly seconds: number;
  readonly rssMegabytes: number;
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { seconds: (user + system) / 1e6, rssMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20) };
}

interface Emulator {
  readonly connectionString: string;
  /** Of the emulator's process, which may be this one. */
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

async function startHere(mode: string, folder: string): Promise<Emulator> {
  const start = mode === 'thread' ? startEventHubsThread : startEventHubs;
  const retention = { bytesPerPartition: 2 ** 31, segmentBytes: 2 ** 23 };
  const hubs = [{ name: HUB, partitions: PARTITIONS.length }];
  const server = await start({ folder, port: 0, hubs, retention });
  return { connectionString: server.connectionString, usage: async () => usage(), close: () => server.close() };
}

async function startApart(folder: string): Promise<Emulator> {
  const child = fork(fileURLToPath(import.meta.url), ['serve', folder]);
  const [connectionString] = (await once(child, 'message')) as [string];
  return {
    connectionString,
    usage: async () => {
      child.send('usage');
      const [answer] = (await once(child, 'message')) as [Usage];
      return answer;
    },
    close: async () => {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** The process that `startApart` starts. */
async function serve(folder: string): Promise<void> {
  const emulator = await startHere('process', folder);
  process.on('message', () => process.send?.(usage()));
  process.on('disconnect', () => void emulator.close());
  process.send?.(emulator.connectionString);
}

async function measure(mode: string, events: number): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'event-hubs-bench-'));
  const emulator = await (mode === 'apart' ? startApart(folder) : startHere(mode, folder));
  const producer = new EventHubProducerClient(emulator.connectionString, HUB);
  const consumer = new EventHubConsumerClient('$Default', emulator.connectionString, HUB);

  const both = await cost(emulator, events, Promise.all([send(producer, events), receive(consumer, events)]));
  const sending = await cost(emulator, events, send(producer, events));
  const receiving = await cost(emulator, 2 * events, receive(consumer, 2 * events));
  const { rssMegabytes } = await emulator.usage();
  const milliseconds = {
    client: await clientLatency(producer, consumer),
    wire: await wireLatency(producer, emulator.connectionString),
  };
  await producer.close();
  await consumer.close();
  await emulator.close();
  rmSync(folder, { recursive: true });
  return { mode, events, sendAndReceive: both, send: sending, receive: receiving, rssMegabytes, milliseconds };
}

/** What it costs to send or receive so many events, and how many that makes in a second. */
async function cost(emulator: Emulator, events: number, work: Promise<unknown>): Promise<object> {
  const before = await emulator.usage();
  const client = usage();
  const from = performance.now();
  await work;
  const seconds = (performance.now() - from) / 1000;
  const micros = (used: number) => Math.round((used / events) * 1e7) / 10;
  return {
    eventsPerSecond: Math.round(events / seconds),
    clientMicrosPerEvent: micros(usage().seconds - client.seconds),
    emulatorMicrosPerEvent: micros((await emulator.usage()).seconds - before.seconds),
  };
}

/** Sends on each partition, one batch after another. */
async function send(producer: EventHubProducerClient, events: number): Promise<void> {
  const share = events / PARTITIONS.length;
  await Promise.all(
    PARTITIONS.map(async (partitionId) => {
      for (let sent = 0; sent < share; sent += EVENTS_PER_BATCH) {
        const batch = await producer.createBatch({ partitionId });
        for (let index = sent; index < Math.min(share, sent + EVENTS_PER_BATCH); index++) batch.tryAdd({ body });
        await producer.sendBatch(batch);
      }
    }),
  );
}

/** Resolves once so many events of the hub were received. */
async function receive(consumer: EventHubConsumerClient, events: number): Promise<void> {
  let received = 0;
  const done = Promise.withResolvers<undefined>();
  const subscription = consumer.subscribe(
    {
      processEvents: async (batch) => {
        received += batch.length;
        if (received >= events) done.resolve(undefined);
      },
      processError: async (error) => done.reject(error),
    },
    { startPosition: earliestEventPosition, maxBatchSize: 1000, skipParsingBodyAsJson: true },
  );
  await done.promise;
  await subscription.close();
}

/** Milliseconds from a send to its arrival, where each event has arrived before the next is sent. */
async function latency(producer: EventHubProducerClient, arrival: () => Promise<unknown>): Promise<object> {
  const found: number[] = [];
  for (let index = 0; index < LATENCY_EVENTS; index++) {
    const arrived = arrival();
    const from = performance.now();
    await Promise.all([producer.sendBatch([{ body }], { partitionId: '0' }), arrived]);
    found.push(performance.now() - from);
  }
  found.sort((a, b) => a - b);
  const share = (part: number) => Number(found[Math.floor(part * (found.length - 1))]?.toFixed(2));
  return { p50: share(0.5), p99: share(0.99) };
}

async function clientLatency(producer: EventHubProducerClient, consumer: EventHubConsumerClient): Promise<object> {
  const { lastEnqueuedSequenceNumber: sequenceNumber } = await producer.getPartitionProperties('0');
  let arrived = Promise.withResolvers<undefined>();
  const subscription = consumer.subscribe(
    '0',
    {
      processEvents: async ({ length }) => {
        if (length > 0) arrived.resolve(undefined);
      },
      processError: async (error) => arrived.reject(error),
    },
    { startPosition: { sequenceNumber } },
  );
  const result = await latency(producer, () => {
    arrived = Promise.withResolvers();
    return arrived.promise;
  });
  await subscription.close();
  return result;
}

/** As the client, without its wait of 20 ms for further events. */
async function wireLatency(producer: EventHubProducerClient, connectionString: string): Promise<object> {
  const port = Number(/:(\d+);/.exec(connectionString)?.[1]);
  const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties('0');
  const connection = rhea.create_container().connect({ port, host: '127.0.0.1', reconnect: false });
  const selector = `amqp.annotation.x-opt-sequence-number > '${lastEnqueuedSequenceNumber}'`;
  const receiver = connection.open_receiver({
    source: {
      address: `${HUB}/ConsumerGroups/$Default/Partitions/0`,
      filter: { 'apache.org:selector-filter:string': selector },
    },
  });
  const result = await latency(producer, () => once(receiver, 'message'));
  connection.close();
  return result;
}

const [mode = 'thread', argument = '200000'] = process.argv.slice(2);
if (mode === 'serve') await serve(argument);
else process.stdout.write(`${JSON.stringify(await measure(mode, Number(argument)))}\n`);
