import type { EventPosition } from '@azure/event-hubs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  connectRaw,
  consumerOf,
  eventually,
  producerOf,
  start,
  temporaryFolder,
  watch,
  type Seen,
} from './test-clients.ts';
import { socketOf } from './rhea-internals.ts';
import type { EventHubsServer } from './server.ts';

async function sendTo(server: EventHubsServer, partition: string, bodies: readonly unknown[]): Promise<void> {
  await producerOf(server).sendBatch(
    bodies.map((body) => ({ body })),
    { partitionId: partition },
  );
}

async function receivers(server: EventHubsServer, partition = 0): Promise<number | undefined> {
  const [hub] = await server.statistics();
  return hub?.partitions[partition]?.receivers;
}

describe('a receiver starts', () => {
  test('from each kind of position', async () => {
    const server = await start();
    await sendTo(server, '0', ['a']);
    const earlier = Date.now();
    await eventually(() => expect(Date.now()).toBeGreaterThan(earlier + 1));
    await sendTo(server, '0', ['b', 'c']);
    const first = watch(consumerOf(server), '0');
    await eventually(() => expect(first.events).toHaveLength(3));
    const [a, b] = first.events;
    if (a === undefined || b === undefined) throw new Error('there are three events');
    const cases: [EventPosition, string[]][] = [
      [{ offset: '-1' }, ['a', 'b', 'c']],
      [{ offset: b.offset }, ['c']],
      [{ offset: b.offset, isInclusive: true }, ['b', 'c']],
      [{ sequenceNumber: a.sequenceNumber }, ['b', 'c']],
      [{ sequenceNumber: a.sequenceNumber, isInclusive: true }, ['a', 'b', 'c']],
      [{ enqueuedOn: a.enqueuedTimeUtc }, ['b', 'c']],
      [{ enqueuedOn: new Date(0) }, ['a', 'b', 'c']],
    ];
    for (const [position, expected] of cases) {
      const seen = watch(consumerOf(server), '0', position);
      await eventually(() => expect(seen.bodies()).toEqual(expected));
      await seen.close();
    }
  });

  test('at the latest: with what comes after it', async () => {
    const server = await start();
    await sendTo(server, '0', ['before']);
    const seen = watch(consumerOf(server), '0', { offset: '@latest' });
    await eventually(async () => expect(await receivers(server)).toBe(1));
    await sendTo(server, '0', ['after']);
    await eventually(() => expect(seen.bodies()).toEqual(['after']));
  });

  test('not beyond the newest event', async () => {
    const server = await start();
    await sendTo(server, '0', ['a']);
    const seen = watch(consumerOf(server), '0', { sequenceNumber: 7 });
    await eventually(() => expect(seen.errors[0]).toMatchObject({ code: 'ArgumentError', retryable: false }));
    expect(seen.errors[0]?.message).toContain('beyond the last sequence number of the partition, which is 0');
  });
});

