import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../platform/storage/memory.ts';
import { StorageLimitError } from '../../platform/storage/limits.ts';
import { commitsOf, Journal, MAX_ENTRIES, TakenOverError, type Entry, type Head } from './journal.ts';

const head = (pending: Head['pending'] = []): Head => ({ decided: 5, forgotten: -Infinity, pending, heard: 9 });
const observation = (id: string, value: object | undefined = { id }): Entry => ({ kind: 'observations', id, value });

describe('Journal', () => {
  it('is empty at first, and gives back what was committed', async () => {
    const { tables } = memoryStorage();
    const journal = new Journal(tables, '0');
    expect(await journal.claim()).toEqual({
      head: { decided: -Infinity, forgotten: -Infinity, pending: [], heard: -Infinity },
      entries: new Map(),
    });
    await journal.commit([observation('a'), { kind: 'links', id: 'a', value: { link: 1 } }], head(['alert-1']));
    await journal.commit([observation('b'), observation('a', { id: 'a', again: true })], head(['alert-2']));
    const loaded = await new Journal(tables, '0').claim();
    expect(loaded.head).toEqual(head(['alert-2']));
    expect(loaded.entries.get('links')).toEqual([{ link: 1 }]);
    expect(loaded.entries.get('observations')).toHaveLength(2);
    expect(loaded.entries.get('observations')).toContainEqual({ id: 'a', again: true });
  });

  it('deletes entries, those that are not there too', async () => {
    const { tables } = memoryStorage();
    const journal = new Journal(tables, '0');
    await journal.claim();
    await journal.commit([observation('a')], head());
    await journal.commit(
      [
        { kind: 'observations', id: 'a', value: undefined },
        { kind: 'observations', id: 'x', value: undefined },
      ],
      head(),
    );
    expect((await new Journal(tables, '0').claim()).entries).toEqual(new Map());
  });

  it('lets only the last to claim commit, and counts revisions over all of them', async () => {
    const { tables } = memoryStorage();
    const [first, second] = [new Journal(tables, '0'), new Journal(tables, '0')];
    await first.claim();
    await first.commit([observation('a')], head());
    const before = first.revision;
    await second.claim();
    expect(second.revision).toBeGreaterThan(before);
    await expect(first.commit([observation('b')], head())).rejects.toThrow(TakenOverError);
    await second.commit([observation('c')], head());
    const ids = (await new Journal(tables, '0').claim()).entries.get('observations');
    expect(ids).toHaveLength(2);
    expect(ids).not.toContainEqual({ id: 'b' });
  });

  it('keeps partitions apart', async () => {
    const { tables } = memoryStorage();
    const [one, other] = [new Journal(tables, '0'), new Journal(tables, '1')];
    await one.claim();
    await other.claim();
    await one.commit([observation('a')], head());
    await other.commit([], head());
    expect((await new Journal(tables, '1').claim()).entries).toEqual(new Map());
  });

  it('keeps what is long, refuses what no row takes, and says all where too much is pending', async () => {
    const { tables } = memoryStorage();
    const journal = new Journal(tables, '0');
    await journal.claim();
    const long = Array.from({ length: 30_000 }, (_, n) => `text ${n * 7919}`);
    const pending = Array.from({ length: 30_000 }, (_, n) => `alert-${n}-0123456789`);
    await journal.commit([observation('a', { long })], head(pending));
    const { entries, head: kept } = await new Journal(tables, '0').claim();
    expect(entries.get('observations')).toEqual([{ long }]);
    expect(kept.pending).toBe('all');
    const noise = Buffer.from(
      Uint32Array.from({ length: 500_000 }, (_, n) => Math.imul(n, 2654435761) ^ (n << 7)).buffer,
    );
    const again = new Journal(tables, '0');
    await again.claim();
    await expect(again.commit([observation('b', { noise: noise.toString('base64') })], head())).rejects.toThrow(
      StorageLimitError,
    );
  });
});

describe('commitsOf', () => {
  it('cuts by number and by size, in order', () => {
    const small = Array.from({ length: 250 }, (_, n) => observation(String(n)));
    expect([...commitsOf(small)].map(({ length }) => length)).toEqual([MAX_ENTRIES, MAX_ENTRIES, 52]);
    const large = Array.from({ length: 3 }, (_, n) => observation(String(n), { text: 'x'.repeat(1_000_000) }));
    expect([...commitsOf(large)].map((some) => some.map(({ id }) => id))).toEqual([['0', '1'], ['2']]);
    expect([...commitsOf([])]).toEqual([]);
  });
});
