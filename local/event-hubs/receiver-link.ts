import type { Socket } from 'node:net';
import type { Sender } from 'rhea';
import type { Partition, PartitionReceiver } from './hub.ts';
import type { LogCursor, StartPosition } from './log.ts';
import { roomFor } from './rhea-internals.ts';
import { serviceErrorOf, type ServiceError } from './service-error.ts';

/** Bytes that may wait in a socket for a slow client before its receivers get no more. */
const SOCKET_BYTES = 1024 * 1024;
/** Bytes that one receiver is sent before the others have their turn. */
const TURN_BYTES = 256 * 1024;

/** A link over which a client receives a partition's events: read from the log as the client's credit allows. */
export class ReceiverLink implements PartitionReceiver {
  readonly epoch: number | undefined;
  readonly link: Sender;
  readonly #socket: Socket;
  readonly #cursor: LogCursor;
  readonly #warn: (message: string) => void;
  readonly #leave: () => void;
  #scheduled = false;
  #closed = false;

  /** @throws ServiceError where the partition does not admit the receiver, or has no such position */
  constructor(
    link: Sender,
    socket: Socket,
    from: { partition: Partition; group: string; start: StartPosition; epoch: number | undefined },
    warn: (message: string) => void,
  ) {
    this.link = link;
    this.#socket = socket;
    this.#warn = warn;
    this.epoch = from.epoch;
    this.#cursor = from.partition.read(from.start);
    this.#leave = from.partition.admit(from.group, this);
  }

  /** Sends what there is, soon. To be called when something has changed: events, credit, or room in the socket. */
  wake(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  /** Answers a client that wants to know when there is nothing more: sends what there is, and gives the credit back. */
  drain(): void {
    this.#send();
    this.link.set_drained(true);
  }

  disconnect(reason: ServiceError): void {
    this.close();
    this.link.close(reason.amqp);
  }

  /** Stops sending and leaves the partition. */
  close(): void {
    this.#closed = true;
    this.#leave();
  }

  #send(): void {
    // Where the socket is full, its 'drain' event wakes this link again.
    if (this.#closed || this.#socket.destroyed || this.#socket.writableLength > SOCKET_BYTES) return;
    // rhea writes each event by itself, a moment later; corked, the socket sends a turn's events together.
    this.#socket.cork();
    setImmediate(() => this.#socket.uncork());
    try {
      if (this.#sendTurn() > 0) this.wake();
    } catch (error) {
      const reason = serviceErrorOf(error);
      this.#warn(`a receiver was disconnected, since its events could not be sent: ${reason.message}`);
      this.disconnect(reason);
    }
  }

  /** Gives events to rhea while there is room, and returns how many bytes they had. */
  #sendTurn(): number {
    let bytes = 0;
    for (let room = roomFor(this.link); room > 0 && bytes < TURN_BYTES; room--) {
      const event = this.#cursor.next();
      if (event === undefined) break;
      this.link.send(event.message, undefined, 0);
      bytes += event.message.length;
    }
    return bytes;
  }
}
