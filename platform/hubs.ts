import { createHash } from 'node:crypto';
import type { EventHubProducerClient } from '@azure/event-hubs';
import { Limiter } from './limiter.ts';

/** One message for an event hub. */
export interface HubMessage {
  readonly body: Uint8Array;
  /** Messages of one key reach one partition in order; without it the service chooses. */
  readonly key?: string | undefined;
}

/** Thrown when a message is larger than the hub takes (1 MiB in the Standard tier). */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError';
}

/** Sending to event hubs. */
export interface Hubs {
  /**
   * Sends every message; resolves when the service has accepted all. On failure some may have been accepted: sending
   * again may repeat them, which receivers bear because ids are deterministic.
   * @throws MessageTooLargeError where one message alone is larger than the hub takes
   */
  send(hub: string, messages: readonly HubMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** How to reach a namespace: by connection string, or by its host name and the identity that the process runs under. */
export type HubSettings =
  { readonly connectionString: string } | { readonly namespace: string; readonly clientId?: string | undefined };

/**
 * Reads the settings of a connection as Azure Functions names them: `<name>` holds a connection string, or
 * `<name>__fullyQualifiedNamespace` a host name, with `<name>__clientId` for a user-assigned identity.
 * @throws Error that names the settings, where neither is there
 */
export function hubSettings(name: string, environment: NodeJS.ProcessEnv): HubSettings {
  const connectionString = environment[name];
  if (connectionString !== undefined && connectionString !== '') return { connectionString };
  const namespace = environment[`${name}__fullyQualifiedNamespace`];
  if (namespace !== undefined && namespace !== '') return { namespace, clientId: environment[`${name}__clientId`] };
  throw new Error(
    `no event hub is configured: set ${name} to a connection string, or ${name}__fullyQualifiedNamespace to <namespace>.servicebus.windows.net`,
  );
}

/** The service takes keys of at most 128 characters. */
const MAX_KEY = 128;

/** A longer key is replaced by a hash: the same key still reaches the same partition. */
export const partitionKey = (key: string): string =>
  key.length <= MAX_KEY ? key : createHash('sha256').update(key).digest('hex');

/**
 * Sends under way to one hub, at most. A link has places for a few hundred; past them the client gives up at once and tries again only after its
 * retry delay, so the wait is better spent here.
 */
const SENDS_AT_ONCE = 64;

/** The client's own delay is thirty seconds, which is long where an alert waits; it doubles with every attempt. */
const RETRY_OPTIONS = { retryDelayInMs: 500, maxRetryDelayInMs: 10_000, maxRetries: 6 };

interface Producer {
  readonly client: EventHubProducerClient;
  readonly limiter: Limiter;
}

/** Sends to a namespace through the Event Hubs SDK, which is loaded when it is first needed. */
export class AzureHubs implements Hubs {
  readonly #settings: HubSettings;
  readonly #producers = new Map<string, Promise<Producer>>();

  constructor(settings: HubSettings) {
    this.#settings = settings;
  }

  async send(hub: string, messages: readonly HubMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { client, limiter } = await this.#producer(hub);
    const byKey = Map.groupBy(messages, ({ key }) => (key === undefined ? undefined : partitionKey(key)));
    await Promise.all([...byKey].map(([key, group]) => limiter.run(() => sendGroup(client, hub, key, group))));
  }

  async close(): Promise<void> {
    const producers = await Promise.allSettled(this.#producers.values());
    this.#producers.clear();
    for (const producer of producers) if (producer.status === 'fulfilled') await producer.value.client.close();
  }

  #producer(hub: string): Promise<Producer> {
    const known = this.#producers.get(hub);
    if (known) return known;
    const made = connect(this.#settings, hub).then((client) => ({ client, limiter: new Limiter(SENDS_AT_ONCE) }));
    this.#producers.set(hub, made);
    made.catch(() => this.#producers.delete(hub));
    return made;
  }
}

async function connect(settings: HubSettings, hub: string): Promise<EventHubProducerClient> {
  const { EventHubProducerClient, RetryMode } = await import('@azure/event-hubs');
  const retryOptions = { mode: RetryMode.Exponential, ...RETRY_OPTIONS };
  if ('connectionString' in settings)
    return new EventHubProducerClient(settings.connectionString, hub, { retryOptions });
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential({ managedIdentityClientId: settings.clientId });
  return new EventHubProducerClient(settings.namespace, hub, credential, { retryOptions });
}

async function sendGroup(
  producer: EventHubProducerClient,
  hub: string,
  key: string | undefined,
  messages: readonly HubMessage[],
): Promise<void> {
  const options = key === undefined ? {} : { partitionKey: key };
  let batch = await producer.createBatch(options);
  for (const { body } of messages) {
    const event = { body: Buffer.from(body) };
    if (batch.tryAdd(event)) continue;
    if (batch.count > 0) {
      await producer.sendBatch(batch);
      batch = await producer.createBatch(options);
      if (batch.tryAdd(event)) continue;
    }
    throw new MessageTooLargeError(
      `a message of ${body.length} bytes is larger than hub ${hub} takes (${batch.maxSizeInBytes} bytes)`,
    );
  }
  if (batch.count > 0) await producer.sendBatch(batch);
}

/** Hubs that keep what was sent, for tests and for running without services. */
export class MemoryHubs implements Hubs {
  readonly sent = new Map<string, HubMessage[]>();

  async send(hub: string, messages: readonly HubMessage[]): Promise<void> {
    const kept = this.sent.get(hub) ?? [];
    kept.push(...messages);
    this.sent.set(hub, kept);
  }

  async close(): Promise<void> {
    this.sent.clear();
  }
}
