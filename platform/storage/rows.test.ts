import { describe, expect, it } from 'vitest';
import { faultyStorage } from './faults.ts';
import { memoryStorage } from './memory.ts';
import { rowsOf } from './rows.ts';

const KEYS = Array.from({ length: 2500 }, (_, n) => String(n).padStart(5, '0'));

async function tablesOf(keys: readonly string[]) {
  const { tables } = memoryStorage();
  for (let at = 0; at < keys.length; at += 100) {
    const writes = keys.slice(at, at + 100).map((row) => ({ kind: 'insert', row, cells: { row } }) as const);
    await tables.commit('things', 'one', writes);
  }
  return tables;
}
const keysOf = async (...call: Parameters<typeof rowsOf>) =>
  (await Array.fromAsync(rowsOf(...call))).map(({ row }) => row);

describe('rowsOf', () => {
  it('gives all rows of a partition, over as many pages as there are', async () => {
    const tables = await tablesOf(KEYS);
    expect(await keysOf(tables, 'things', 'one')).toEqual(KEYS);
    expect(await keysOf(tables, 'things', 'other')).toEqual([]);
    expect(await keysOf(tables, 'others', 'one')).toEqual([]);
  });

  it('ends where a page is full and the last', async () => {
    const keys = KEYS.slice(0, 2000);
    expect(await keysOf(await tablesOf(keys), 'things', 'one')).toEqual(keys);
  });

  it('keeps to its range', async () => {
    const tables = await tablesOf(KEYS);
    expect(await keysOf(tables, 'things', 'one', { from: '00010', to: '02000' })).toEqual(KEYS.slice(10, 2000));
    expect(await keysOf(tables, 'things', 'one', { after: '02490' })).toEqual(KEYS.slice(2491));
  });

  it('reads no page that nobody asks for', async () => {
    const tables = await tablesOf(KEYS);
    let pages = 0;
    const storage = { ...memoryStorage(), tables };
    const counted = faultyStorage(storage, ({ operation }) => {
      if (operation === 'tables.query') pages++;
      return undefined;
    });
    for await (const { row } of rowsOf(counted.tables, 'things', 'one')) if (row === '00003') break;
    expect(pages).toBe(1);
  });
});
