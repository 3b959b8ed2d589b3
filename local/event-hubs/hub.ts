import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MalformedMessageError } from './amqp-sections.ts';
import { encodeEvent, prepareMessage, splitBatch, type PreparedMessage } from './batch.ts';
import { PartitionLog, PositionOutOfRangeError, type LogCursor, type Retention, type StartPosition } from './log.ts';
import { partitionOfKey } from './partition-key.ts';
import { ServiceError } from './service-error.ts';

/** The largest message or batch that is taken, in bytes, as in the Standard tier. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Receivers without an epoch on one partition in one consumer group, as in the service. */
const MAX_RECEIVERS = 5;
const DEFAULT_GROUP = '$Default';

/** An event hub to serve. */
export interface HubOptions {
  /** As the service allows: letters, digits, `.`, `-`, `_`; letter case makes no difference. */
  readonly name: string;
  /** How many, from 1 to 32. It may grow later, never shrink. */
  readonly partitions: number;
  /** Besides `$Default`, which always exists. */
  readonly consumerGroups?: readonly string[] | undefined;
}

/** Figures of one partition. */
export interface PartitionStatistics {
  readonly id: string;
  /** Sequence number of the oldest event kept, or of the next event where none is kept. */
  readonly begin: number;
  /** Sequence number of the newest event, or -1 where there never was one. */
  readonly last: number;
  /** Bytes on disk. */
  readonly bytes: number;
  /** Events that retention has dropped since the partition began. */
  readonly dropped: number;
  /** Events lost to damaged files since this server started. */
  readonly unreadable: number;
  /** Receivers connected now. */
  readonly receivers: number;
}

/** Figures of one hub. */
export interface HubStatistics {
  readonly hub: string;
  readonly partitions: readonly PartitionStatistics[];
}

/** Whoever is sent a partition's events. */
export interface PartitionReceiver {
  /** The owner level; undefined for a receiver that shares the partition. */
  readonly epoch: number | undefined;
  /** Called when there are new events. */
  wake(): void;
  /** Called when another receiver takes the partition over. */
  disconnect(reason: ServiceError): void;
}

/** One partition: its log and who reads it. */
export class Partition {
  readonly id: string;
  readonly log: PartitionLog;
  readonly #receivers = new Map<string, Set<PartitionReceiver>>();

  constructor(id: string, log: PartitionLog) {
    this.id = id;
    this.log = log;
  }

