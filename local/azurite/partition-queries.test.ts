import { tmpdir } from 'node:os';

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { createServers } from './azurite-servers.ts';
import { readOnePartition } from './partition-queries.ts';

interface Row {
  readonly PartitionKey: string;
  readonly RowKey: string;
  readonly properties: { readonly value: number };
}

type Page = readonly [rows: readonly Row[], nextPartition: string | undefined, nextRow: string | undefined];

/** Azurite's table store, without its server. */
interface Store {
  init(): Promise<void>;
  createTable(context: object, table: { account: string; table: string }): Promise<void>;
  insertTableEntity(context: object, table: string, account: string, row: object): Promise<unknown>;
  queryTableEntities(
    context: object,
    account: string,
    table: string,
    options: { filter?: string; top?: number },
    nextPartition?: string,
    nextRow?: string,
  ): Promise<Page>;
}

const PARTITIONS = ['a', 'b', "o'clock", '10', '9'];
const ports = { blob: 0, queue: 0, table: 0 };
let plain: Store;
let narrowed: Store;

async function newStore(): Promise<Store> {
  const { table } = createServers({ folder: tmpdir(), ports });
  table.metadataStore.db.autosaveDisable();
  table.metadataStore.db.saveDatabase = (callback) => callback?.();
  const store = table.metadataStore as unknown as Store;
  await store.init();
  await store.createTable({}, { account: 'account', table: 'rows' });
  for (const PartitionKey of PARTITIONS) {
    for (const value of [1, 2, 3, 10]) {
      const row = { PartitionKey, RowKey: `r${value}`, properties: { value }, lastModifiedTime: '', eTag: '' };
      await store.insertTableEntity({}, 'rows', 'account', row);
    }
  }
  return store;
}

beforeAll(async () => {
  plain = await newStore();
  narrowed = await newStore();
  readOnePartition(narrowed);
});

/** Every row of every page that the filter lets through, or the name of the error. */
async function answer(store: Store, filter: string, top: number): Promise<string> {
  const rows: string[] = [];
  let next: (string | undefined)[] = [];
  try {
    do {
      const [page, ...token] = await store.queryTableEntities({}, 'account', 'rows', { filter, top }, ...next);
      rows.push(...page.map(({ PartitionKey, RowKey }) => `${PartitionKey}/${RowKey}`));
      next = token;
    } while (next[0] !== undefined);
    return rows.join();
  } catch (error) {
    return String(error);
  }
}

const comparison = fc.constantFrom('eq', 'ne', 'ge', 'gt', 'le', 'lt');
const partition = fc.constantFrom(...PARTITIONS, 'none').map((key) => `'${key.replaceAll("'", "''")}'`);
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    partition.map((key) => `PartitionKey eq ${key}`),
    fc.tuple(comparison, partition).map(([operator, key]) => `PartitionKey ${operator} ${key}`),
    partition.map((key) => `${key} eq PartitionKey`),
    fc.tuple(comparison, fc.constantFrom('r1', 'r2', 'r9')).map(([operator, key]) => `RowKey ${operator} '${key}'`),
    fc.tuple(comparison, fc.integer({ min: 0, max: 4 })).map(([operator, value]) => `value ${operator} ${value}`),
    tie('filter').map((inner) => `not (${inner})`),
    fc
      .tuple(tie('filter'), fc.constantFrom('and', 'and', 'or'), tie('filter'), fc.boolean())
      .map(([left, operator, right, grouped]) => `${left} ${operator} ${grouped ? `(${right})` : right}`),
  ),
}));

describe('readOnePartition', () => {
  it('answers every query as Azurite does', async () => {
    await fc.assert(
      fc.asyncProperty(filter, fc.integer({ min: 1, max: 20 }), async (filter, top) => {
        expect(await answer(narrowed, filter, top)).toBe(await answer(plain, filter, top));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves it to Azurite to reject what is no filter', async () => {
    for (const filter of ['PartitionKey eq', "PartitionKey eq 'a' and", ')']) {
      expect(await answer(plain, filter, 10)).toMatch(/Error/);
      expect(await answer(narrowed, filter, 10)).toBe(await answer(plain, filter, 10));
    }
  });

  it('reads no row of another partition', async () => {
    const unreadable = {
      get value(): number {
        throw new Error('a row of another partition was read');
      },
    };
    const row = { PartitionKey: 'unreadable', RowKey: 'r1', lastModifiedTime: '', eTag: '' };
    const filter = "value eq 1 and PartitionKey eq 'a'";
    for (const store of [await newStore(), await newStore()]) {
      await store.insertTableEntity({}, 'rows', 'account', { ...row, properties: unreadable });
      expect(await answer(store, filter, 10)).toMatch(/another partition was read/);
      readOnePartition(store);
      expect(await answer(store, filter, 10)).toBe('a/r1');
    }
  });
});