describe('receivers', () => {
  test('of several groups, and several of one group, each get everything', async () => {
    const server = await start();
    const all = [
      watch(consumerOf(server), '1'),
      watch(consumerOf(server), '1'),
      watch(consumerOf(server, 'second'), '1'),
    ];
    const bodies = Array.from({ length: 300 }, (_, index) => index);
    await sendTo(server, '1', bodies);
    await eventually(() => {
      for (const seen of all) expect(seen.bodies()).toEqual(bodies);
    });
  });

  test('get events while they are sent, in order', async () => {
    const server = await start();
    const seen = watch(consumerOf(server), '0');
    const producer = producerOf(server);
    for (let index = 0; index < 50; index++) await producer.sendBatch([{ body: index }], { partitionId: '0' });
    await eventually(() => expect(seen.bodies()).toEqual(Array.from({ length: 50 }, (_, index) => index)));
  });

  test('of a hub or a group that does not exist are refused', async () => {
    const server = await start();
    const unknown: [Seen, string][] = [
      [watch(consumerOf(server, 'third'), '0'), 'The hub entra has no consumer group "third".'],
      [watch(consumerOf(server, '$Default', 'nothing'), '0'), 'There is no event hub "nothing" here.'],
      [watch(consumerOf(server), '9'), 'The hub entra has no partition "9".'],
    ];
    for (const [seen, message] of unknown) {
      await eventually(() => expect(seen.errors[0]).toMatchObject({ code: 'ServiceCommunicationError' }));
      expect(seen.errors[0]?.message).toContain(message);
    }
  });

  test('that are more than five in one group are refused', async () => {
    const server = await start();
    const five = Array.from({ length: 5 }, () => watch(consumerOf(server), '0'));
    await eventually(async () => expect(await receivers(server)).toBe(5));
    const sixth = watch(consumerOf(server), '0');
    await eventually(() => expect(sixth.errors[0]).toMatchObject({ code: 'QuotaExceededError' }));
    const other = watch(consumerOf(server, 'second'), '0');
    await eventually(async () => expect(await receivers(server)).toBe(6));
    await Promise.all([...five, other].map((seen) => seen.close()));
    await eventually(async () => expect(await receivers(server)).toBe(0));
    expect(five.flatMap(({ errors }) => errors)).toEqual([]);
  });

  test('leave with their connection', async () => {
    const server = await start();
    const consumer = consumerOf(server);
    watch(consumer, '0', { offset: '-1' }, { ownerLevel: 1 });
    await eventually(async () => expect(await receivers(server)).toBe(1));
    await consumer.close();
    await eventually(async () => expect(await receivers(server)).toBe(0));
  });
});

