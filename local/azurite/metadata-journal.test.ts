import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { JournalFile } from './journal-file.ts';
import type { LokiCollection, LokiDatabase, LokiDocument } from './loki.ts';
import { MetadataJournal } from './metadata-journal.ts';

/** The rest of LokiJS by which Azurite changes documents. */
interface Collection extends LokiCollection {
  insert(document: object): LokiDocument;
  update(document: object): void;
  remove(documents: object | readonly object[]): void;
  findAndRemove(query: object): void;
  find(query?: object): LokiDocument[];
  by(field: string, value: unknown): LokiDocument | undefined;
}

const require = createRequire(createRequire(import.meta.url).resolve('azurite/package.json'));
const Loki = require('lokijs') as new (name: string, options: object) => LokiDatabase;
const folder = mkdtempSync(join(tmpdir(), 'crosstrail-metadata-'));
let copies = 0;

afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newFolder(): string {
  copies += 1;
  return join(folder, String(copies));
}

/** Databases as Azurite makes them, kept in `at`. */
function open(
  at: string,
  compactAtBytes?: number,
): { journal: MetadataJournal; tables: LokiDatabase; blobs: LokiDatabase } {
  const journal = new MetadataJournal(at, compactAtBytes);
  const options = { persistenceMethod: 'fs', autosave: true, autosaveInterval: 5000 };
  const [tables, blobs] = [new Loki('tables', options), new Loki('blobs', options)];
  journal.attach('tables', tables);
  journal.attach('blobs', blobs);
  return { journal, tables, blobs };
}

/** The databases that a start on a copy of the files, as they are now, would give. */
function afterCrash(at: string): { tables: LokiDatabase; blobs: LokiDatabase } {
  const copy = newFolder();
  new MetadataJournal(copy).close();
  copyFileSync(join(at, 'metadata.journal'), join(copy, 'metadata.journal'));
  const { journal, tables, blobs } = open(copy);
  journal.close();
  return { tables, blobs };
}

function contentOf(database: LokiDatabase): object {
  return Object.fromEntries(
    database.collections.map(({ name, data, maxId, uniqueNames, binaryIndices }) => [
      name,
      { data: structuredClone(data), maxId, uniqueNames, indices: Object.keys(binaryIndices) },
    ]),
  );
}

function collectionOf(database: LokiDatabase, name = 'rows'): Collection {
  return database.addCollection(name, { indices: ['key'] }) as Collection;
}

const step = fc.record({
  kind: fc.constantFrom('insert', 'replace', 'update', 'remove', 'removeByQuery', 'removeAll', 'add', 'drop', 'flush'),
  collection: fc.constantFrom('one', 'two', 'three'),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.integer(),
});

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function perform(database: LokiDatabase, journal: MetadataJournal, { kind, collection: name, key, value }: Step): void {
  if (kind === 'flush') journal.flush();
  else if (kind === 'drop') database.removeCollection(name);
  else change(collectionOf(database, name), { kind, key, value });
}

function change(collection: Collection, { kind, key, value }: Pick<Step, 'kind' | 'key' | 'value'>): void {
  const documents = collection.find({ key });
  const [document] = documents;
  if (kind === 'removeByQuery') collection.findAndRemove({ key });
  if (kind === 'removeAll') collection.remove(documents);
  if (kind === 'update' && document) collection.update(Object.assign(document, { value }));
  if ((kind === 'remove' || kind === 'replace') && document) collection.remove(document);
  if (kind === 'insert' || kind === 'replace') collection.insert({ key, value });
}

