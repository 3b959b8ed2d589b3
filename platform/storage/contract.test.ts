import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAzurite, type Azurite } from '../../test/azurite.ts';
import { azureStorage } from './azure.ts';
import { folderStorage, type FolderStorage } from './folder.ts';
import { StorageLimitError } from './limits.ts';
import { memoryStorage } from './memory.ts';
import {
  RowChangedError,
  RowExistsError,
  type Cells,
  type RowPage,
  type Storage,
  type Tables,
  type Write,
} from './ports.ts';

let azurite: Azurite;
let azure: Storage;
let folder: string;
let inFolder: FolderStorage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-tables-'));
  inFolder = folderStorage(folder);
  azurite = await startAzurite();
  azure = azureStorage({ connectionString: azurite.connectionString });
});
afterAll(async () => {
  await azurite.stop();
  inFolder.close();
  await rm(folder, { recursive: true, force: true });
});

let names = 0;
/** A name for a table, container or queue that no other test has. */
const fresh = (): string => `test${++names}`;

const insert = (row: string, cells: Cells = {}): Write => ({ kind: 'insert', row, cells });
const upsert = (row: string, cells: Cells = {}): Write => ({ kind: 'upsert', row, cells });

async function etagOf(tables: Tables, table: string, row: string): Promise<string> {
  const found = await tables.get(table, 'p', row);
  if (found === undefined) throw new Error(`no row ${row}`);
  return found.etag;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const hostileTexts = [
  '',
  '\u2028 and \u2029',
  '{"a":1}}',
  "\r\n--changeset_x\r\nDELETE http://x/t(PartitionKey='p',RowKey='a') HTTP/1.1\r\nif-match: *",
  'HTTP/1.1 409 Conflict',
  '\u0000\u001f\u007f',
  'é😀',
  "'",
  '__proto__',
];

const implementations: [string, () => Storage][] = [
  ['in memory', memoryStorage],
  ['Azure, served by Azurite', () => azure],
  ['in a folder', () => inFolder],
];

describe.each(implementations)('Tables %s', (_, open) => {
  it('gives back cells of every kind, alone and in a transaction', async () => {
    const { tables } = open();
    const table = fresh();
    const cells: Cells = {
      text: 'é',
      whole: 2 ** 40,
      part: 0.1,
      small: 5e-324,
      yes: true,
      no: false,
      bytes: Uint8Array.of(0, 255),
    };
    await tables.commit(table, 'p', [insert('a', cells)]);
    await tables.commit(table, 'p', [insert('b', cells), upsert('c', { none: new Uint8Array() })]);
    for (const row of ['a', 'b']) {
      const found = await tables.get(table, 'p', row);
      expect(found?.row).toBe(row);
      expect({ ...found?.cells, bytes: [...(found?.cells['bytes'] as Uint8Array)] }).toStrictEqual({
        ...cells,
        bytes: [0, 255],
      });
    }
    expect((await tables.get(table, 'p', 'c'))?.cells['none']).toHaveLength(0);
  });

  it.each(hostileTexts)('keeps the text %j as it is', async (text) => {
    const { tables } = open();
    const table = fresh();
    await tables.commit(table, 'p', [insert('a', { text, again: text })]);
    await tables.commit(table, 'p', [insert('b', { text }), insert('c', { text })]);
    for (const row of ['a', 'b', 'c']) expect((await tables.get(table, 'p', row))?.cells['text']).toBe(text);
  });

  it('writes a lone surrogate as U+FFFD and -0 as 0', async () => {
    const { tables } = open();
    const table = fresh();
    await tables.commit(table, 'p', [insert('a', { text: 'x\ud800', zero: -0 })]);
    expect((await tables.get(table, 'p', 'a'))?.cells).toStrictEqual({ text: 'x\ufffd', zero: 0 });
  });

  it('keeps its own copy of bytes', async () => {
    const { tables } = open();
    const table = fresh();
    const bytes = Uint8Array.of(1);
    await tables.commit(table, 'p', [insert('a', { bytes })]);
    bytes[0] = 2;
    const read = (await tables.get(table, 'p', 'a'))?.cells['bytes'] as Uint8Array;
    expect(read[0]).toBe(1);
    read[0] = 3;
    expect((await tables.get(table, 'p', 'a'))?.cells['bytes']).toHaveProperty('0', 1);
  });

  it('has neither rows nor tables before the first write', async () => {
    const { tables } = open();
    const table = fresh();
    expect(await tables.get(table, 'p', 'a')).toBeUndefined();
    expect(await tables.query(table, 'p', { limit: 10 })).toStrictEqual({ rows: [], more: false });
    expect(await tables.list(table)).toStrictEqual([]);
    await tables.drop(table);
    await tables.commit(table, 'p', []);
    expect(await tables.list(table)).toStrictEqual([]);
  });

  it('refuses to insert a row that exists, and writes nothing of that commit', async () => {
    const { tables } = open();
    const table = fresh();
    await tables.commit(table, 'p', [insert('a', { n: 1 })]);
    await expect(tables.commit(table, 'p', [insert('a', { n: 2 })])).rejects.toThrow(RowExistsError);
    await expect(tables.commit(table, 'p', [upsert('b'), insert('a'), insert('c')])).rejects.toThrow(RowExistsError);
    expect((await tables.query(table, 'p', { limit: 10 })).rows.map(({ row, cells }) => [row, cells])).toStrictEqual([
      ['a', { n: 1 }],
    ]);
  });

  it('upserts over all that was there', async () => {
    const { tables } = open();
    const table = fresh();
    await tables.commit(table, 'p', [upsert('a', { old: 1 })]);
    await tables.commit(table, 'p', [upsert('a', { new: 1 })]);
    expect((await tables.get(table, 'p', 'a'))?.cells).toStrictEqual({ new: 1 });
    await tables.commit(table, 'p', [upsert('a', { newer: 1 }), upsert('b')]);
    expect((await tables.get(table, 'p', 'a'))?.cells).toStrictEqual({ newer: 1 });
  });

  it('replaces and deletes with the etag of the last write only', async () => {
    const { tables } = open();
    const table = fresh();
    await tables.commit(table, 'p', [insert('a', { n: 1 })]);
    const first = await etagOf(tables, table, 'a');
    await tables.commit(table, 'p', [{ kind: 'replace', row: 'a', cells: { n: 2 }, etag: first }]);
    const second = await etagOf(tables, table, 'a');
    expect(second).not.toBe(first);
    const stale: Write[] = [
      { kind: 'replace', row: 'a', cells: { n: 3 }, etag: first },
      { kind: 'delete', row: 'a', etag: first },
    ];
    for (const write of stale) {
      await expect(tables.commit(table, 'p', [write])).rejects.toThrow(RowChangedError);
      await expect(tables.commit(table, 'p', [insert('b'), write])).rejects.toThrow(RowChangedError);
    }
    expect((await tables.get(table, 'p', 'a'))?.cells).toStrictEqual({ n: 2 });
    expect(await tables.get(table, 'p', 'b')).toBeUndefined();
    await tables.commit(table, 'p', [insert('b'), { kind: 'delete', row: 'a', etag: second }]);
    expect(await tables.get(table, 'p', 'a')).toBeUndefined();
    for (const write of [...stale, { kind: 'delete', row: 'a', etag: second } as const]) {
      await expect(tables.commit(table, 'p', [write])).rejects.toThrow(RowChangedError);
      await expect(tables.commit(table, 'p', [insert('c'), write])).rejects.toThrow(RowChangedError);
    }
  });

  it('deletes several rows by their own etags in one commit, under keys that a URL would change', async () => {
    const { tables } = open();
    const table = fresh();
    const keys = ["it's", "''", 'a b', '%41', 'x+y=z&', '(a)', "RowKey='b')"];
    await tables.commit(
      table,
      'p',
      keys.map((key) => insert(key, { key })),
    );
    const { rows } = await tables.query(table, 'p', { limit: 100 });
    expect(rows).toHaveLength(keys.length);
    await tables.commit(table, 'p', [upsert(keys[0] ?? '', { key: 'new' })]);
    const deletes = rows.map(({ row, etag }): Write => ({ kind: 'delete', row, etag }));
    await expect(tables.commit(table, 'p', deletes)).rejects.toThrow(RowChangedError);
    await tables.commit(
      table,
      'p',
      deletes.filter(({ row }) => row !== keys[0]),
    );
    expect((await tables.query(table, 'p', { limit: 100 })).rows.map(({ row }) => row)).toStrictEqual([keys[0]]);
  });

  it('deletes without an etag whether or not there is a row, and still writes the rest', async () => {
    const { tables } = open();
    const table = fresh();
    const gone: Write = { kind: 'delete', row: 'gone' };
    await tables.commit(table, 'p', [gone]);
    await tables.commit(table, 'p', [insert('a'), insert('b')]);
    await tables.commit(table, 'p', [
      gone,
      { kind: 'delete', row: 'a' },
      insert('c'),
      { kind: 'delete', row: 'gone2' },
    ]);
    expect((await tables.query(table, 'p', { limit: 10 })).rows.map(({ row }) => row)).toStrictEqual(['b', 'c']);
    const gonetoo: Write = {
      kind: 'replace',
      row: 'none',
      cells: {},
      etag: await etagOf(tables, table, 'b'),
    };
    await expect(tables.commit(table, 'p', [gone, gonetoo])).rejects.toThrow(RowChangedError);
  });

  it('reads a partition in pages, in order of row key, from and to any key', async () => {
    const { tables } = open();
    const table = fresh();
    const keys = ['A', 'B', 'a', 'a-1', 'a1', 'b', 'b0', '~'];
    await tables.commit(
      table,
      'p',
      [...keys].reverse().map((key) => insert(key)),
    );
    await tables.commit(table, 'other', [insert('a0')]);
    const page = async (range: Parameters<typeof tables.query>[2]) => {
      const { rows, more } = await tables.query(table, 'p', range);
      return [rows.map(({ row }) => row).join(' '), more];
    };
    expect(await page({ limit: 1000 })).toStrictEqual([keys.join(' '), false]);
    expect(await page({ limit: 8 })).toStrictEqual([keys.join(' '), false]);
    expect(await page({ limit: 7 })).toStrictEqual([keys.slice(0, 7).join(' '), true]);
    expect(await page({ from: 'a', limit: 2 })).toStrictEqual(['a a-1', true]);
    expect(await page({ after: 'a', limit: 2 })).toStrictEqual(['a-1 a1', true]);
    expect(await page({ from: 'a', after: 'a-1', to: 'b0', limit: 9 })).toStrictEqual(['a1 b', false]);
    expect(await page({ from: 'a', to: 'b0', limit: 4 })).toStrictEqual(['a a-1 a1 b', false]);
    expect(await page({ from: 'b', to: 'a', limit: 4 })).toStrictEqual(['', false]);
    expect(await page({ from: '~~', limit: 4 })).toStrictEqual(['', false]);
  });

  it('gives up to 1,000 rows in a page', async () => {
    const { tables } = open();
    const table = fresh();
    const keys = Array.from({ length: 1001 }, (_value, index) => String(index).padStart(4, '0'));
    for (let at = 0; at < keys.length; at += 100) {
      await tables.commit(
        table,
        'p',
        keys.slice(at, at + 100).map((key) => insert(key)),
      );
    }
    const first = await tables.query(table, 'p', { limit: 1000 });
    expect(first.rows.map(({ row }) => row)).toStrictEqual(keys.slice(0, 1000));
    expect(first.more).toBe(true);
    const last = await tables.query(table, 'p', { limit: 1000, after: '0999' });
    expect([last.rows.map(({ row }) => row), last.more]).toStrictEqual([['1000'], false]);
  });

  it('lists tables by prefix, and drops them with their rows', async () => {
    const { tables } = open();
    const prefix = `list${fresh()}`;
    for (const name of [`${prefix}z`, prefix, `${prefix}0`, `x${prefix}`])
      await tables.commit(name, 'p', [insert('a')]);
    expect(await tables.list(prefix)).toStrictEqual([prefix, `${prefix}0`, `${prefix}z`]);
    await tables.drop(prefix);
    await tables.drop(prefix);
    expect(await tables.list(prefix)).toStrictEqual([`${prefix}0`, `${prefix}z`]);
    expect(await tables.get(prefix, 'p', 'a')).toBeUndefined();
    await tables.commit(prefix, 'p', [insert('a')]);
    expect(await tables.list('x'.repeat(70))).toStrictEqual([]);
    expect(await tables.list("'")).toStrictEqual([]);
  });

  it('takes the largest row and the largest commit that it says it takes', async () => {
    const { tables } = open();
    const table = fresh();
    const bytes = new Uint8Array(64 * 1024).fill(255);
    const large = Object.fromEntries(Array.from({ length: 11 }, (_value, index) => [`b${index}`, bytes]));
    await tables.commit(
      table,
      'p',
      ['a', 'b', 'c', 'd'].map((row) => insert(row, large)),
    );
    expect((await tables.get(table, 'p', 'd'))?.cells['b10']).toHaveLength(65_536);
    await tables.commit(table, 'p', [insert('text', { text: '\u2028'.repeat(32_768) }), insert('x'.repeat(512))]);
    expect((await tables.get(table, 'p', 'text'))?.cells['text']).toHaveLength(32_768);
    const wide = Object.fromEntries(Array.from({ length: 252 }, (_value, index) => [`c${index}`, index]));
    await tables.commit(table, 'p', [insert('wide', wide)]);
    expect((await tables.get(table, 'p', 'wide'))?.cells).toStrictEqual(wide);
    await tables.commit(
      table,
      "it's",
      Array.from({ length: 100 }, (_value, index) => insert(`${index}${'"'.repeat(500)}`)),
    );
    expect((await tables.query(table, "it's", { limit: 1000 })).rows).toHaveLength(100);
  });

  const long = new Uint8Array(64 * 1024);
  it.each<[string, string, string, Write[], RegExp]>([
    ['a table in upper case', 'Alerts', 'p', [insert('a')], /table name "Alerts".*lower-case/],
    ['a partition with a slash', 'alerts', 'a/b', [insert('a')], /partition key "a\/b".*printable ASCII/],
    ['a row with a question mark', 'alerts', 'p', [insert('a?')], /row key "a\?"/],
    ['a row with a hash', 'alerts', 'p', [insert('a#')], /row key/],
    ['a row with a backslash', 'alerts', 'p', [insert('a\\')], /row key/],
    ['a row with a control character', 'alerts', 'p', [insert('a\u0007')], /row key/],
    ['a row beyond ASCII', 'alerts', 'p', [insert('é')], /row key/],
    ['an empty row', 'alerts', 'p', [insert('')], /row key/],
    ['a row that begins with a comma', 'alerts', 'p', [insert(',a')], /comma/],
    ['a row of 513 characters', 'alerts', 'p', [insert('x'.repeat(513))], /513 characters, and 512/],
    ['an etag with a line break', 'alerts', 'p', [{ kind: 'delete', row: 'a', etag: 'x\r\nIf-Match: *' }], /etag "x/],
    ['a row written twice', 'alerts', 'p', [insert('a'), upsert('a')], /only once/],
    ['101 writes', 'alerts', 'p', Array.from({ length: 101 }, (_v, n) => insert(`${n}`)), /101 writes.*100/],
    ['a cell of the service’s own', 'alerts', 'p', [insert('a', { Timestamp: 1 })], /cell name "Timestamp"/],
    ['a cell named __proto__', 'alerts', 'p', [insert('a', JSON.parse('{"__proto__":1}') as Cells)], /cell name/],
    ['no number', 'alerts', 'p', [insert('a', { n: NaN })], /cell "n".*NaN/],
    ['a text over 32 Ki', 'alerts', 'p', [insert('a', { t: 'x'.repeat(32_769) })], /32769 characters/],
    ['bytes over 64 KiB', 'alerts', 'p', [insert('a', { b: new Uint8Array(65_537) })], /65537 bytes/],
    [
      'a row over 1 MiB',
      'alerts',
      'p',
      [insert('a', Object.fromEntries('abcdefghijkl'.split('').map((n) => [n, long])))],
      /row "a".*bytes/,
    ],
    [
      '253 cells',
      'alerts',
      'p',
      [insert('a', Object.fromEntries(Array.from({ length: 253 }, (_v, n) => [`c${n}`, 1])))],
      /253 cells/,
    ],
    [
      'over 4 MiB',
      'alerts',
      'p',
      Array.from({ length: 50 }, (_v, n) => insert(`${n}`, { b: long })),
      /commit of \d+ bytes/,
    ],
  ])('refuses %s', async (_what, table, partition, writes, reason) => {
    const { tables } = open();
    await expect(tables.commit(table, partition, writes)).rejects.toThrow(StorageLimitError);
    await expect(tables.commit(table, partition, writes)).rejects.toThrow(reason);
  });

  it('refuses pages of no row or too many, and keys that no row can have', async () => {
    const { tables } = open();
    for (const limit of [0, 1001, 1.5, NaN]) {
      await expect(tables.query('alerts', 'p', { limit })).rejects.toThrow(/1 to 1000/);
    }
    await expect(tables.query('alerts', 'p', { limit: 1, from: 'a/' })).rejects.toThrow(StorageLimitError);
    await expect(tables.get('alerts', 'p', '#')).rejects.toThrow(StorageLimitError);
    await expect(tables.drop('No')).rejects.toThrow(StorageLimitError);
  });
});

describe.each(implementations)('Blobs %s', (_, open) => {
  it('writes, reads, overwrites and deletes', async () => {
    const { blobs } = open();
    const container = fresh();
    expect(await blobs.get(container, 'a/b')).toBeUndefined();
    await blobs.delete(container, 'a/b');
    await blobs.put(container, 'a/b', Uint8Array.of(1, 2));
    await blobs.put(container, 'a/b', Uint8Array.of(3), { reason: 'second' });
    const blob = await blobs.get(container, 'a/b');
    expect([[...(blob?.body ?? [])], blob?.metadata]).toStrictEqual([[3], { reason: 'second' }]);
    expect(await blobs.get(container, 'a/c')).toBeUndefined();
    await blobs.delete(container, 'a/c');
    await blobs.delete(container, 'a/b');
    expect(await blobs.get(container, 'a/b')).toBeUndefined();
    await blobs.put(container, 'empty', new Uint8Array());
    expect((await blobs.get(container, 'empty'))?.body).toHaveLength(0);
  });

  it('lists by prefix in order of name, with size and metadata', async () => {
    const { blobs } = open();
    const container = fresh();
    expect(await collect(blobs.list(container, ''))).toStrictEqual([]);
    for (const name of ['b', 'a/2', 'a/10', 'a/1', 'ab']) await blobs.put(container, name, Buffer.from(name), { name });
    expect(await collect(blobs.list(container, 'a/'))).toStrictEqual([
      { name: 'a/1', size: 3, metadata: { name: 'a/1' } },
      { name: 'a/10', size: 4, metadata: { name: 'a/10' } },
      { name: 'a/2', size: 3, metadata: { name: 'a/2' } },
    ]);
    expect(await collect(blobs.list(container, 'c'))).toStrictEqual([]);
    expect((await collect(blobs.list(container, ''))).map(({ name }) => name)).toStrictEqual([
      'a/1',
      'a/10',
      'a/2',
      'ab',
      'b',
    ]);
  });

  it.each([...hostileTexts, ' spaces at both ends ', '%', '%41', 'a\r\nx-ms-meta-b: c'])(
    'keeps the metadata value %j as it is',
    async (value) => {
      const { blobs } = open();
      const container = fresh();
      await blobs.put(container, 'a', Uint8Array.of(1), { reason: value, other: 'plain' });
      const metadata = { reason: value, other: 'plain' };
      expect((await blobs.get(container, 'a'))?.metadata).toStrictEqual(metadata);
      expect((await collect(blobs.list(container, '')))[0]?.metadata).toStrictEqual(metadata);
    },
  );

  it('cuts only the metadata values that do not fit, at a character', async () => {
    const { blobs } = open();
    const container = fresh();
    const reason = '😀'.repeat(100_000);
    await blobs.put(container, 'a', Uint8Array.of(1), { reason, origin: 'timeline/3/17', more: 'x'.repeat(100_000) });
    const metadata = (await blobs.get(container, 'a'))?.metadata ?? {};
    expect(metadata['origin']).toBe('timeline/3/17');
    expect(metadata['reason']).toMatch(/^(😀){290,300}$/u);
    expect(metadata['more']).toMatch(/^x{3500,3600}$/);
  });

  it.each(['a b+c&d=e%41', "it's", 'x?y#z', '(1);,@$!~*:|"<>^`{}[]_-'])('takes the name %j', async (name) => {
    const { blobs } = open();
    const container = fresh();
    await blobs.put(container, name, Buffer.from(name));
    expect(Buffer.from((await blobs.get(container, name))?.body ?? []).toString()).toBe(name);
    expect((await collect(blobs.list(container, name.slice(0, 3)))).map((item) => item.name)).toStrictEqual([name]);
    await blobs.delete(container, name);
    expect(await blobs.get(container, name)).toBeUndefined();
  });

  it.each(['', 'a/../b', '..', './a', 'a//b', '/a', 'a/', 'a\\b', 'a.', 'é', 'a\n', 'x'.repeat(1025)])(
    'refuses the name %j',
    async (name) => {
      const { blobs } = open();
      await expect(blobs.put(fresh(), name, Uint8Array.of(1))).rejects.toThrow(StorageLimitError);
      await expect(blobs.get(fresh(), name)).rejects.toThrow(/blob name/);
      await expect(blobs.delete(fresh(), name)).rejects.toThrow(/blob name/);
    },
  );

  it('refuses names of containers and metadata that the service would refuse', async () => {
    const { blobs } = open();
    for (const container of ['ab', 'Upper', 'a--b', '-ab', 'a_b', 'x'.repeat(64)]) {
      await expect(blobs.put(container, 'a', Uint8Array.of(1))).rejects.toThrow(/container name/);
      await expect(collect(blobs.list(container, ''))).rejects.toThrow(/container name/);
    }
    await expect(blobs.put('abc', 'a', Uint8Array.of(1), { 'not-this': '' })).rejects.toThrow(
      /metadata name "not-this"/,
    );
  });
});

describe.each(implementations)('Queues %s', (_, open) => {
  it('takes messages up to 48 KiB', async () => {
    const { queues } = open();
    const queue = fresh();
    await queues.send(queue, 'first');
    await queues.send(queue, 'x'.repeat(48 * 1024));
    await expect(queues.send(queue, `${'é'.repeat(24 * 1024)}x`)).rejects.toThrow(/49153 bytes.*48 KiB/);
    await expect(queues.send('Upper', 'a')).rejects.toThrow(/queue name/);
  });
});

describe('Queues', () => {
  const text = 'one, two: é 😀 \u2028 <&>';

  it('sends base64 that never expires, as the queue trigger takes it', async () => {
    const { QueueServiceClient } = await import('@azure/storage-queue');
    const queue = fresh();
    await azure.queues.send(queue, text);
    const client = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(queue);
    const [message] = (await client.receiveMessages()).receivedMessageItems;
    expect(Buffer.from(message?.messageText ?? '', 'base64').toString()).toBe(text);
    expect(message?.expiresOn.getUTCFullYear()).toBe(9999);
  });

  it('in memory show what was sent', async () => {
    const { queues } = memoryStorage();
    await queues.send('alerts', text);
    await queues.send('alerts', 'next');
    expect(queues.sent('alerts')).toStrictEqual([text, 'next']);
    expect(queues.sent('none')).toStrictEqual([]);
  });
});

describe('azureStorage', () => {
  it('loads no SDK before its service is used', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ resolve(name, context, next) { if (name.startsWith('@azure/')) loaded.push(name); return next(name, context); } });
      const { azureStorage } = await import(${JSON.stringify(new URL('azure.ts', import.meta.url).href)});
      const { queues } = azureStorage({ connectionString: process.argv[1] });
      const before = loaded.length;
      await queues.send('lazy', 'message');
      console.log(before, loaded.includes('@azure/storage-queue'), loaded.includes('@azure/data-tables'));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      script,
      azurite.connectionString,
    ]);
    expect(stdout.trim()).toBe('0 true false');
  });
});

