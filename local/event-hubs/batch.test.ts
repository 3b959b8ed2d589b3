import fc from 'fast-check';
import rhea, { type Message } from 'rhea';
import { describe, expect, test } from 'vitest';
import { MalformedMessageError } from './amqp-sections.ts';
import { BATCH_FORMAT, encodeEvent, prepareMessage, splitBatch } from './batch.ts';
import { dataOf } from './test-clients.ts';

const POSITION = { sequence: 4_294_967_298, offset: 123_456_789_012, enqueued: 1_764_547_200_123 };

function encode(message: Message): Buffer {
  return rhea.message.encode(message);
}

function batchOf(messages: readonly Buffer[], annotations?: Record<string, string>): Buffer {
  return encode({ body: dataOf(...messages), message_annotations: annotations ?? {} });
}

function received(message: Buffer, key?: string): Record<string, unknown> {
  return { ...rhea.message.decode(encodeEvent(prepareMessage(message, key), POSITION)) };
}

describe('a batch', () => {
  test('gives its messages and its key', () => {
    const messages = [encode({ body: 'one' }), encode({ body: 'two' })];
    const batch = splitBatch(batchOf(messages, { 'x-opt-partition-key': 'alice' }), BATCH_FORMAT);
    expect(batch).toEqual({ key: 'alice', messages });
  });

  test('of one message is split, too', () => {
    const message = encode({ body: dataOf(Buffer.from('one')) });
    expect(splitBatch(batchOf([message]), BATCH_FORMAT)).toEqual({ key: undefined, messages: [message] });
  });

  test('whose first message alone has the key has that key', () => {
    const message = encode({ body: 'one', message_annotations: { 'x-opt-partition-key': 'bob' } });
    expect(splitBatch(batchOf([message]), BATCH_FORMAT).key).toBe('bob');
  });

  test('is a single message in any other format', () => {
    const message = encode({ body: 'one', message_annotations: { 'x-opt-partition-key': 'bob' } });
    expect(splitBatch(message, 0)).toEqual({ key: 'bob', messages: [message] });
  });

  test.each([
    ['no message', encode({ body: dataOf() })],
    ['a value', encode({ body: 'text' })],
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('{"records":[]}')],
  ])('with %s is refused', (_, delivery) => {
    expect(() => splitBatch(delivery, BATCH_FORMAT)).toThrow(MalformedMessageError);
  });
});

describe('an event', () => {
  test('keeps what its sender wrote and gains its position', () => {
    const message = received(
      encode({
        durable: true,
        message_id: 'id-1',
        content_type: 'application/json',
        creation_time: new Date(1_764_547_200_000),
        application_properties: { tenant: 'contoso.example', attempt: 3, urgent: true },
        message_annotations: { 'x-own': 'kept', 'x-opt-partition-key': 'alice' },
        delivery_annotations: { hop: 'dropped' },
        body: dataOf(Buffer.from([0, 255, 128])),
      }),
      'alice',
    );
    expect(message).toMatchObject({
      durable: true,
      message_id: 'id-1',
      content_type: 'application/json',
      creation_time: new Date(1_764_547_200_000),
      application_properties: { tenant: 'contoso.example', attempt: 3, urgent: true },
      body: { typecode: 0x75, content: Buffer.from([0, 255, 128]) },
    });
    expect(message['message_annotations']).toEqual({
      'x-own': 'kept',
      'x-opt-partition-key': 'alice',
      'x-opt-sequence-number': POSITION.sequence,
      'x-opt-offset': POSITION.offset.toString(),
      'x-opt-enqueued-time': new Date(POSITION.enqueued),
    });
    expect(message['delivery_annotations']).toBeUndefined();
  });

  test('gains the key of its batch', () => {
    const message = received(encode({ body: 'one' }), 'ключ');
    expect(message['message_annotations']).toMatchObject({ 'x-opt-partition-key': 'ключ' });
  });

  test('cannot tell its own position', () => {
    const forged = {
      'x-opt-sequence-number': 1,
      'x-opt-offset': '1',
      'x-opt-enqueued-time': new Date(0),
    };
    const message = received(encode({ body: 'one', message_annotations: forged }));
    expect(message['message_annotations']).toEqual({
      'x-opt-sequence-number': POSITION.sequence,
      'x-opt-offset': POSITION.offset.toString(),
      'x-opt-enqueued-time': new Date(POSITION.enqueued),
    });
  });

  test('has the body that was sent, whatever its form', () => {
    const value = fc.oneof(
      fc.string().map((text) => ({ body: text })),
      fc.uint8Array({ maxLength: 600 }).map((bytes) => ({ body: dataOf(Buffer.from(bytes)) })),
      fc.array(fc.string()).map((list) => ({ body: rhea.message.sequence_section(list) as unknown })),
    );
    const properties = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()));
    fc.assert(
      fc.property(value, properties, ({ body }, application_properties) => {
        const sent = encode({ body, application_properties });
        const { message_annotations: _, ...rest } = received(sent, 'key');
        expect(rest).toEqual({ ...rhea.message.decode(sent) });
      }),
    );
  });

  test.each([
    ['without a body', encode({ body: 'x' }).subarray(0, -4)],
    ['with sections out of order', Buffer.concat([encode({ body: 'x' }), encode({ body: 'x' })])],
    ['cut short', encode({ body: 'a longer text' }).subarray(0, -1)],
    ['with an unknown section', Buffer.from([0x00, 0x53, 0x99, 0x40])],
    ['with a described descriptor', Buffer.from([0x00, 0x00, 0x53, 0x77, 0x40])],
    ['with a map that lies about its count', Buffer.from([0x00, 0x53, 0x72, 0xc1, 1, 2, 0x00, 0x53, 0x77, 0x40])],
    ['with annotations that are no map', Buffer.from([0x00, 0x53, 0x72, 0x40, 0x00, 0x53, 0x77, 0x40])],
  ])('%s is refused', (_, message) => {
    expect(() => prepareMessage(message, undefined)).toThrow(MalformedMessageError);
  });

  test('of arbitrary bytes is taken or refused, and never breaks anything else', () => {
    const whole = encode({ body: 'text', message_annotations: { a: 'b' }, application_properties: { c: 1 } });
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
      const copy = Buffer.from(whole);
      copy[at] = byte;
      return copy;
    });
    const bytes = fc.oneof(
      damaged,
      fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
    );
    fc.assert(
      fc.property(bytes, fc.constantFrom(0, BATCH_FORMAT), (delivery, format) => {
        try {
          for (const message of splitBatch(delivery, format).messages) {
            encodeEvent(prepareMessage(message, undefined), POSITION);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
