import { EventHubBufferedProducerClient, type ReceivedEventData } from '@azure/event-hubs';
import rhea, { type Delivery, type EventContext, type Message } from 'rhea';
import { describe, expect, test } from 'vitest';
import { MAX_MESSAGE_BYTES } from './hub.ts';
import { partitionOfKey } from './partition-key.ts';
import type { EventHubsServer } from './server.ts';
import {
  EARLIEST,
  codeOf,
  connectRaw,
  consumerOf,
  dataOf,
  eventually,
  producerOf,
  start,
  watch,
} from './test-clients.ts';

/** Every event of the hub's partitions, by partition. */
async function everything(server: EventHubsServer, count: number): Promise<ReceivedEventData[][]> {
  const consumer = consumerOf(server);
  const seen = ['0', '1', '2', '3'].map((partition) => watch(consumer, partition, EARLIEST));
  await eventually(() => expect(seen.reduce((sum, { events }) => sum + events.length, 0)).toBe(count));
  return seen.map(({ events }) => events);
}

describe('an event', () => {
  test('arrives with all that its sender gave it', async () => {
    const server = await start();
    const before = Date.now();
    await producerOf(server).sendBatch(
      [
        {
          body: { tenant: 'contoso.example', roles: ['reader'] },
          properties: { source: 'entra', attempt: 2, urgent: true, ratio: 0.5, at: new Date(0) },
          contentType: 'application/json',
          correlationId: 'correlation-1',
          messageId: 'message-1',
        },
      ],
      { partitionKey: 'alice@contoso.example' },
    );
    const [event] = (await everything(server, 1)).flat();
    expect(event).toMatchObject({
      body: { tenant: 'contoso.example', roles: ['reader'] },
      properties: { source: 'entra', attempt: 2, urgent: true, ratio: 0.5, at: 0 },
      contentType: 'application/json',
      correlationId: 'correlation-1',
      messageId: 'message-1',
      partitionKey: 'alice@contoso.example',
      sequenceNumber: 0,
      offset: '0',
    });
    expect(event?.enqueuedTimeUtc.getTime()).toBeGreaterThanOrEqual(before);
    expect(event?.enqueuedTimeUtc.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('keeps its bytes as they are', async () => {
    const server = await start();
    const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await producerOf(server).sendBatch([{ body }, { body: Buffer.alloc(0) }], { partitionId: '0' });
    const seen = watch(consumerOf(server), '0', EARLIEST, { skipParsingBodyAsJson: true });
    await eventually(() => expect(seen.bodies()).toEqual([body, Buffer.alloc(0)]));
  });

  test('keeps an annotated message: its header, annotations and value', async () => {
    const server = await start();
    const message = {
      body: { nested: ['value'] },
      bodyType: 'value',
      header: { durable: true, priority: 7 },
      messageAnnotations: { own: 'annotation' },
      applicationProperties: { name: 'value' },
    } as const;
    await producerOf(server).sendBatch([message], { partitionId: '0' });
    const seen = watch(consumerOf(server), '0');
    await eventually(() => expect(seen.events).toHaveLength(1));
    expect(seen.events[0]?.getRawAmqpMessage()).toMatchObject(message);
  });
});

describe('events', () => {
  test('of one batch keep their order and meet in one partition', async () => {
    const server = await start();
    const producer = producerOf(server);
    const batch = await producer.createBatch();
    for (let index = 0; index < 500; index++) expect(batch.tryAdd({ body: index })).toBe(true);
    await producer.sendBatch(batch);
    const [events, ...others] = (await everything(server, 500)).filter(({ length }) => length > 0);
    expect(others).toEqual([]);
    expect(events?.map(({ body }) => body as number)).toEqual(Array.from({ length: 500 }, (_, index) => index));
    expect(events?.map(({ sequenceNumber }) => sequenceNumber)).toEqual(events?.map(({ body }) => body as number));
  });

  test('without a key go to each partition in turn', async () => {
    const server = await start();
    const producer = producerOf(server);
    for (let index = 0; index < 8; index++) await producer.sendBatch([{ body: index }]);
    expect((await everything(server, 8)).map(({ length }) => length)).toEqual([2, 2, 2, 2]);
  });

  test('for a partition go there, with a key or without', async () => {
    const server = await start();
    await producerOf(server).sendBatch([{ body: 'here' }], { partitionId: '2' });
    expect((await everything(server, 1)).map(({ length }) => length)).toEqual([0, 0, 1, 0]);
  });

  test('of one key meet in one partition, whichever client sends them', async () => {
    const server = await start();
    const keys = Array.from({ length: 40 }, (_, index) => `user-${index}@contoso.example`);
    const producer = producerOf(server);
    for (const key of keys) await producer.sendBatch([{ body: key }], { partitionKey: key });
    const failures: Error[] = [];
    const buffered = new EventHubBufferedProducerClient(server.connectionString, 'entra', {
      onSendEventsErrorHandler: ({ error }) => failures.push(error),
      maxWaitTimeInMs: 5,
    });
    for (const key of keys) await buffered.enqueueEvent({ body: key }, { partitionKey: key });
    await buffered.close({ flush: true });
    expect(failures).toEqual([]);
    const found = await everything(server, 2 * keys.length);
    for (const [partition, events] of found.entries()) {
      for (const { body } of events) {
        expect(partitionOfKey(String(body), 4)).toBe(partition);
      }
    }
  });

  test('by the thousand from a buffered producer all arrive, once each', async () => {
    const server = await start();
    const failures: Error[] = [];
    const producer = new EventHubBufferedProducerClient(server.connectionString, 'entra', {
      onSendEventsErrorHandler: ({ error }) => failures.push(error),
      maxWaitTimeInMs: 5,
    });
    const bodies = Array.from({ length: 2000 }, (_, index) => index);
    await producer.enqueueEvents(bodies.map((body) => ({ body })));
    await producer.close({ flush: true });
    const found = (await everything(server, bodies.length)).flat().map(({ body }) => body as number);
    expect(found.sort((a, b) => a - b)).toEqual(bodies);
    expect(failures).toEqual([]);
  });
});

describe('the largest message', () => {
  test('is told to clients, and is taken', async () => {
    const server = await start();
    const producer = producerOf(server);
    const batch = await producer.createBatch({ partitionId: '0' });
    expect(batch.maxSizeInBytes).toBe(MAX_MESSAGE_BYTES);
    const body = Buffer.alloc(MAX_MESSAGE_BYTES - 100, 'x');
    expect(batch.tryAdd({ body })).toBe(true);
    expect(batch.tryAdd({ body: 'no more'.repeat(20) })).toBe(false);
    await producer.sendBatch(batch);
    const seen = watch(consumerOf(server), '0', EARLIEST, { skipParsingBodyAsJson: true });
    await eventually(() => expect(seen.events).toHaveLength(1));
    expect(body.equals(seen.events[0]?.body as Buffer)).toBe(true);
  });

  test('has no larger one: it is refused, and its neighbours are not', async () => {
    const server = await start();
    const large = { body: dataOf(Buffer.alloc(MAX_MESSAGE_BYTES)) };
    const outcomes = await sendRaw(server, 'entra', [{ body: 'a' }, large, { body: 'b' }, large, large, { body: 'c' }]);
    const refused = 'amqp:link:message-size-exceeded';
    expect(outcomes).toEqual(['accepted', refused, 'accepted', refused, refused, 'accepted']);
    expect(
      (await everything(server, 3))
        .flat()
        .map(({ body }) => body as string)
        .sort(),
    ).toEqual(['a', 'b', 'c']);
  });
});

/** Sends as another AMQP client would: single messages, not in Event Hubs' batches. Gives each one's outcome. */
async function sendRaw(
  server: EventHubsServer,
  address: string,
  messages: readonly Message[],
  format?: number,
): Promise<string[]> {
  const connection = connectRaw(server);
  const sender = connection.open_sender(address);
  const outcomes = new Map<Delivery, string>();
  const sent: Delivery[] = [];
  sender.once('sendable', () => {
    for (const message of messages) {
      sent.push(
        format === undefined ? sender.send(message) : sender.send(rhea.message.encode(message), undefined, format),
      );
    }
  });
  sender.on('accepted', ({ delivery }: EventContext) => delivery && outcomes.set(delivery, 'accepted'));
  sender.on('rejected', ({ delivery }: EventContext) => {
    const error: unknown = delivery?.remote_state?.['error'];
    if (delivery)
      outcomes.set(delivery, error instanceof Object && 'condition' in error ? String(error.condition) : '');
  });
  await eventually(() => expect(outcomes.size).toBe(messages.length));
  return sent.map((delivery) => outcomes.get(delivery) ?? '');
}

describe('another AMQP client', () => {
  test('sends single messages', async () => {
    const server = await start();
    const message = {
      body: dataOf(Buffer.from('single')),
      message_annotations: { 'x-opt-partition-key': 'alice' },
      application_properties: { kept: 'yes' },
    };
    expect(await sendRaw(server, 'amqp://127.0.0.1/entra', [message])).toEqual(['accepted']);
    const [event] = (await everything(server, 1)).flat();
    expect(event).toMatchObject({ partitionKey: 'alice', properties: { kept: 'yes' }, body: Buffer.from('single') });
  });

  test('is refused what is no batch', async () => {
    const server = await start();
    const outcomes = await sendRaw(server, 'entra', [{ body: 'no batch' }, { body: 'nor this' }], 0x80013700);
    expect(outcomes).toEqual(['amqp:decode-error', 'amqp:decode-error']);
  });
});

describe('refused', () => {
  test('is a hub that does not exist', async () => {
    const producer = producerOf(await start(), 'nothing');
    const failure = await producer.sendBatch([{ body: 1 }]).catch((error: unknown) => error);
    expect(codeOf(failure)).toBe('ServiceCommunicationError');
    expect(String(failure)).toContain('There is no event hub "nothing" here.');
  });

  test('is a partition that does not exist', async () => {
    const producer = producerOf(await start());
    const failure = await producer.sendBatch([{ body: 1 }], { partitionId: '4' }).catch((error: unknown) => error);
    expect(String(failure)).toContain('The hub entra has no partition "4". Its partitions are 0 to 3.');
  });
});

test('hub names are the same in any letter case', async () => {
  const server = await start({ hubs: [{ name: 'Azure-Activity', partitions: 1 }] });
  await producerOf(server, 'azure-activity').sendBatch([{ body: 'one' }]);
  const seen = watch(consumerOf(server, '$default', 'AZURE-ACTIVITY'), '0');
  await eventually(() => expect(seen.bodies()).toEqual(['one']));
});
