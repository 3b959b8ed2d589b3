import type { EventHubConsumerClient, ReceivedEventData, Subscription } from '@azure/event-hubs';
import type { Clock } from '../../platform/clock.ts';
import type { Checkpoints } from './checkpoints.ts';
import { invoke, json, triggerOf, type Log } from './invoke.ts';
import type { FunctionApp, Registration } from './registrations.ts';
import { withRetries } from './retry.ts';

/** Asks for the partition as its only owner: a second host takes it over instead of reading beside this one. The client passes over 0. */
const OWNER_LEVEL = 1;

export interface EventHubTriggerOptions {
  readonly app: FunctionApp;
  readonly registration: Registration;
  readonly connectionString: string;
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly log: Log;
  /** `extensions.eventHubs.maxEventBatchSize` of host.json. */
  readonly maxEventBatchSize: number;
}

/** A trigger at work. */
export interface RunningTrigger {
  /** Finishes the batch in hand, then stops. */
  stop(): Promise<void>;
}

/**
 * Drives a function from an event hub with the semantics of the real trigger: every partition read in order by one reader, one batch at a time,
 * the whole batch again under the retry policy, and a checkpoint when the policy ends, whether or not the function succeeded.
 * It is not written where the host stops first, so the batch comes again at the next start.
 */
export async function startEventHubTrigger(options: EventHubTriggerOptions): Promise<RunningTrigger> {
  const { EventHubConsumerClient } = await import('@azure/event-hubs');
  const { settings } = triggerOf(options.registration);
  const hub = String(settings['eventHubName']);
  const group = typeof settings['consumerGroup'] === 'string' ? settings['consumerGroup'] : '$Default';
  const client = new EventHubConsumerClient(group, options.connectionString, hub);
  const stopping = new AbortController();
  const partitions = await client.getPartitionIds();
  const readers = partitions.map(
    (partition) => new PartitionReader(options, client, { hub, group, partition }, stopping),
  );
  for (const reader of readers) reader.start();
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(readers.map((reader) => reader.stop()));
      await client.close();
    },
  };
}

interface Place {
  readonly hub: string;
  readonly group: string;
  readonly partition: string;
}

class PartitionReader {
  readonly #options: EventHubTriggerOptions;
  readonly #client: EventHubConsumerClient;
  readonly #place: Place;
  readonly #stopping: AbortController;
  #subscription: Subscription | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    options: EventHubTriggerOptions,
    client: EventHubConsumerClient,
    place: Place,
    stopping: AbortController,
  ) {
    this.#options = options;
    this.#client = client;
    this.#place = place;
    this.#stopping = stopping;
  }

  start(): void {
    const { checkpoints, maxEventBatchSize, log, registration } = this.#options;
    const { hub, group, partition } = this.#place;
    const sequenceNumber = checkpoints.read(hub, group, partition);
    this.#subscription = this.#client.subscribe(
      partition,
      {
        processEvents: (events) => {
          this.#running = this.#run(events);
          return this.#running;
        },
        processError: async (error) => {
          if (!this.#stopping.signal.aborted)
            log('warning', `${registration.name}: ${hub}/${partition}: ${error.message}`);
        },
      },
      {
        startPosition: sequenceNumber === undefined ? { offset: '-1' } : { sequenceNumber, isInclusive: false },
        maxBatchSize: maxEventBatchSize,
        maxWaitTimeInSeconds: 1,
        ownerLevel: OWNER_LEVEL,
        skipParsingBodyAsJson: true,
      },
    );
  }

  async stop(): Promise<void> {
    await this.#running.catch(() => undefined);
    await this.#subscription?.close();
  }

  async #run(events: readonly ReceivedEventData[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined || this.#stopping.signal.aborted) return;
    const { app, registration, clock, log, checkpoints } = this.#options;
    const { hub, group, partition } = this.#place;
    const invocation = { data: { collectionBytes: { bytes: events.map(bytesOf) } }, metadata: this.#metadata(events) };
    const maxRetryCount = registration.retryOptions?.maxRetryCount ?? 0;
    await withRetries(
      registration.retryOptions,
      async (retryCount) => {
        await invoke(app, registration, { ...invocation, retry: { retryCount, maxRetryCount } }, log);
      },
      {
        clock,
        stop: this.#stopping.signal,
        failed: (error, retryCount) =>
          log(
            'error',
            `${registration.name}: attempt ${retryCount + 1} on ${hub}/${partition} failed: ${messageOf(error)}`,
          ),
      },
    ).then((succeeded) => {
      if (!succeeded && this.#stopping.signal.aborted) return;
      checkpoints.write(hub, group, partition, last.sequenceNumber);
    });
  }

  /** What the host's binding gives beside the messages; names begin in upper case, as it sends them. */
  #metadata(events: readonly ReceivedEventData[]) {
    const { hub, group, partition } = this.#place;
    return {
      PartitionContext: json({ EventHubName: hub, ConsumerGroup: group, PartitionId: partition }),
      PartitionKeyArray: json(events.map(({ partitionKey }) => partitionKey)),
      SequenceNumberArray: json(events.map(({ sequenceNumber }) => sequenceNumber)),
      OffsetArray: json(events.map(({ offset }) => offset)),
      EnqueuedTimeUtcArray: json(events.map(({ enqueuedTimeUtc }) => enqueuedTimeUtc)),
      PropertiesArray: json(events.map(({ properties }) => properties ?? {})),
    };
  }
}

/** A body is bytes where it was sent as bytes; the Event Hubs SDKs can also send values, which the real host hands over as text. */
function bytesOf({ body }: ReceivedEventData): Uint8Array {
  const value: unknown = body;
  if (value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
