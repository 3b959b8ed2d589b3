import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { FolderInUseError } from './folder-lock.ts';
import { MAX_MESSAGE_BYTES } from './hub.ts';
import {
  EARLIEST,
  codeOf,
  connectRaw,
  consumerOf,
  eventually,
  producerOf,
  start,
  temporaryFolder,
  watch,
} from './test-clients.ts';
import type { EventContext } from 'rhea';
import type { EventHubsServer } from './server.ts';
import { socketOf } from './rhea-internals.ts';

describe('a client that meets', () => {
  test('a busy server tries again', async () => {
    const server = await start({ faults: { refuseSends: 3 } });
    await producerOf(server).sendBatch([{ body: 'a' }], { partitionId: '0' });
    const seen = watch(consumerOf(server), '0');
    await eventually(() => expect(seen.bodies()).toEqual(['a']));
  });

  test('a server busier than its patience is told so', async () => {
    const server = await start({ faults: { refuseSends: 100 } });
    const producer = producerOf(server, 'entra', { maxRetries: 2 });
    const failure = await producer.sendBatch([{ body: 'a' }]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ errors: Array.from({ length: 3 }, () => ({ code: 'ServerBusyError' })) });
    await server.inject({ refuseSends: 0 });
    await producerOf(server).sendBatch([{ body: 'b' }], { partitionId: '0' });
    const seen = watch(consumerOf(server), '0');
    await eventually(() => expect(seen.bodies()).toEqual(['b']));
  });

  test('a connection lost before the answer sends again: at least once', async () => {
    const server = await start();
    // The client learns of the loss only when its patience with the answer ends.
    const producer = producerOf(server, 'entra', { timeoutInMs: 2000 });
    await producer.sendBatch([{ body: 'a' }], { partitionId: '0' });
    await server.inject({ dropAfterSends: 1 });
    await producer.sendBatch([{ body: 'b' }], { partitionId: '0' });
    const seen = watch(consumerOf(server), '0');
    await eventually(() => expect(seen.bodies()).toEqual(['a', 'b', 'b']));
  });

  test('a lost connection goes on receiving where it was', async () => {
    const server = await start();
    // The client connects again when its wait for events ends.
    const seen = watch(consumerOf(server), '0', EARLIEST, { maxWaitTimeInSeconds: 1 });
    for (let index = 0; index < 3; index++) {
      const producer = producerOf(server);
      await producer.sendBatch([{ body: index }], { partitionId: '0' });
      await eventually(() => expect(seen.events).toHaveLength(index + 1));
      await producer.close();
      if (index < 2) await server.dropConnections();
    }
    expect(seen.bodies()).toEqual([0, 1, 2]);
  });

  test('a late answer waits for it', async () => {
    const server = await start({ faults: { delayDispositions: 200 } });
    const producer = producerOf(server);
    await producer.createBatch();
    const from = performance.now();
    await producer.sendBatch([{ body: 'a' }], { partitionId: '0' });
    expect(performance.now() - from).toBeGreaterThan(190);
  });

  test('a server that restarts goes on sending and receiving', async () => {
    const folder = temporaryFolder();
    const first = await start({ folder });
    const producer = producerOf(first);
    const seen = watch(consumerOf(first), '0');
    await producer.sendBatch([{ body: 'before' }], { partitionId: '0' });
    await eventually(() => expect(seen.bodies()).toEqual(['before']));
    await first.close();
    await start({ folder, port: first.port });
    await producer.sendBatch([{ body: 'after' }], { partitionId: '0' });
    await eventually(() => expect(seen.bodies()).toEqual(['before', 'after']));
  });
});

test('a folder has one server at a time', async () => {
  const folder = temporaryFolder();
  const first = await start({ folder });
  await expect(start({ folder })).rejects.toThrow(FolderInUseError);
  await first.close();
  await start({ folder });
});

