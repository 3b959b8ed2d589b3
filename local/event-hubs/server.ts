import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import rhea, { type Connection, type Container, type EventContext, type Receiver, type Sender } from 'rhea';
import { ClientConnection, MAX_FRAME_BYTES, type ConnectionContext } from './client-connection.ts';
import { FaultPlan, type Faults } from './faults.ts';
import { lockFolder } from './folder-lock.ts';
import { Hubs, MAX_MESSAGE_BYTES, type HubOptions, type HubStatistics } from './hub.ts';
import type { Retention } from './log.ts';
import { socketOf } from './rhea-internals.ts';

/** How to start an emulator of Event Hubs. */
export interface EventHubsOptions {
  /** Where the events are kept; created where it is missing. One server has it at a time. */
  readonly folder: string;
  /** The TCP port to listen on, on the loopback address; 0 for any that is free. */
  readonly port: number;
  readonly hubs: readonly HubOptions[];
  /** 128 MiB in segments of 8 MiB for each partition, unless said otherwise. */
  readonly retention?: Retention | undefined;
  /** Milliseconds of silence after which clients must give a sign of life; 60,000 unless said otherwise. */
  readonly idleTimeout?: number | undefined;
  readonly faults?: Faults | undefined;
  /** Told what a person should know, such as an unfinished write that was cut off; standard error, unless said otherwise. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** A running emulator of Event Hubs. */
export interface EventHubsServer {
  readonly port: number;
  /** For the clients of `@azure/event-hubs`: `new EventHubProducerClient(connectionString, hub)`. */
  readonly connectionString: string;
  statistics(): Promise<HubStatistics[]>;
  /** From now on, does wrong what a test wants to see. */
  inject(faults: Faults): Promise<void>;
  /** Cuts every client's connection, as a failing network would. */
  dropConnections(): Promise<void>;
  /** Ends all connections and gives the folder free; what was accepted is on disk. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const DEFAULT_RETENTION: Retention = { bytesPerPartition: 128 * 1024 * 1024, segmentBytes: 8 * 1024 * 1024 };
const DEFAULT_IDLE_TIMEOUT = 60_000;
/** Deliveries that a client may have under way on one link. */
const CREDIT = 300;
/** How long clients that do not answer may keep a closing server. */
const CLOSE_MILLISECONDS = 300;

/**
 * Starts an emulator of Event Hubs in this thread. It speaks AMQP 1.0 over plain TCP to clients on this machine, which say
 * `UseDevelopmentEmulator=true`. It stands in for the Standard tier, without: authorisation, TLS, WebSockets, throttling,
 * retention by age, idempotent producers, geo-replication and receivers' view of the last enqueued event.
 *
 * A send is accepted once its events are written to the partition's file, and so survives the end of the process, by SIGKILL
 * too; nothing is forced to the disk, so a power cut may lose the last seconds.
 *
 * @throws FolderInUseError where another server has the folder
 * @throws RangeError where the options cannot be followed
 * @throws Error of the file system, or of the network where the port is taken
 */
export async function startEventHubs(options: EventHubsOptions): Promise<EventHubsServer> {
  const retention = checkedRetention(options.retention ?? DEFAULT_RETENTION);
  const warn = options.warn ?? ((message: string) => void process.stderr.write(`event hubs: ${message}\n`));
  mkdirSync(options.folder, { recursive: true });
  const unlock = lockFolder(options.folder);
  let hubs: Hubs | undefined;
  try {
    hubs = new Hubs(options.hubs, options.folder, retention, warn);
    const faults = new FaultPlan();
    faults.add(options.faults ?? {});
    const running = await listen({ hubs, faults, now: Date.now, warn }, options);
    return serverOf(running, hubs, faults, unlock);
  } catch (error) {
    hubs?.close();
    unlock();
    throw error;
  }
}

function checkedRetention(retention: Retention): Retention {
  const { bytesPerPartition, segmentBytes } = retention;
  if (!(segmentBytes > 0) || !(bytesPerPartition >= 2 * segmentBytes)) {
    throw new RangeError(
      `retention: bytesPerPartition is ${bytesPerPartition} and segmentBytes is ${segmentBytes}; ` +
        `whole segments are dropped, so bytesPerPartition must be at least twice segmentBytes.`,
    );
  }
  return retention;
}

interface Listening {
  readonly server: Server;
  readonly port: number;
  readonly clients: ReadonlyMap<Connection, ClientConnection>;
  readonly sockets: ReadonlySet<Socket>;
}

async function listen(context: ConnectionContext, options: EventHubsOptions): Promise<Listening> {
  const idleTimeout = options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT;
  const container = rhea.create_container({ id: 'crosstrail-event-hubs' });
  const clients = serve(container, context);
  const server = container.listen({
    port: options.port,
    host: HOST,
    max_frame_size: MAX_FRAME_BYTES,
    idle_time_out: idleTimeout,
    receiver_options: { autoaccept: false, credit_window: CREDIT, max_message_size: MAX_MESSAGE_BYTES },
    // As in the service, events are sent settled: receivers answer by checkpoints, not by dispositions.
    sender_options: { snd_settle_mode: 1 },
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    // A lone event or answer must not wait for more to send.
    socket.setNoDelay(true);
    // An open connection is never silent for so long: its heartbeats see to that.
    socket.setTimeout(2 * idleTimeout, () => socket.destroy());
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no TCP port');
  return { server, port: address.port, clients, sockets };
}

/** Tells each event of the protocol to the connection that it belongs to. */
function serve(container: Container, context: ConnectionContext): ReadonlyMap<Connection, ClientConnection> {
  const clients = new Map<Connection, ClientConnection>();
  container.on('connection_open', ({ connection }: EventContext) => {
    const socket = socketOf(connection);
    clients.set(connection, new ClientConnection(connection, socket, context));
    socket.on('close', () => clients.delete(connection));
  });
  container.on('receiver_open', ({ connection, receiver }: EventContext & { receiver: Receiver }) => {
    clients.get(connection)?.openPublisher(receiver);
  });
  container.on('sender_open', ({ connection, sender }: EventContext & { sender: Sender }) => {
    clients.get(connection)?.openReceiver(sender);
  });
  // A client that breaks the protocol loses its connection, which rhea sees to.
  for (const event of ['error', 'protocol_error']) {
    container.on(event, (error: Error) => context.warn(`the connection of a client was ended: ${error.message}`));
  }
  // What clients report of themselves is theirs; but rhea would end the process where no one listens.
  for (const event of ['connection_error', 'session_error', 'sender_error', 'receiver_error', 'disconnected']) {
    container.on(event, () => undefined);
  }
  return clients;
}

function serverOf(running: Listening, hubs: Hubs, faults: FaultPlan, unlock: () => void): EventHubsServer {
  const { server, port, clients, sockets } = running;
  let closing: Promise<void> | undefined;
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const client of clients.values()) client.close();
    const impatient = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_MILLISECONDS);
    await closed;
    clearTimeout(impatient);
    hubs.close();
    unlock();
  };
  return {
    port,
    connectionString: `Endpoint=sb://${HOST}:${port};SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true;`,
    statistics: async () => hubs.statistics,
    inject: async (further) => faults.add(further),
    dropConnections: async () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () => (closing ??= close()),
  };
}
