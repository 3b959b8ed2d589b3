import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventHubProducerClient } from '@azure/event-hubs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startEventHubs, type EventHubsServer } from '../local/event-hubs/server.ts';
import { AzureHubs, hubSettings, MessageTooLargeError, partitionKey } from './hubs.ts';

let folder: string;
let server: EventHubsServer;
let hubs: AzureHubs;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubs-'));
  server = await startEventHubs({ folder, port: 0, hubs: [{ name: 'timeline', partitions: 4 }] });
  hubs = new AzureHubs({ connectionString: server.connectionString });
});
afterEach(async () => {
  await hubs.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const stored = async () =>
  (await server.statistics()).flatMap(({ partitions }) => partitions).reduce((sum, { last }) => sum + last + 1, 0);
const body = (size: number) => new Uint8Array(size).fill(120);

describe('AzureHubs', () => {
  it('sends to more keys than a link has places for, never more at once than it has', async () => {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the client it belongs to, below
    const send = EventHubProducerClient.prototype.sendBatch;
    let underWay = 0;
    let most = 0;
    const spy = vi.spyOn(EventHubProducerClient.prototype, 'sendBatch').mockImplementation(async function (
      this: EventHubProducerClient,
      ...call: Parameters<typeof send>
    ) {
      most = Math.max(most, ++underWay);
      await send.apply(this, call).finally(() => underWay--);
    });
    const messages = Array.from({ length: 2000 }, (_, n) => ({ key: `key ${n}`, body: body(100) }));
    // Two callers at once, as the partitions of a hub are: the link is theirs together.
    await Promise.all([hubs.send('timeline', messages.slice(0, 1000)), hubs.send('timeline', messages.slice(1000))]);
    spy.mockRestore();
    expect(await stored()).toBe(2000);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(100);
  });

  it('sends messages of one key in several pieces where they do not fit into one', async () => {
    await hubs.send(
      'timeline',
      Array.from({ length: 5 }, () => ({ key: 'one', body: body(600_000) })),
    );
    expect(await stored()).toBe(5);
  });

  it('refuses a message that no hub takes, by name', async () => {
    await expect(hubs.send('timeline', [{ body: body(2_000_000) }])).rejects.toThrow(MessageTooLargeError);
  });

  it('bears a service that is busy for a while', async () => {
    await server.inject({ refuseSends: 2 });
    await hubs.send('timeline', [{ body: body(10) }]);
    expect(await stored()).toBe(1);
  });
});

describe('partitionKey', () => {
  it('keeps what the service takes and tells longer keys apart by a hash', () => {
    expect(partitionKey('upn:mara@contoso.example')).toBe('upn:mara@contoso.example');
    const [a, b] = [partitionKey(`${'x'.repeat(200)}a`), partitionKey(`${'x'.repeat(200)}b`)];
    expect(a).not.toBe(b);
    expect(a.length).toBeLessThanOrEqual(128);
  });
});

describe('hubSettings', () => {
  it('reads what Azure Functions would, and says what is missing', () => {
    expect(hubSettings('HUBS', { HUBS: 'Endpoint=sb://x' })).toEqual({ connectionString: 'Endpoint=sb://x' });
    expect(hubSettings('HUBS', { HUBS__fullyQualifiedNamespace: 'contoso.servicebus.windows.net' })).toEqual({
      namespace: 'contoso.servicebus.windows.net',
    });
    expect(() => hubSettings('HUBS', {})).toThrow('HUBS__fullyQualifiedNamespace');
  });
});
