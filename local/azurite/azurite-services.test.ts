import { cpSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type AzuriteServices, startServices } from './azurite-services.ts';
import { connectionStringOf } from './connection-string.ts';
import { type Storage, connect, subjectsOf } from './storage-subjects.ts';

const PORTS = { blob: 0, queue: 0, table: 0 };
const root = mkdtempSync(join(tmpdir(), 'crosstrail-azurite-'));
const folder = join(root, 'live');
let services: AzuriteServices;
let storage: Storage;

beforeAll(async () => {
  services = await startServices({ folder, ports: PORTS });
  storage = connect(connectionStringOf(services.ports));
  await storage.tables.createTable('Rows');
  await storage.blobs.createContainer('blobs');
});

afterAll(async () => {
  await services.close();
  rmSync(root, { recursive: true, force: true });
});

/** What can be read from services that are started on the files as they are now: what SIGKILL would leave. */
async function afterSigkill<Found>(read: (storage: Storage, at: string) => Promise<Found>): Promise<Found> {
  const copy = mkdtempSync(join(root, 'copy-'));
  cpSync(folder, copy, { recursive: true });
  const restarted = await startServices({ folder: copy, ports: PORTS });
  try {
    return await read(connect(connectionStringOf(restarted.ports)), copy);
  } finally {
    await restarted.close();
    rmSync(copy, { recursive: true });
  }
}

it('writes before the first byte of an answer goes out, not after', async () => {
  const size = () => statSync(join(folder, 'metadata.journal')).size;
  const sizes: number[] = [];
  const writeHead = Reflect.get(ServerResponse.prototype, 'writeHead') as (...head: unknown[]) => ServerResponse;
  const spy = vi.spyOn(ServerResponse.prototype, 'writeHead');
  spy.mockImplementation(function (this: ServerResponse, ...head: unknown[]) {
    sizes.push(size());
    return writeHead.apply(this, head);
  });
  const client = storage.table('Rows');
  for (const rowKey of ['1', '2', '3']) {
    const before = size();
    await client.createEntity({ partitionKey: 'head', rowKey });
    expect(sizes.at(-1)).toBeGreaterThan(before);
    expect(size()).toBe(sizes.at(-1));
  }
  spy.mockRestore();
});

it('lets Azurite remove the bytes of messages that are gone', async () => {
  const queue = storage.queues.getQueueClient('collected');
  await queue.create();
  await queue.sendMessage('kept');
  const contentOf = (at: string) => readdirSync(join(at, 'queue-content'));
  const [kept = ''] = contentOf(folder);
  expect(await afterSigkill(async (_storage, at) => contentOf(at))).toContain(kept);
  await queue.clearMessages();
  await afterSigkill((_storage, at) => expect.poll(() => contentOf(at)).not.toContain(kept));
});

describe('every kind of write is on disk when it is acknowledged', () => {
  for (const subject of subjectsOf('Rows', 'blobs', '1')) {
    it(subject.name, async () => {
      const missing = new Set(subject.kinds);
      for (const kind of [...subject.kinds, ...subject.kinds, ...subject.kinds]) {
        const written = subject.write(kind, storage, `${kind}${missing.size}`);
        if (!written) continue;
        await written;
        missing.delete(kind);
        expect(await afterSigkill(subject.observe), `after ${kind}`).toEqual(subject.state);
        expect(await subject.observe(storage), `${kind} without a restart`).toEqual(subject.state);
      }
      expect([...missing], 'writes that never applied').toEqual([]);
    });
  }
});
