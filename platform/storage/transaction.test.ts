import { expect, it } from 'vitest';
import { faultyStorage } from './faults.ts';
import { memoryStorage } from './memory.ts';
import { RowChangedError } from './ports.ts';
import { transact } from './transaction.ts';

const placeIn = ({ tables }: Pick<ReturnType<typeof memoryStorage>, 'tables'>) => ({
  tables,
  table: 'things',
  partition: 'one',
});
const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

it('loses no change of those that come at once', async () => {
  const place = placeIn(memoryStorage());
  const add = () =>
    transact(place, async (transaction) => {
      const count = countOf((await transaction.get('sum'))?.['count']) + 1;
      transaction.put('sum', { count });
      await transaction.get(`row-${count}`);
      transaction.put(`row-${count}`, { count });
      return count;
    });
  const given = await Promise.all(Array.from({ length: 20 }, add));
  expect(given.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
});

it('is asked again where the answer to a write was lost that took effect', async () => {
  const storage = memoryStorage();
  let lost = 0;
  const place = placeIn(
    faultyStorage(storage, ({ operation }) =>
      operation === 'tables.commit' && lost++ === 0 ? { when: 'after', error: new RowChangedError('412') } : undefined,
    ),
  );
  const seen: unknown[] = [];
  await transact(place, async (transaction) => {
    const there = await transaction.get('row');
    seen.push(there);
    if (there === undefined) transaction.put('row', { written: true });
  });
  expect(seen).toEqual([undefined, { written: true }]);
});

it('deletes, and reads what it wrote itself', async () => {
  const place = placeIn(memoryStorage());
  await transact(place, async (transaction) => {
    await transaction.get('row');
    transaction.put('row', { a: 1, b: undefined });
    expect(await transaction.get('row')).toEqual({ a: 1 });
  });
  await transact(place, async (transaction) => {
    await transaction.get('row');
    transaction.put('row', undefined);
  });
  expect(await transact(place, (transaction) => transaction.get('row'))).toBeUndefined();
});

it('refuses to write what was not read, for then nobody would know of a change between', async () => {
  const write = transact(placeIn(memoryStorage()), async (transaction) => transaction.put('row', {}));
  await expect(write).rejects.toThrow('without having been read');
});
