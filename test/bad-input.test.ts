import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listDeadLetters } from '../pipeline/dead-letters.ts';
import { ingest, TIMELINE_HUB } from '../pipeline/ingest.ts';
import { decodeEvent } from '../pipeline/timeline/codec.ts';
import { awsRecord, delivery, memoryPorts } from './memory-ports.ts';

const text = (value: unknown) => JSON.stringify(value);
const good = (id: number) => text(awsRecord(id));
const nested = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

/** Runs one hostile message between two good ones; tells what became of each. */
async function between(hostile: string | Uint8Array) {
  const ports = memoryPorts();
  await ingest([delivery(good(1), 0), delivery(hostile, 1), delivery(good(2), 2)], ports);
  const events = (ports.hubs.sent.get(TIMELINE_HUB) ?? []).map((message) => decodeEvent(message.body));
  const letters = await Array.fromAsync(listDeadLetters(ports.blobs));
  return { events, letters };
}

describe('a hostile message becomes a dead letter with a reason, and its neighbours go on', () => {
  const cases: [string, string | Uint8Array, RegExp][] = [
    ['an empty body', '', /empty/],
    ['what is not UTF-8', Uint8Array.of(0x80, 0x81, 0x82), /UTF-8/],
    ['truncated JSON', good(3).slice(0, 200), /cut off/],
    ['single-quoted JSON', "{'category':'FunctionAppLogs'}", /single quotes/],
    ['wrong types', text(awsRecord(3, { eventTime: { a: 1 }, eventName: [] })), /eventTime|eventName/],
    ['a missing time', text({ ...awsRecord(3), eventTime: undefined }), /eventTime/],
    ['a record nested 10,000 deep', `{"Records":[${nested(10_000)}]}`, /nested more than 100 deep/],
    ['a gzip bomb', gzipSync(new Uint8Array(80 * 1024 * 1024)), /unpacks to more/],
    ['a gzip of brackets', gzipSync('['.repeat(20 * 1024 * 1024)), /nested more than/],
    ['an unknown kind', text({ records: [{ category: 'FunctionAppLogs', properties: {} }] }), /FunctionAppLogs/],
    ['a number', '7', /number/],
    ['nothing but names that objects inherit', '{"__proto__":{"a":1},"constructor":{}}', /no source/],
  ];
  it.each(cases)('%s', async (_name, hostile, reason) => {
    const { events, letters } = await between(hostile);
    expect(events.map(({ recordId }) => recordId.slice(-1))).toEqual(['1', '2']);
    expect(letters).toMatchObject([{ origin: { sequenceNumber: 1 } }]);
    expect(letters[0]?.reason).toMatch(reason);
  });
});

describe('a strange message that can be read is an event', () => {
  it.each([
    ['a record of 1 MiB', text(awsRecord(3, { requestParameters: { blob: 'x'.repeat(1024 * 1024) } }))],
    ['a clock ten years ahead', text(awsRecord(3, { eventTime: '2036-11-20T09:58:00Z' }))],
    ['a clock ten years behind', text(awsRecord(3, { eventTime: '2016-11-20T09:58:00Z' }))],
    ['names that objects inherit', good(3).replace('{', '{"__proto__":{"admin":true},"constructor":{"prototype":{}},')],
  ])('%s', async (_name, body) => {
    const { events, letters } = await between(body);
    expect(letters).toEqual([]);
    expect(events).toHaveLength(3);
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it('100,000 records in one body', async () => {
    const { events } = await between(
      `{"Records":[${Array.from({ length: 100_000 }, (_, id) => good(id + 10)).join(',')}]}`,
    );
    expect(events).toHaveLength(100_002);
  }, 60_000);
});

describe('no input whatever', () => {
  it('throws, or loses a neighbour', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const json = fc.jsonValue().map(text);
    const cut = fc.nat(good(3).length).map((length) => good(3).slice(0, length));
    const swapped = fc
      .tuple(fc.constantFrom(...Object.keys(awsRecord(3))), fc.jsonValue())
      .map(([name, value]) => text({ ...awsRecord(3), [name]: value }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, json, cut, swapped), async (hostile) => {
        const { events, letters } = await between(hostile);
        expect(events.at(0)?.recordId).toMatch(/1$/);
        expect(events.at(-1)?.recordId).toMatch(/2$/);
        // Nothing is lost: it is an event, or a dead letter, or an empty list of records.
        const empty = typeof hostile === 'string' && /^\s*(\[[\s[\]]*\]|\{"[rR]ecords":\[\]\})\s*$/.test(hostile);
        expect(events.length + letters.length >= 3 || empty).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
