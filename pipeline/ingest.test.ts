import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { awsRecord, delivery, memoryPorts } from '../test/memory-ports.ts';
import type { Hubs } from '../platform/hubs.ts';
import { faultyStorage } from '../platform/storage/faults.ts';
import { ARCHIVE } from './archive.ts';
import { DEAD_LETTERS, listDeadLetters, replayDeadLetter } from './dead-letters.ts';
import { ingest, TIMELINE_HUB } from './ingest.ts';
import { decodeEvent } from './timeline/codec.ts';

const body = (...records: object[]) => JSON.stringify({ Records: records });
const sentEvents = ({ hubs }: ReturnType<typeof memoryPorts>) =>
  (hubs.sent.get(TIMELINE_HUB) ?? []).map((message) => ({ key: message.key, event: decodeEvent(message.body) }));

describe('ingest', () => {
  it('sends events on with the principal as partition key', async () => {
    const ports = memoryPorts();
    await ingest([delivery(body(awsRecord(1), awsRecord(2)))], ports);
    const sent = sentEvents(ports);
    expect(sent.map(({ event }) => event.recordId)).toEqual([
      '00000000-0000-4000-8000-000000000001',
      '00000000-0000-4000-8000-000000000002',
    ]);
    expect(sent.map(({ key }) => key)).toEqual(sent.map(({ event }) => event.principal));
    expect(ports.metrics.total('events', { source: 'cloudtrail' })).toBe(2);
    // From 09:58 to 10:00.
    expect(ports.metrics.total('delay', { source: 'cloudtrail', minutes: 'up to 2' })).toBe(2);
  });

  it('takes what a scanner found for as old as its message, where the report does not say', async () => {
    const ports = memoryPorts();
    const log = {
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'x' } }, results: [{ ruleId: 'a' }, { ruleId: 'b' }] }],
    };
    await ingest([delivery(JSON.stringify(log), 0, 'github-audit')], ports);
    const times = sentEvents(ports).map(({ event }) => event.time);
    expect(times).toEqual([Date.UTC(2026, 10, 20, 10), Date.UTC(2026, 10, 20, 10)]);
  });

  it('archives no secret that a scanner found', async () => {
    const ports = memoryPorts();
    const Secrets = [{ RuleID: 'aws-access-key-id', Match: 'invented-and-not-a-real-key' }];
    const report = { SchemaVersion: 2, ArtifactName: 'shop', Results: [{ Target: '.env', Class: 'secret', Secrets }] };
    await ingest([delivery(JSON.stringify(report), 0, 'github-audit')], ports);
    const [blob] = await Array.fromAsync(ports.blobs.list(ARCHIVE, ''));
    const content = await ports.blobs.get(ARCHIVE, blob?.name ?? '');
    const archived = gunzipSync(content?.body ?? '').toString('utf8');
    expect(archived).toContain('aws-access-key-id');
    expect(archived).not.toContain('not-a-real-key');
  });

  it('keeps what it has read of a batch of long reports before it reads on, in the same pieces again', async () => {
    const ports = memoryPorts();
    const report = JSON.stringify({ version: '2.1.0', runs: [{ results: Array(11_000).fill({}) }] });
    const batch = [0, 1, 2].map((number) => delivery(report, number, 'github-audit'));
    const sends: number[] = [];
    const hubs: Hubs = {
      send: async (_hub, messages) => void sends.push(messages.length),
      close: async () => {},
    };
    const counting = { ...ports, hubs };
    await ingest(batch, counting);
    await ingest(batch, counting);
    expect(sends).toEqual([22_000, 11_000, 22_000, 11_000]);
    const blobs = await Array.fromAsync(ports.blobs.list(ARCHIVE, ''));
    expect(blobs.map(({ name }) => name.split('/').at(-1))).toEqual([
      '0000000000000000-0000000000000001.ndjson.gz',
      '0000000000000002-0000000000000002.ndjson.gz',
    ]);
  });

  it('archives the raw records under a name that the same batch gets again', async () => {
    const ports = memoryPorts();
    const batch = [delivery(body(awsRecord(1)), 7), delivery(body(awsRecord(2)), 8)];
    await ingest(batch, ports);
    await ingest(batch, ports);
    const blobs = await Array.fromAsync(ports.blobs.list(ARCHIVE, ''));
    expect(blobs.map(({ name }) => name)).toEqual([
      'cloudtrail/2026/11/20/10/0/0000000000000007-0000000000000008.ndjson.gz',
    ]);
    const content = await ports.blobs.get(ARCHIVE, blobs[0]?.name ?? '');
    const lines = gunzipSync(content?.body ?? '')
      .toString('utf8')
      .trim()
      .split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { id: 'cloudtrail/00000000-0000-4000-8000-000000000001', sequenceNumber: 7, record: awsRecord(1) },
      { sequenceNumber: 8, record: awsRecord(2) },
    ]);
  });

  it('dead-letters what cannot be read, as it was written, and sends its neighbours on', async () => {
    const ports = memoryPorts();
    const bad = '{"eventVersion":"1.11", "eventName" : 12345678901234567890}';
    const text = `{"Records":[${JSON.stringify(awsRecord(1))},${bad},${JSON.stringify(awsRecord(2))}]}`;
    await ingest([delivery(text, 5)], ports);
    expect(sentEvents(ports)).toHaveLength(2);
    const letters = await Array.fromAsync(listDeadLetters(ports.blobs));
    expect(letters).toMatchObject([
      {
        records: 1,
        origin: { hub: 'cloudtrail', partition: '0', sequenceNumber: 5, enqueued: Date.UTC(2026, 10, 20, 10) },
      },
    ]);
    expect(letters[0]?.reason).not.toBe('');
    const kept = await ports.blobs.get(DEAD_LETTERS, letters[0]?.name ?? '');
    expect(new TextDecoder().decode(kept?.body)).toBe(bad);
    expect(ports.metrics.total('dead_letters', { hub: 'cloudtrail' })).toBe(1);
  });

  it('gathers a million bad records into few dead letters', async () => {
    const ports = memoryPorts();
    await ingest([delivery(`[${'{},'.repeat(100_000)}7,${JSON.stringify(awsRecord(1))}]`)], ports);
    expect(sentEvents(ports)).toHaveLength(1);
    const letters = await Array.fromAsync(listDeadLetters(ports.blobs));
    expect(letters.map(({ records }) => records).sort()).toEqual([1, 100_000]);
  });

  it('replays a dead letter once what kept it from being read is mended', async () => {
    const ports = memoryPorts();
    await ingest([delivery('{"records":[{"category":"Unknown"}]}', 3)], ports);
    const [letter] = await Array.fromAsync(listDeadLetters(ports.blobs));
    if (letter === undefined) throw new Error('nothing was dead-lettered');
    await replayDeadLetter(letter, ports);
    expect(ports.hubs.sent.get('cloudtrail')?.map((message) => new TextDecoder().decode(message.body))).toEqual([
      '{"records":[{"category":"Unknown"}]}',
    ]);
    expect(await Array.fromAsync(listDeadLetters(ports.blobs))).toEqual([]);
  });

  it('takes a record of 1 MiB, leaving to the archive what does not fit into a message', async () => {
    const ports = memoryPorts();
    let noise = '';
    for (let i = 0; noise.length < 1_400_000; i++) noise += Math.sin(i).toString(36).slice(3);
    await ingest([delivery(body(awsRecord(1, { requestParameters: { noise } })))], ports);
    const [sent] = ports.hubs.sent.get(TIMELINE_HUB) ?? [];
    expect(sent?.body.length).toBeLessThan(1_000_000);
    expect(sentEvents(ports)).toHaveLength(1);
  });

  it('fails as a whole when storage fails, so that the batch comes again', async () => {
    const ports = memoryPorts();
    const { blobs } = faultyStorage(ports.storage, ({ operation }) =>
      operation === 'blobs.put' ? 'before' : undefined,
    );
    await expect(ingest([delivery('not json')], { ...ports, blobs })).rejects.toThrow('made to fail');
  });
});
