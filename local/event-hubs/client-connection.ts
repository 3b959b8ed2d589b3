import type { Socket } from 'node:net';
import rhea, {
  type Connection,
  type Delivery,
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
} from 'rhea';
import { parseAddress, type Address } from './address.ts';
import type { FaultPlan } from './faults.ts';
import { FilterError, startPositionOf } from './filter.ts';
import { MAX_MESSAGE_BYTES, type Hub, type Hubs, type Partition } from './hub.ts';
import type { StartPosition } from './log.ts';
import { answerClaim, answerManagement } from './management.ts';
import { ReceiverLink } from './receiver-link.ts';
import { frameInProgress, messageInProgress } from './rhea-internals.ts';
import { ServiceError, serviceErrorOf } from './service-error.ts';

/** The largest frame that is taken from a client; longer messages come in several. */
export const MAX_FRAME_BYTES = 64 * 1024;

const SELECTOR_FILTER = 'apache.org:selector-filter:string';
const EPOCH = 'com.microsoft:epoch';

/** What a server's connections have in common. */
export interface ConnectionContext {
  readonly hubs: Hubs;
  readonly faults: FaultPlan;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
  /** Told what a person should know. */
  readonly warn: (message: string) => void;
}

/** One client's connection: opens its links and serves them. */
export class ClientConnection {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #publishers = new Set<Receiver>();
  readonly #receivers = new Set<ReceiverLink>();
  /** Links for answers, by what requests give to reply to: the link's name, or the address of its target. */
  readonly #replies = new Map<string, Sender>();