describe('MetadataJournal', () => {
  it('keeps every change that was flushed, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const at = newFolder();
        const { journal, tables } = open(at);
        let flushed = {};
        for (const step of steps) {
          perform(tables, journal, step);
          if (step.kind === 'flush') flushed = contentOf(tables);
          expect(contentOf(afterCrash(at).tables)).toEqual(flushed);
        }
        journal.close();
        expect(contentOf(afterCrash(at).tables)).toEqual(contentOf(tables));
      }),
      { numRuns: 25 },
    );
  });

  it('keeps every change while it is compacted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 100 }), async (steps) => {
        const at = newFolder();
        const { journal, tables } = open(at, 500);
        for (let index = 0; index < 200; index += 1) collectionOf(tables, 'one').insert({ key: 'x', value: index });
        for (const step of steps) {
          perform(tables, journal, step);
          journal.flush();
          if (step.kind === 'update') await nextTurn();
        }
        expect(contentOf(afterCrash(at).tables)).toEqual(contentOf(tables));
        await vi.waitFor(() => expect(existsSync(join(at, 'metadata.journal.compacting'))).toBe(false));
        expect(contentOf(afterCrash(at).tables)).toEqual(contentOf(tables));
        journal.close();
      }),
      { numRuns: 25 },
    );
  });

  it('does not grow beyond a bound however often the same is written', async () => {
    const at = newFolder();
    const { journal, tables } = open(at, 10_000);
    const rows = collectionOf(tables);
    const row = rows.insert({ key: 'a', text: 'x'.repeat(500) });
    for (let count = 0; count < 1_000; count += 1) {
      rows.update(row);
      await nextTurn();
    }
    expect(statSync(join(at, 'metadata.journal')).size).toBeLessThan(25_000);
    journal.close();
    const again = open(at, 10_000);
    expect(contentOf(again.tables)).toEqual(contentOf(tables));
    again.journal.close();
  });

  it('writes what one request changes in one record, so that half of it is never there', () => {
    const at = newFolder();
    const { journal, tables, blobs } = open(at);
    const row = collectionOf(tables).insert({ key: 'a', value: 1 });
    journal.flush();
    const append = vi.spyOn(JournalFile.prototype, 'append');
    collectionOf(blobs, 'extents').insert({ id: 'extent' });
    collectionOf(tables).remove(row);
    collectionOf(tables).insert({ key: 'a', value: 2 });
    journal.flush();
    expect(append).toHaveBeenCalledTimes(1);
    journal.close();
  });

  it('writes changes that no answer follows', async () => {
    const at = newFolder();
    const { journal, tables } = open(at);
    collectionOf(tables).insert({ key: 'a' });
    expect(afterCrash(at).tables.collections).toEqual([]);
    await nextTurn();
    expect(contentOf(afterCrash(at).tables)).toEqual(contentOf(tables));
    journal.close();
  });

  it('gives values back as they were, where JSON would not', () => {
    const at = newFolder();
    const { journal, tables } = open(at);
    const values = { time: new Date(5), bytes: new Uint8Array([1, 2]), nothing: undefined, number: -0 };
    collectionOf(tables).insert({ key: 'a', ...values });
    journal.close();
    expect(afterCrash(at).tables.collections[0]?.data[0]).toMatchObject(values);
  });

  it('leaves functions out, which mean nothing after a restart', () => {
    const at = newFolder();
    const { journal, tables } = open(at);
    collectionOf(tables).insert({ key: 'a', read: () => 1 });
    journal.close();
    const [row] = (afterCrash(at).tables.collections[0] as Collection).find();
    expect(row).toMatchObject({ key: 'a', $loki: 1 });
    expect(row).not.toHaveProperty('read');
  });

  it('finds documents by their indices after a restart, and gives no id twice', () => {
    const at = newFolder();
    const { journal, tables } = open(at);
    const rows = tables.addCollection('rows', { indices: ['key'], unique: ['account'] }) as Collection;
    for (const key of ['c', 'a', 'b']) rows.insert({ key, account: `account-${key}` });
    rows.findAndRemove({ key: 'b' });
    journal.close();
    const again = open(at);
    const restored = collectionOf(again.tables);
    expect(restored.find({ key: { $gte: 'b' } })).toMatchObject([{ key: 'c', $loki: 1 }]);
    expect(restored.by('account', 'account-a')).toMatchObject({ key: 'a', $loki: 2 });
    expect(restored.insert({ key: 'd', account: 'account-d' }).$loki).toBe(4);
    again.journal.close();
  });

  it('fails every flush once one could not be written', () => {
    const { journal, tables } = open(newFolder());
    vi.spyOn(JournalFile.prototype, 'append').mockImplementationOnce(() => {
      throw new Error('ENOSPC: no space left on device, write');
    });
    // The ticks that follow would end the process, as they should.
    vi.spyOn(process, 'nextTick').mockImplementation(() => undefined);
    collectionOf(tables).insert({ key: 'a' });
    expect(() => journal.flush()).toThrow(/cannot write .*metadata\.journal: free disk space/);
    expect(() => journal.flush()).toThrow(/cannot write/);
  });

  it('goes on without compacting where there is no room for a copy', async () => {
    const at = newFolder();
    const { journal, tables } = open(at, 500);
    const create = vi.spyOn(JournalFile, 'create').mockImplementation(() => {
      throw new Error('ENOSPC: no space left on device, open');
    });
    for (let count = 0; count < 50; count += 1) {
      collectionOf(tables).insert({ key: 'a' });
      await nextTurn();
    }
    expect(create).toHaveBeenCalled();
    journal.close();
    expect(contentOf(afterCrash(at).tables)).toEqual(contentOf(tables));
  });
});