  get statistics(): PartitionStatistics {
    const { begin, last, bytes, unreadable } = this.log;
    let receivers = 0;
    for (const group of this.#receivers.values()) receivers += group.size;
    return { id: this.id, begin, last: last.sequence, bytes, dropped: begin, unreadable, receivers };
  }

  /**
   * Appends messages and wakes the receivers.
   * @param now milliseconds since 1970-01-01T00:00:00Z
   * @throws Error of the file system
   */
  append(messages: readonly PreparedMessage[], now: number): void {
    this.log.append(messages, encodeEvent, now);
    for (const group of this.#receivers.values()) for (const receiver of group) receiver.wake();
  }

  /**
   * Lets a receiver in, by the service's rules: of receivers with an epoch only one stays, the one with the highest epoch,
   * and of equal ones the newest; receivers without an epoch share a partition among themselves.
   * @param group the consumer group, in any letter case
   * @returns takes the receiver out again
   * @throws ServiceError where it must not come in
   * @see https://learn.microsoft.com/en-us/archive/blogs/gyan/event-hubs-receiver-epoch
   */
  admit(group: string, receiver: PartitionReceiver): () => void {
    const present = this.#receivers.get(group) ?? new Set();
    const owner = Array.from(present, ({ epoch }) => epoch).find((epoch) => epoch !== undefined);
    if (receiver.epoch === undefined) {
      if (owner !== undefined) {
        throw new ServiceError(
          'amqp:link:stolen',
          `A receiver with epoch ${owner} has this partition, so one without an epoch is not admitted.`,
        );
      }
      if (present.size >= MAX_RECEIVERS) {
        throw new ServiceError(
          'amqp:resource-limit-exceeded',
          `The partition has ${MAX_RECEIVERS} receivers in this consumer group, which is the most that are admitted.`,
        );
      }
    } else {
      if (owner !== undefined && owner > receiver.epoch) {
        throw new ServiceError(
          'amqp:link:stolen',
          `A receiver with the higher epoch ${owner} has this partition, so one with epoch ${receiver.epoch} is not admitted.`,
        );
      }
      const reason = `A receiver with epoch ${receiver.epoch} has taken this partition over.`;
      for (const other of present) other.disconnect(new ServiceError('amqp:link:stolen', reason));
      present.clear();
    }
    present.add(receiver);
    this.#receivers.set(group, present);
    return () => present.delete(receiver);
  }

  /**
   * Opens a cursor.
   * @throws ServiceError for a position beyond the newest event
   */
  read(start: StartPosition): LogCursor {
    try {
      return this.log.read(start);
    } catch (error) {
      if (error instanceof PositionOutOfRangeError)
        throw new ServiceError('com.microsoft:argument-error', error.message);
      throw error;
    }
  }
}

/** One event hub. */
export class Hub {
  readonly name: string;
  readonly partitions: readonly Partition[];
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly createdAt: number;
  readonly #groups: ReadonlySet<string>;
  #turn = 0;

  constructor(options: HubOptions, folder: string, retention: Retention, warn: (message: string) => void) {
    this.name = options.name;
    this.#groups = new Set([DEFAULT_GROUP, ...(options.consumerGroups ?? [])].map((group) => group.toLowerCase()));
    mkdirSync(folder, { recursive: true });
    const onDisk = readdirSync(folder).filter((name) => /^\d+$/.test(name)).length;
    if (onDisk > options.partitions) {
      throw new RangeError(
        `The hub ${options.name} is set to ${options.partitions} partitions, but ${folder} holds ${onDisk}: ` +
          `partitions cannot be taken away. Set ${onDisk}, or remove the folder and its events.`,
      );
    }
    this.createdAt = statSync(folder).birthtimeMs;
    this.partitions = Array.from({ length: options.partitions }, (_, index) => {
      const id = index.toString();
      return new Partition(id, new PartitionLog(join(folder, id), retention, warn));
    });
  }

  /**
   * The partition of an id.
   * @throws ServiceError where the hub has none such
   */
  partition(id: string): Partition {
    const partition = this.partitions.find((candidate) => candidate.id === id);
    if (partition !== undefined) return partition;
    throw new ServiceError(
      'amqp:not-found',
      `The hub ${this.name} has no partition "${id.slice(0, 50)}". Its partitions are 0 to ${this.partitions.length - 1}.`,
    );
  }

  /**
   * The consumer group of a name, in the form in which partitions know it.
   * @throws ServiceError where the hub has none such
   */
  group(name: string): string {
    const group = name.toLowerCase();
    if (this.#groups.has(group)) return group;
    throw new ServiceError('amqp:not-found', `The hub ${this.name} has no consumer group "${name.slice(0, 50)}".`);
  }

  /**
   * Takes what a client sent; the events are on disk when this returns.
   * @param partition where the client named one; otherwise the partition key decides, or without a key each in turn
   * @param format the AMQP message format of the delivery
   * @param now milliseconds since 1970-01-01T00:00:00Z
   * @throws ServiceError where it is too large or malformed
   * @throws Error of the file system
   */
  publish(partition: Partition | undefined, delivery: Buffer, format: number, now: number): void {
    if (delivery.length > MAX_MESSAGE_BYTES) {
      throw new ServiceError(
        'amqp:link:message-size-exceeded',
        `The message has ${delivery.length} bytes, and the most that is taken is ${MAX_MESSAGE_BYTES}. Send less at once.`,
      );
    }
    const { key, messages } = prepareDelivery(delivery, format);
    (partition ?? this.#choose(key)).append(messages, now);
  }

  #choose(key: string | undefined): Partition {
    const count = this.partitions.length;
    const index = key === undefined ? this.#turn++ % count : partitionOfKey(key, count);
    return this.partition(index.toString());
  }
}

function prepareDelivery(delivery: Buffer, format: number): { key: string | undefined; messages: PreparedMessage[] } {
  try {
    const { key, messages } = splitBatch(delivery, format);
    return { key, messages: messages.map((message) => prepareMessage(message, key)) };
  } catch (error) {
    if (error instanceof MalformedMessageError) throw new ServiceError('amqp:decode-error', error.message);
    throw error;
  }
}

/** The service's rules: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,254}[A-Za-z0-9])?$/;
const GROUP_NAME = /^(?:\$Default|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,48}[A-Za-z0-9])?)$/i;
const MAX_PARTITIONS = 32;

function checkHub({ name, partitions, consumerGroups = [] }: HubOptions): void {
  if (!NAME.test(name)) {
    throw new RangeError(`"${name}" is no name for an event hub: it takes letters, digits, ".", "-" and "_".`);
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    throw new RangeError(`The hub ${name} is set to ${partitions} partitions; 1 to ${MAX_PARTITIONS} are possible.`);
  }
  for (const group of consumerGroups) {
    if (!GROUP_NAME.test(group)) throw new RangeError(`"${group}" of the hub ${name} is no name for a consumer group.`);
  }
}

/** All hubs of a server. */
export class Hubs {
  readonly #hubs = new Map<string, Hub>();

  /**
   * Opens the hubs of a folder; hubs on disk that are not named stay untouched.
   * @throws RangeError where the options cannot be followed
   * @throws Error of the file system
   */
  constructor(options: readonly HubOptions[], folder: string, retention: Retention, warn: (message: string) => void) {
    for (const hub of options) checkHub(hub);
    for (const hub of options) {
      const name = hub.name.toLowerCase();
      if (this.#hubs.has(name)) throw new RangeError(`The hub ${hub.name} is named twice.`);
      this.#hubs.set(name, new Hub(hub, join(folder, name), retention, warn));
    }
  }

  /**
   * The hub of a name, in any letter case.
   * @throws ServiceError where there is none
   */
  hub(name: string): Hub {
    const hub = this.#hubs.get(name.toLowerCase());
    if (hub !== undefined) return hub;
    throw new ServiceError('amqp:not-found', `There is no event hub "${name.slice(0, 256)}" here.`);
  }

  get statistics(): HubStatistics[] {
    return Array.from(this.#hubs.values(), ({ name, partitions }) => ({
      hub: name,
      partitions: partitions.map(({ statistics }) => statistics),
    }));
  }

  close(): void {
    for (const { partitions } of this.#hubs.values()) for (const { log } of partitions) log.close();
  }
}