describe('a receiver with an owner level', () => {
  test('takes the partition from a lower one', async () => {
    const server = await start();
    const lower = watch(consumerOf(server), '0', { offset: '-1' }, { ownerLevel: 1 });
    await eventually(async () => expect(await receivers(server)).toBe(1));
    const higher = watch(consumerOf(server), '0', { offset: '-1' }, { ownerLevel: 2 });
    await eventually(() => expect(lower.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' }));
    await sendTo(server, '0', ['a']);
    await eventually(() => expect(higher.bodies()).toEqual(['a']));
    expect(lower.events).toEqual([]);
    expect(await receivers(server)).toBe(1);
  });

  test('takes the partition from an equal one, and from those that share it', async () => {
    const server = await start();
    const sharing = [watch(consumerOf(server), '0'), watch(consumerOf(server), '0')];
    await eventually(async () => expect(await receivers(server)).toBe(2));
    const owner = watch(consumerOf(server), '0', { offset: '-1' }, { ownerLevel: 1 });
    for (const { errors } of sharing) {
      await eventually(() => expect(errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' }));
    }
    watch(consumerOf(server), '0', { offset: '-1' }, { ownerLevel: 1 });
    await eventually(() => expect(owner.errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' }));
  });

  test('keeps a lower one and one without a level out, of its own group alone', async () => {
    const server = await start();
    const owner = watch(consumerOf(server), '0', { offset: '-1' }, { ownerLevel: 5 });
    await eventually(async () => expect(await receivers(server)).toBe(1));
    const refused = [
      watch(consumerOf(server), '0', { offset: '-1' }, { ownerLevel: 4 }),
      watch(consumerOf(server), '0'),
    ];
    for (const { errors } of refused) {
      await eventually(() => expect(errors[0]).toMatchObject({ code: 'ReceiverDisconnectedError' }));
      expect(errors[0]?.message).toMatch(/epoch 5/);
    }
    const elsewhere = watch(consumerOf(server, 'second'), '0', { offset: '-1' }, { ownerLevel: 1 });
    await sendTo(server, '0', ['a']);
    await eventually(() => expect([owner.bodies(), elsewhere.bodies()]).toEqual([['a'], ['a']]));
    expect(owner.errors).toEqual([]);
  });
});

describe('a receiver that takes its time', () => {
  test('is sent no more than it gave credit for', async () => {
    const server = await start();
    await sendTo(
      server,
      '0',
      Array.from({ length: 100 }, (_, index) => index),
    );
    const connection = connectRaw(server);
    const receiver = connection.open_receiver({
      source: 'entra/ConsumerGroups/$Default/Partitions/0',
      credit_window: 0,
    });
    let received = 0;
    let drained = 0;
    receiver.on('message', () => received++);
    receiver.on('receiver_drained', () => drained++);
    receiver.on('receiver_open', () => receiver.add_credit(7));
    await eventually(() => expect(received).toBe(7));
    // An answer to a later request shows that nothing else was on its way.
    await consumerOf(server).getPartitionProperties('0');
    expect(received).toBe(7);
    receiver.add_credit(1000);
    await eventually(() => expect(received).toBe(100));
    receiver.drain_credit();
    await eventually(() => expect(drained).toBe(1));
  });

  test('may give more credit than a session has room', async () => {
    const server = await start();
    const bodies = Array.from({ length: 8000 }, (_, index) => index);
    await sendTo(server, '0', bodies);
    const seen = watch(consumerOf(server), '0', { offset: '-1' }, { maxBatchSize: 8000 });
    await eventually(() => expect(seen.events.length).toBe(bodies.length));
    expect(seen.bodies()).toEqual(bodies);
    expect(seen.errors).toEqual([]);
  });

  test('makes no memory grow: what it does not read waits on the disk', async () => {
    const server = await start();
    const producer = producerOf(server);
    const body = Buffer.alloc(1_000_000, 'x');
    for (let index = 0; index < 40; index++) await producer.sendBatch([{ body }], { partitionId: '0' });
    const before = heldByBuffers();
    const connection = connectRaw(server);
    const receiver = connection.open_receiver({
      source: 'entra/ConsumerGroups/$Default/Partitions/0',
      credit_window: 0,
    });
    receiver.once('receiver_open', () => {
      receiver.add_credit(1000);
      // Once the credit is sent, nothing more is read.
      setImmediate(() => socketOf(connection).pause());
    });
    await eventually(async () => expect(await receivers(server)).toBe(1));
    // Another receiver is served meanwhile, and gets all.
    const options = { skipParsingBodyAsJson: true, maxBatchSize: 10 };
    const seen = watch(consumerOf(server, 'second'), '0', { offset: '-1' }, options);
    await eventually(() => expect(seen.events.length).toBe(40));
    await seen.close();
    seen.events.length = 0;
    // The client lets go of what it received a little after it was closed; what the server held for the first would stay.
    await eventually(() => expect(heldByBuffers() - before).toBeLessThan(20e6));
    socketOf(connection).resume();
  });
});

/** Bytes that buffers hold and something still needs. */
function heldByBuffers(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().arrayBuffers;
}

describe('a restart', () => {
  test('keeps events, positions and counting', async () => {
    const folder = temporaryFolder();
    const first = await start({ folder });
    await sendTo(first, '0', ['a', 'b']);
    const before = await consumerOf(first).getPartitionProperties('0');
    await first.close();

    const second = await start({ folder });
    const consumer = consumerOf(second);
    expect(await consumer.getPartitionProperties('0')).toEqual(before);
    await sendTo(second, '0', ['c']);
    const all = watch(consumer, '0');
    const next = watch(consumerOf(second), '0', { offset: before.lastEnqueuedOffset });
    await eventually(() => expect(all.events.map(({ sequenceNumber }) => sequenceNumber)).toEqual([0, 1, 2]));
    expect(all.bodies()).toEqual(['a', 'b', 'c']);
    await eventually(() => expect(next.bodies()).toEqual(['c']));
  });

  test('with fewer partitions is refused, with more is not', async () => {
    const folder = temporaryFolder();
    await (await start({ folder })).close();
    await expect(start({ folder, hubs: [{ name: 'entra', partitions: 2 }] })).rejects.toThrow(
      'The hub entra is set to 2 partitions, but',
    );
    const grown = await start({ folder, hubs: [{ name: 'entra', partitions: 6 }] });
    expect(await consumerOf(grown).getPartitionIds()).toHaveLength(6);
  });
});

test('retention drops whole segments, and a receiver goes on at the oldest event', async () => {
  const server = await start({ retention: { bytesPerPartition: 100_000, segmentBytes: 20_000 } });
  const producer = producerOf(server);
  const body = 'x'.repeat(1000);
  for (let index = 0; index < 40; index++) {
    await producer.sendBatch(
      Array.from({ length: 10 }, () => ({ body })),
      { partitionId: '0' },
    );
  }
  const [hub] = await server.statistics();
  const { begin = 0, last, bytes, dropped } = hub?.partitions[0] ?? {};
  expect(begin).toBeGreaterThan(200);
  expect([last, dropped]).toEqual([399, begin]);
  expect(bytes).toBeLessThanOrEqual(100_000);
  expect(await producer.getPartitionProperties('0')).toMatchObject({
    beginningSequenceNumber: begin,
    lastEnqueuedSequenceNumber: 399,
  });
  const seen = watch(consumerOf(server), '0', { sequenceNumber: 3 });
  await eventually(() => expect(seen.events).toHaveLength(400 - begin));
  expect(seen.events[0]?.sequenceNumber).toBe(begin);
});

describe('$management', () => {
  test('describes the hub', async () => {
    const server = await start();
    expect(await consumerOf(server).getEventHubProperties()).toMatchObject({
      name: 'entra',
      partitionIds: ['0', '1', '2', '3'],
    });
    const { createdOn } = await consumerOf(server).getEventHubProperties();
    expect(Math.abs(createdOn.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('describes a partition, empty and not', async () => {
    const server = await start();
    const producer = producerOf(server);
    const empty = { partitionId: '2', isEmpty: true, beginningSequenceNumber: 0, lastEnqueuedSequenceNumber: -1 };
    expect(await producer.getPartitionProperties('2')).toMatchObject({ ...empty, lastEnqueuedOffset: '-1' });
    await sendTo(server, '2', ['a', 'b']);
    const seen = watch(consumerOf(server), '2');
    await eventually(() => expect(seen.events).toHaveLength(2));
    expect(await producer.getPartitionProperties('2')).toEqual({
      eventHubName: 'entra',
      partitionId: '2',
      isEmpty: false,
      beginningSequenceNumber: 0,
      lastEnqueuedSequenceNumber: 1,
      lastEnqueuedOffset: seen.events[1]?.offset,
      lastEnqueuedOnUtc: seen.events[1]?.enqueuedTimeUtc,
    });
  });

  test('knows no other hub or partition', async () => {
    const server = await start();
    await expect(consumerOf(server).getPartitionProperties('17')).rejects.toThrow('has no partition "17"');
    await expect(producerOf(server, 'nothing').getEventHubProperties()).rejects.toThrow('no event hub "nothing"');
  });
});

test.each([
  [
    'two hubs of one name',
    {
      hubs: [
        { name: 'a', partitions: 1 },
        { name: 'A', partitions: 1 },
      ],
    },
    'named twice',
  ],
  ['a name that is none', { hubs: [{ name: '../escape', partitions: 1 }] }, '"../escape" is no name for an event hub'],
  ['no partitions', { hubs: [{ name: 'a', partitions: 0 }] }, 'set to 0 partitions'],
  ['a group that is none', { hubs: [{ name: 'a', partitions: 1, consumerGroups: ['a/b'] }] }, '"a/b" of the hub a'],
  ['too little retention', { retention: { bytesPerPartition: 100, segmentBytes: 60 } }, 'at least twice segmentBytes'],
])('%s cannot be started', async (_, options, message) => {
  const folder = temporaryFolder();
  await expect(start({ folder, ...options })).rejects.toThrow(message);
  // The folder is free again.
  await start({ folder });
});
