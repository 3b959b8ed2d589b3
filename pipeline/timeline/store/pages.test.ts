import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTables } from '../../../platform/storage/memory-tables.ts';
import type { RowRange } from '../../../platform/storage/ports.ts';
import type { Span } from './layout.ts';
import { pagesOf, type Reading } from './pages.ts';

/** Rows at positions 0 to 2^40, several to a position: `<position>-<n>`. */
const HIGH = 2 ** 40;
const keyAt = (position: number): string => String(position).padStart(13, '0');
const span: Span = { low: 0, high: HIGH, keyAt, positionOf: (key) => Number(key.slice(0, 13)) };

async function tableOf(keys: readonly string[]) {
  const tables = new MemoryTables();
  for (let at = 0; at < keys.length; at += 100) {
    const writes = keys.slice(at, at + 100).map((row) => ({ kind: 'insert', row, cells: {} }) as const);
    await tables.commit('abc', 'p', writes);
  }
  const reads: number[] = [];
  const read = async (range: RowRange) => {
    const page = await tables.query('abc', 'p', range);
    reads.push(page.rows.length);
    return page;
  };
  return { read, reads };
}

/** The first `count` keys that a reading gives, asking for no more than are still wanted. */
async function take(
  read: Parameters<typeof pagesOf>[0],
  count: number,
  reading: Omit<Reading, 'wanted'>,
  over: Span = span,
): Promise<string[]> {
  const keys: string[] = [];
  for await (const rows of pagesOf(read, over, { ...reading, wanted: () => count - keys.length })) {
    keys.push(...rows.slice(0, count - keys.length).map(({ row }) => row));
    if (keys.length === count) break;
  }
  return keys;
}

/** Clusters of any density, which is what makes a guess at the density wrong. */
const cluster = fc.record({
  start: fc.nat(HIGH - 1),
  gap: fc.constantFrom(0, 1, 1000, 2 ** 20, 2 ** 30),
  rows: fc.integer({ min: 1, max: 400 }),
});
const keysOf = (clusters: { start: number; gap: number; rows: number }[]): string[] => {
  const keys = new Set<string>();
  for (const [index, { start, gap, rows }] of clusters.entries()) {
    for (let n = 0; n < rows; n++) {
      const position = start + n * gap;
      if (position < HIGH) keys.add(`${keyAt(position)}-${index}-${String(n).padStart(3, '0')}`);
    }
  }
  return [...keys].sort();
};

describe('pagesOf', () => {
  it('gives all rows of a range in either direction, from any edge, whatever their density', async () => {
    const count = fc.integer({ min: 1, max: 600 });
    const some = fc.array(cluster, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(some, count, fc.nat(), fc.boolean(), async (clusters, wanted, at, withEdge) => {
        const keys = keysOf(clusters);
        const { read, reads } = await tableOf(keys);
        const edge = withEdge && keys.length > 0 ? keys[at % keys.length] : undefined;
        const after = keys.filter((key) => edge === undefined || key > edge).slice(0, wanted);
        const before = keys
          .filter((key) => edge === undefined || key < edge)
          .toReversed()
          .slice(0, wanted);
        expect(await take(read, wanted, { direction: 'forward', edge })).toStrictEqual(after);
        reads.length = 0;
        expect(await take(read, wanted, { direction: 'backward', edge })).toStrictEqual(before);
        // Forty halvings take the range to one position, which each cluster may need.
        expect(reads.length).toBeLessThan(45 * (clusters.length + 1) + wanted / 10);
      }),
      // Shrinking would hold up the run for many minutes; the seed is enough to repeat it.
      { numRuns: 100, endOnFailure: true },
    );
  });

  it.each([
    ['to its end', 21_990_232, 4],
    ['and then nothing for a tenth of it', 20_000_000, 12],
  ])('reads the end of a long range, even %s, in a few small pages', async (_, gap, most) => {
    const keys = Array.from({ length: 50_000 }, (_value, n) => keyAt(n * gap));
    const { read, reads } = await tableOf(keys);
    expect(await take(read, 50, { direction: 'backward' })).toStrictEqual(keys.slice(-50).toReversed());
    expect(reads.length).toBeLessThanOrEqual(most);
    reads.length = 0;
    expect(await take(read, 50, { direction: 'forward' })).toStrictEqual(keys.slice(0, 50));
    expect(reads).toStrictEqual([50]);
  });

  it('reads a crowded position whole', async () => {
    const keys = Array.from({ length: 1200 }, (_, n) => `${keyAt(7)}-${String(n).padStart(4, '0')}`);
    const { read } = await tableOf(keys);
    expect(await take(read, 2000, { direction: 'backward' })).toStrictEqual(keys.toReversed());
    const edge = keys[600] ?? '';
    expect(await take(read, 2000, { direction: 'backward', edge })).toStrictEqual(keys.slice(0, 600).toReversed());
  });

  it('reads nothing of an empty range', async () => {
    const { read, reads } = await tableOf(['x']);
    for (const direction of ['forward', 'backward'] as const) {
      expect(await take(read, 5, { direction }, { ...span, low: 9, high: 9 })).toStrictEqual([]);
      expect(await take(read, 5, { direction }, { ...span, low: 9, high: 3 })).toStrictEqual([]);
    }
    expect(reads).toStrictEqual([]);
  });
});
