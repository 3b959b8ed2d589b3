import type { EventHubConsumerClient, ReceivedEventData, Subscription } from '@azure/event-hubs';
import type { Clock } from '../../platform/clock.ts';
import type { Checkpoints } from './checkpoints.ts';
import { invoke, json, triggerOf, type Log } from './invoke.ts';
import type { FunctionApp, Registration } from './registrations.ts';
import { withRetries } from './retry.ts';

/** Asks for the partition as its only owner: a second host takes it over instead of reading beside this one. The client passes over 0. */
const OWNER_LEVEL = 1;

/** Asks once, so that a namespace that is not there is told of at the start, not after minutes of silent attempts. */
const PROBE = { retryOptions: { maxRetries: 0, timeoutInMs: 20_000 } };

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
  const ends = await partitionEnds(new EventHubConsumerClient(group, options.connectionString, hub, PROBE), hub);
  const client = new EventHubConsumerClient(group, options.connectionString, hub);
  const stopping = new AbortController();
  const readers = [...ends].map(
    ([partition, end]) => new PartitionReader(options, client, { hub, group, partition, end }, stopping),
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

/**
 * The sequence number of the last message of each partition, -1 where there is none yet. Closes the client.
 * @throws Error where the hub cannot be reached
 */
async function partitionEnds(client: EventHubConsumerClient, hub: string): Promise<Map<string, number>> {
  try {
    const partitions = await client.getPartitionIds();
    const properties = await Promise.all(partitions.map((partition) => client.getPartitionProperties(partition)));
    return new Map(
      properties.map(({ partitionId, lastEnqueuedSequenceNumber }) => [partitionId, lastEnqueuedSequenceNumber]),
    );
  } catch (error) {
    throw new Error(
      `the hub ${hub} at ${client.fullyQualifiedNamespace} cannot be reached: ${messageOf(error)}; check that it is there and that CROSSTRAIL_HUBS is right`,
      { cause: error },
    );
  } finally {
    await client.close();
  }
}

interface Place {
  readonly hub: string;
  readonly group: string;
  readonly partition: string;
  /** Sequence number of the last message when the trigger started. */
  readonly end: number;
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
    const { maxEventBatchSize, log, registration } = this.#options;
    const { hub, partition } = this.#place;
    const sequenceNumber = this.#sequenceNumber();
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

  /** Where to go on. A hub that was made anew, or lost its end, is read from the beginning: what is read again has no second effect. */
  #sequenceNumber(): number | undefined {
    const { checkpoints, log, registration } = this.#options;
    const { hub, group, partition, end } = this.#place;
    const sequenceNumber = checkpoints.read(hub, group, partition);
    if (sequenceNumber === undefined || sequenceNumber <= end) return sequenceNumber;
    log(
      'warning',
      `${registration.name}: ${hub}/${partition} was read up to ${sequenceNumber}, but ends at ${end}: messages were lost, or the hub was made anew. It is read from its beginning.`,
    );
    return undefined;
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

/** The client gathers the failures of its attempts in an error that has no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return messageOf(error.errors.at(-1));
  return error instanceof Error ? error.message : String(error);
}