describe('all implementations', () => {
  const rows = ['a', 'a-1', 'b', 'bb', 'c'] as const;
  const change = fc.record({
    kind: fc.constantFrom('insert', 'upsert', 'replace', 'delete', 'delete if'),
    row: fc.constantFrom(...rows),
    cells: fc.record({ n: fc.integer(), t: fc.string({ unit: 'binary', maxLength: 5 }) }, { requiredKeys: [] }),
    stale: fc.boolean(),
  });
  const commit = fc.uniqueArray(change, { selector: ({ row }) => row, minLength: 1, maxLength: 5 });
  const bound = fc.option(fc.constantFrom(...rows, 'B', '~'), { nil: undefined });
  const range = fc.record({ from: bound, after: bound, to: bound, limit: fc.integer({ min: 1, max: 6 }) });

  it('agree on any sequence of commits and queries', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(commit, range), { minLength: 1, maxLength: 12 }), async (steps) => {
        const table = fresh();
        const all = [memoryStorage().tables, azure.tables, inFolder.tables];
        const seenBy = all.map((tables) => ({ tables, seen: new Map<string, string[]>() }));
        for (const [changes, wanted] of steps) {
          const outcomes = await Promise.all(
            seenBy.map(async ({ tables, seen }) => {
              const writes = changes.map((one) => writeOf(one, seen));
              const error: unknown = await tables.commit(table, 'p', writes).catch((thrown: unknown) => thrown);
              const page = await tables.query(table, 'p', wanted);
              const all = await tables.query(table, 'p', { limit: 10 });
              for (const { row, etag } of all.rows) remember(seen, row, etag);
              return {
                error: error instanceof Error ? error.name : error,
                more: page.more,
                page: contents(page),
                all: contents(all),
              };
            }),
          );
          expect(outcomes[1]).toStrictEqual(outcomes[0]);
          expect(outcomes[2]).toStrictEqual(outcomes[0]);
        }
      }),
      { numRuns: 40 },
    );
  });

  type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

  function contents({ rows: found }: RowPage): unknown[] {
    return found.map(({ row, cells }) => ({ row, cells }));
  }

  /** Etags seen of a row, oldest first, each once. */
  function remember(seen: Map<string, string[]>, row: string, etag: string): void {
    const etags = seen.get(row) ?? [];
    if (etags.at(-1) !== etag) seen.set(row, [...etags, etag]);
  }

  function writeOf({ kind, row, cells, stale }: Change, seen: Map<string, string[]>): Write {
    // Any well-formed etag stands for one that was never seen.
    const etag =
      (stale ? seen.get(row)?.at(-2) : seen.get(row)?.at(-1)) ?? `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`;
    if (kind === 'delete' || kind === 'insert' || kind === 'upsert') return { kind, row, cells };
    return kind === 'replace' ? { kind, row, cells, etag } : { kind: 'delete', row, etag };
  }
});
