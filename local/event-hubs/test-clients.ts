/** The real clients, as the tests of the emulator use them. */
import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type EventPosition,
  type MessagingError,
  type ReceivedEventData,
  type RetryOptions,
  type SubscribeOptions,
  type Subscription,
} from '@azure/event-hubs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import rhea, { type Connection } from 'rhea';
import { onTestFinished, vi } from 'vitest';
import { startEventHubs, type EventHubsOptions, type EventHubsServer } from './server.ts';

export const EARLIEST: EventPosition = { offset: '-1' };
/** Quick enough for a test, and still the client's own way of trying again. */
export const RETRY: RetryOptions = { maxRetries: 5, retryDelayInMs: 20, maxRetryDelayInMs: 100, timeoutInMs: 10_000 };

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'event-hubs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server that closes with the test. Without more said it has one hub, `entra`, of four partitions. */
export async function start(options: Partial<EventHubsOptions> = {}): Promise<EventHubsServer> {
  const server = await startEventHubs({
    folder: options.folder ?? temporaryFolder(),
    port: 0,
    hubs: [{ name: 'entra', partitions: 4, consumerGroups: ['second'] }],
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

export function producerOf(
  server: { connectionString: string },
  hub = 'entra',
  retryOptions: RetryOptions = {},
): EventHubProducerClient {
  const producer = new EventHubProducerClient(server.connectionString, hub, {
    retryOptions: { ...RETRY, ...retryOptions },
  });
  onTestFinished(() => producer.close());
  return producer;
}

export function consumerOf(
  server: { connectionString: string },
  group = '$Default',
  hub = 'entra',
): EventHubConsumerClient {
  const consumer = new EventHubConsumerClient(group, server.connectionString, hub, { retryOptions: RETRY });
  onTestFinished(() => consumer.close());
  return consumer;
}

/** What one subscription has seen so far. */
export interface Seen {
  readonly events: ReceivedEventData[];
  readonly errors: (Error | MessagingError)[];
  /** The bodies, in the order of arrival. */
  bodies(): unknown[];
  close(): Promise<void>;
}

/** Subscribes to one partition. */
export function watch(
  consumer: EventHubConsumerClient,
  partition: string,
  startPosition: EventPosition = EARLIEST,
  options: SubscribeOptions = {},
): Seen {
  const events: ReceivedEventData[] = [];
  const errors: Error[] = [];
  const subscription: Subscription = consumer.subscribe(
    partition,
    {
      processEvents: async (batch) => void events.push(...batch),
      processError: async (error) => void errors.push(error),
    },
    { startPosition, maxBatchSize: 100, ...options },
  );
  return { events, errors, bodies: () => events.map(({ body }) => body as unknown), close: () => subscription.close() };
}

/** Connects as another AMQP client than Azure's. */
export function connectRaw({ port }: { port: number }): Connection {
  const container = rhea.create_container();
  // What a test does not look at must not end it.
  for (const event of ['disconnected', 'sender_error', 'receiver_error']) container.on(event, () => undefined);
  const connection = container.connect({ port, host: '127.0.0.1', reconnect: false });
  onTestFinished(() => connection.close());
  return connection;
}

/** Condition of the error of an Azure client, as `MessagingError` tells it. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The body of an AMQP message that holds bytes; of a batch, where there are several. */
export function dataOf(...bytes: readonly Buffer[]): unknown {
  return bytes.length === 1 ? rhea.message.data_section(bytes[0]) : rhea.message.data_sections(bytes);
}

/** Waits until the assertion holds; long enough for a busy machine. */
export async function eventually(assertion: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(assertion, { timeout: 20_000, interval: 10 });
}