  constructor(connection: Connection, socket: Socket, context: ConnectionContext) {
    this.#connection = connection;
    this.#socket = socket;
    this.#context = context;
    socket.on('drain', () => this.#wakeReceivers());
    socket.on('data', () => {
      this.#refuseOversized();
      // What came may have given credit, or made room in a session.
      this.#wakeReceivers();
    });
    socket.on('close', () => {
      for (const receiver of this.#receivers) receiver.close();
      this.#receivers.clear();
    });
  }

  /** Takes leave of the client as the service does for an upgrade, so that it connects again soon. */
  close(): void {
    const description = 'The event hubs are stopping.';
    const reason = new ServiceError('amqp:link:detach-forced', description);
    for (const receiver of this.#receivers) receiver.disconnect(reason);
    this.#connection.close({ condition: 'amqp:connection:forced', description });
  }

  /** Serves a link over which the client sends, or refuses it. */
  openPublisher(link: Receiver): void {
    const address = addressOf(link.target);
    link.set_source({ address: addressOf(link.source) });
    link.set_target({ address });
    try {
      const destination = knownAddress(address);
      if (destination.to !== 'hub') {
        const answer =
          destination.to === 'claims'
            ? answerClaim
            : (request: Message) => answerManagement(this.#context.hubs, request);
        link.on('message', (event: EventContext) => this.#answer(event, answer));
      } else {
        if (destination.group !== undefined) throw unknownAddress(address);
        const hub = this.#context.hubs.hub(destination.hub);
        const partition = destination.partition === undefined ? undefined : hub.partition(destination.partition);
        link.on('message', (event: EventContext) => this.#publish(hub, partition, event));
      }
      this.#publishers.add(link);
      link.on('receiver_close', () => this.#publishers.delete(link));
    } catch (error) {
      link.close(serviceErrorOf(error).amqp);
    }
  }

  /** Serves a link over which the client receives, or refuses it. */
  openReceiver(link: Sender): void {
    const address = addressOf(link.source);
    const replyTo = addressOf(link.target);
    link.set_source({ address, filter: filterOf(link) });
    link.set_target({ address: replyTo });
    try {
      const origin = knownAddress(address);
      if (origin.to === 'hub') {
        this.#openEvents(link, origin);
        return;
      }
      for (const name of [link.name, replyTo]) {
        this.#replies.set(name, link);
        link.on('sender_close', () => this.#replies.delete(name));
      }
    } catch (error) {
      link.close(serviceErrorOf(error).amqp);
    }
  }

  #openEvents(link: Sender, origin: Extract<Address, { to: 'hub' }>): void {
    if (origin.group === undefined || origin.partition === undefined) throw unknownAddress(addressOf(link.source));
    const hub = this.#context.hubs.hub(origin.hub);
    const from = {
      group: hub.group(origin.group),
      partition: hub.partition(origin.partition),
      start: startOf(link),
      epoch: epochOf(link),
    };
    const receiver = new ReceiverLink(link, this.#socket, from, this.#context.warn);
    this.#receivers.add(receiver);
    const leave = () => {
      receiver.close();
      this.#receivers.delete(receiver);
    };
    link.on('sender_draining', () => receiver.drain());
    link.on('sender_close', leave);
    link.session.setMaxListeners(0);
    link.session.once('session_close', leave);
  }

  #publish(hub: Hub, partition: Partition | undefined, { delivery, message }: EventContext): void {
    if (delivery === undefined) return;
    const { faults, now, warn } = this.#context;
    if (faults.refusesSend()) {
      this.#reject(delivery, new ServiceError('com.microsoft:server-busy', 'Refused, as the test asked for.'));
      return;
    }
    try {
      hub.publish(partition, payloadOf(message), delivery.format, now());
    } catch (error) {
      const reason = serviceErrorOf(error);
      if (reason !== error) warn(`the hub ${hub.name} could not take a message: ${reason.message}`);
      this.#reject(delivery, reason);
      return;
    }
    if (faults.dropsAfterSend()) this.#socket.destroy();
    else if (faults.delay > 0) setTimeout(() => this.#accept(delivery), faults.delay).unref();
    else delivery.accept();
  }

  #accept(delivery: Delivery): void {
    if (!this.#socket.destroyed) delivery.accept();
  }

  /**
   * Says that a delivery was not taken. rhea answers neighbouring deliveries together, and compares only from the third on
   * whether their outcomes are the same: a rejection must have its turn alone, or else its neighbour's outcome would be its own.
   */
  #reject(delivery: Delivery, reason: ServiceError): void {
    setImmediate(() => {
      if (!this.#socket.destroyed) delivery.reject(reason.amqp);
    });
  }

  #answer({ delivery, message }: EventContext, answer: (request: Message) => Message): void {
    if (delivery === undefined || message === undefined) return;
    const reply = message.reply_to === undefined ? undefined : this.#replies.get(message.reply_to);
    if (reply?.is_open() !== true) {
      const description = 'The request has no reply-to for which this connection has an open receiving link.';
      this.#reject(delivery, new ServiceError('amqp:invalid-field', description));
      return;
    }
    delivery.accept();
    reply.send(answer(message));
  }

  #wakeReceivers(): void {
    for (const receiver of this.#receivers) receiver.wake();
  }

  /** rhea collects frames and messages of any length: what is far too long ends the connection. */
  #refuseOversized(): void {
    if (frameInProgress(this.#connection) > MAX_FRAME_BYTES) this.#socket.destroy();
    for (const link of this.#publishers) {
      if (messageInProgress(link) > 2 * MAX_MESSAGE_BYTES) this.#socket.destroy();
    }
  }
}

/** The bytes of a sent message: rhea leaves batches as they are, and decodes single messages. */
function payloadOf(message: unknown): Buffer {
  return Buffer.isBuffer(message) ? message : rhea.message.encode(message);
}

function fieldOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
}

/** The address of a source or target as it came over the wire; '' where it has none. */
function addressOf(terminus: unknown): string {
  const address = fieldOf(terminus, 'address');
  return typeof address === 'string' ? address : '';
}

function knownAddress(address: string): Address {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw unknownAddress(address);
  return parsed;
}

function unknownAddress(address: string): ServiceError {
  return new ServiceError('amqp:not-found', `There is nothing at the address "${address.slice(0, 300)}".`);
}

function filterOf(link: Sender): Record<string, unknown> {
  const filter = fieldOf(link.source, 'filter');
  return typeof filter === 'object' && filter !== null ? { ...filter } : {};
}

function startOf(link: Sender): StartPosition {
  const filter = filterOf(link)[SELECTOR_FILTER];
  // Described values stay wrapped: the text is inside.
  const selector = typeof filter === 'object' ? fieldOf(filter, 'value') : filter;
  if (selector !== undefined && typeof selector !== 'string') throw notUnderstood('The filter is not text.');
  try {
    return startPositionOf(selector);
  } catch (error) {
    if (error instanceof FilterError) throw notUnderstood(error.message);
    throw error;
  }
}

function epochOf(link: Sender): number | undefined {
  const epoch = fieldOf(link.properties, EPOCH);
  if (epoch === undefined || epoch === null) return undefined;
  if (typeof epoch === 'number' && Number.isSafeInteger(epoch)) return epoch;
  throw notUnderstood(`The link property ${EPOCH} is not a whole number.`);
}

function notUnderstood(message: string): ServiceError {
  return new ServiceError('com.microsoft:argument-error', message);
}