test('a port that is taken is told, and the folder is free again', async () => {
  const first = await start();
  const folder = temporaryFolder();
  await expect(start({ folder, port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await start({ folder });
});

describe('an idle connection', () => {
  test('stays, since the client gives signs of life', async () => {
    const server = await start({ idleTimeout: 100 });
    const connection = connectRaw(server);
    const receiver = connection.open_receiver('entra/ConsumerGroups/$Default/Partitions/0');
    let ended = 0;
    connection.on('disconnected', () => ended++);
    let received = 0;
    receiver.on('message', () => received++);
    await once(receiver, 'receiver_open');
    const before = socketOf(connection).bytesWritten;
    // Ten empty frames of 8 bytes: five times as long as silence would be borne.
    await eventually(() => expect(socketOf(connection).bytesWritten).toBeGreaterThanOrEqual(before + 80));
    await producerOf(server).sendBatch([{ body: 'a' }], { partitionId: '0' });
    await eventually(() => expect(received).toBe(1));
    expect(ended).toBe(0);
  });

  test('of a client that is gone is ended', async () => {
    const server = await start({ idleTimeout: 50 });
    const connection = connectRaw(server);
    connection.open_receiver('entra/ConsumerGroups/$Default/Partitions/0');
    const receivers = async () => (await server.statistics())[0]?.partitions[0]?.receivers;
    await eventually(async () => expect(await receivers()).toBe(1));
    // As a client whose machine hangs: nothing is read, nothing is said.
    connection.removeAllListeners();
    connection.on('disconnected', () => undefined);
    connection.on('connection_error', () => undefined);
    connection.on('connection_close', () => undefined);
    const socket = socketOf(connection);
    socket.pause();
    Reflect.set(connection, 'output', () => undefined);
    await eventually(async () => expect(await receivers()).toBe(0));
    socket.destroy();
  });
});

describe('a client that breaks the protocol', () => {
  /** The header of AMQP 1.0 and an open frame that names the client "x". */
  const OPEN = Buffer.concat([
    Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'),
    Buffer.from([0, 0, 0, 0x11, 2, 0, 0, 0, 0x00, 0x53, 0x10, 0xc0, 4, 1, 0xa1, 1, 0x78]),
  ]);

  async function socketTo(server: EventHubsServer): Promise<Socket> {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  test.each([
    ['speaks HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['sends noise', Buffer.alloc(4096, 0xff)],
    [
      'sends noise after the header',
      Buffer.concat([Buffer.from('AMQP\x00\x01\x00\x00', 'latin1'), Buffer.alloc(64, 0xff)]),
    ],
    ['sends a frame of no length', Buffer.concat([OPEN, Buffer.alloc(16)])],
    ['announces a frame of 4 GB', Buffer.concat([OPEN, Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.alloc(200_000)])],
    [
      'transfers on no session',
      Buffer.concat([OPEN, Buffer.from([0, 0, 0, 13, 2, 0, 0, 0, 0x00, 0x53, 0x14, 0x45, 0])]),
    ],
    ['attaches nothing', Buffer.concat([OPEN, Buffer.from([0, 0, 0, 12, 2, 0, 0, 0, 0x00, 0x53, 0x12, 0x45])])],
  ])('%s loses its connection alone', async (_, bytes) => {
    const warnings: string[] = [];
    const server = await start({ idleTimeout: 200, warn: (message) => warnings.push(message) });
    const seen = watch(consumerOf(server), '0');
    const socket = await socketTo(server);
    socket.resume();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(bytes);
    await closed;
    await producerOf(server).sendBatch([{ body: 'a' }], { partitionId: '0' });
    await eventually(() => expect(seen.bodies()).toEqual(['a']));
    expect(warnings.every((warning) => warning.startsWith('the connection of a client was ended: '))).toBe(true);
  });

  test('sends a message without end: it loses its connection before it fills the memory', async () => {
    const server = await start();
    const connection = connectRaw(server);
    const sender = connection.open_sender('entra');
    let answers = 0;
    sender.on('rejected', () => answers++);
    const gone = once(connection, 'disconnected');
    sender.once('sendable', () => sender.send({ body: Buffer.alloc(20 * MAX_MESSAGE_BYTES) }));
    await gone;
    // An answer would show that the message was collected whole.
    expect(answers).toBe(0);
  });

  test.each([
    ['a link to nowhere', { target: { address: 'a/b/c/d' } }],
    ['a link without an address', { target: {} }],
    ['a link to send to a consumer group', { target: { address: 'entra/ConsumerGroups/$Default/Partitions/0' } }],
  ])('opens %s: it is refused', async (_, options) => {
    const server = await start();
    const connection = connectRaw(server);
    const sender = connection.open_sender(options);
    const [event] = (await once(sender, 'sender_error')) as [EventContext];
    expect(event.sender?.error).toMatchObject({ condition: 'amqp:not-found' });
  });

  test.each([
    ['to receive from a hub', 'entra', {}, 'amqp:not-found'],
    [
      'with a filter that is none',
      undefined,
      { 'apache.org:selector-filter:string': 'x > 5' },
      'com.microsoft:argument-error',
    ],
    [
      'with a filter that is a number',
      undefined,
      { 'apache.org:selector-filter:string': 5 },
      'com.microsoft:argument-error',
    ],
  ])('opens a link %s: it is refused', async (_, address, filter, condition) => {
    const server = await start();
    const connection = connectRaw(server);
    const source = { address: address ?? 'entra/ConsumerGroups/$Default/Partitions/0', filter };
    const receiver = connection.open_receiver({ source });
    const [event] = (await once(receiver, 'receiver_error')) as [EventContext];
    expect(event.receiver?.error).toMatchObject({ condition });
  });

  test('asks what the service does not do: it is told', async () => {
    const server = await start();
    const connection = connectRaw(server);
    const answers = connection.open_receiver({ source: '$management', target: { address: 'answers' } });
    const requests = connection.open_sender('$management');
    await once(answers, 'receiver_open');
    const ask = async (properties: Record<string, unknown>) => {
      requests.send({ body: null, reply_to: 'answers', message_id: 'm', application_properties: properties });
      const [event] = (await once(answers, 'message')) as [EventContext];
      const message = event.message;
      return [message?.correlation_id, (message?.application_properties as Record<string, unknown>)['error-condition']];
    };
    expect(await ask({ operation: 'DELETE', name: 'entra', type: 'com.microsoft:eventhub' })).toEqual([
      'm',
      'amqp:not-implemented',
    ]);
    expect(await ask({ operation: 'READ', name: 'entra', type: 'com.microsoft:topic' })).toEqual([
      'm',
      'com.microsoft:argument-error',
    ]);
    expect(await ask({ operation: 'READ', name: 'constructor', type: 'com.microsoft:eventhub' })).toEqual([
      'm',
      'amqp:not-found',
    ]);
  });
});

test('a disk that fails is told to the sender, and nothing is accepted', async () => {
  const folder = temporaryFolder();
  const warnings: string[] = [];
  const retention = { bytesPerPartition: 1e6, segmentBytes: 100 };
  const server = await start({ folder, retention, warn: (message) => warnings.push(message) });
  const producer = producerOf(server, 'entra', { maxRetries: 0 });
  await producer.sendBatch([{ body: 'a'.repeat(200) }], { partitionId: '0' });
  // The next event needs a new segment, for which there is no folder any more.
  renameSync(`${folder}/entra/0`, `${folder}/elsewhere`);
  const failure = await producer.sendBatch([{ body: 'b' }], { partitionId: '0' }).catch((error: unknown) => error);
  expect(codeOf(failure)).toBe('InternalServerError');
  expect(warnings).toEqual([expect.stringContaining('the hub entra could not take a message: ENOENT')]);
  renameSync(`${folder}/elsewhere`, `${folder}/entra/0`);
  await producer.sendBatch([{ body: 'c' }], { partitionId: '0' });
  const seen = watch(consumerOf(server), '0');
  await eventually(() => expect(seen.bodies()).toEqual(['a'.repeat(200), 'c']));
});
