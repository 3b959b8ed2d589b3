import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { checkVersion } from './azurite-servers.ts';
import { startAzurite } from './start-azurite.ts';
import { type Storage, connect } from './storage-subjects.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-azurite-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function tableNames({ tables }: Storage): Promise<string[]> {
  const names: string[] = [];
  for await (const { name = '' } of tables.listTables()) names.push(name);
  return names;
}

describe('startAzurite', () => {
  it('reports the ports that it listens on, and keeps its data over a restart', async () => {
    const azurite = await startAzurite({ folder });
    const storage = connect(azurite.connectionString);
    expect(new Set(Object.values(azurite.ports)).size).toBe(3);
    expect(storage.tables.url).toBe(`http://127.0.0.1:${azurite.ports.table}/devstoreaccount1`);
    await Promise.all([
      storage.tables.createTable('Kept'),
      storage.queues.createQueue('kept'),
      storage.blobs.createContainer('kept'),
    ]);
    await azurite.close();
    await expect(storage.tables.createTable('Late')).rejects.toThrow();

    const again = await startAzurite({ folder, ports: azurite.ports });
    expect(again.ports).toEqual(azurite.ports);
    expect(await tableNames(storage)).toEqual(['Kept']);
    expect(await storage.blobs.getContainerClient('kept').exists()).toBe(true);
    expect(await storage.queues.getQueueClient('kept').exists()).toBe(true);
    await again.close();
    await again.close();
  });

  it('says which service has no port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const started = startAzurite({ folder, ports: { blob: 0, queue: port, table: 0 } });
    await expect(started).rejects.toThrow(`cannot listen on 127.0.0.1:${port} for its queue service`);
    other.close();
  });

  it('cuts off a write that was not finished', async () => {
    const azurite = await startAzurite({ folder });
    await connect(azurite.connectionString).tables.createTable('Kept');
    await azurite.close();
    appendFileSync(join(folder, 'metadata.journal'), Buffer.from([200, 0, 0, 0, 1, 2]));

    const again = await startAzurite({ folder });
    await connect(again.connectionString).tables.createTable('Other');
    await again.close();
    const last = await startAzurite({ folder });
    expect(await tableNames(connect(last.connectionString))).toEqual(['Kept', 'Other']);
    await last.close();
  });

  it('refuses damaged data, and says where it is', async () => {
    const azurite = await startAzurite({ folder });
    await connect(azurite.connectionString).tables.createTable('Kept');
    await azurite.close();
    const path = join(folder, 'metadata.journal');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
    writeFileSync(path, bytes);
    await expect(startAzurite({ folder })).rejects.toThrow(/metadata\.journal is damaged at byte 21/);
  });
});

describe('checkVersion', () => {
  it('accepts what was verified, and names what was not', () => {
    expect(() => checkVersion('lokijs', '1.5.12')).not.toThrow();
    expect(() => checkVersion('azurite', '3.37.0')).toThrow(
      /verified with azurite 3\.36\.0, but 3\.37\.0 is installed/,
    );
  });
});
