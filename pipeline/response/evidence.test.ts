import { beforeEach, describe, expect, it } from 'vitest';
import { jsonCells } from '../../platform/storage/json-cells.ts';
import { memoryStorage } from '../../platform/storage/memory.ts';
import type { Cells } from '../../platform/storage/ports.ts';
import { objectOfRow, transact } from '../../platform/storage/transaction.ts';
import { appendEvidence, EVIDENCE_CONTAINER, EvidenceLog, type NewEvidence } from './evidence.ts';
import { PARTITION, PUBLISHED, TABLE } from './response-rows.ts';

let storage: ReturnType<typeof memoryStorage>;
let log: EvidenceLog;
beforeEach(async () => {
  storage = memoryStorage();
  log = new EvidenceLog(storage);
  const place = { tables: storage.tables, table: TABLE, partition: PARTITION };
  for (const step of ['one', 'two', 'three'])
    await transact(place, (transaction) => appendEvidence(transaction, [entry(step), entry(`${step} again`)]));
});

const entry = (step: string): NewEvidence => ({
  time: 1000,
  kind: 'verified',
  response: 'response-1',
  step,
  actor: 'crosstrail',
  data: { b: 1, a: ['x', { y: null }] },
});
const row = (number: number): string => `evidence|${String(number).padStart(12, '0')}`;

async function rewrite(number: number, change: (entry: Record<string, unknown>) => void): Promise<void> {
  const there = await storage.tables.get(TABLE, PARTITION, row(number));
  if (there === undefined) throw new Error('no such entry');
  const value: Record<string, unknown> = objectOfRow(there);
  change(value);
  await storage.tables.commit(TABLE, PARTITION, [{ kind: 'upsert', row: row(number), cells: jsonCells(value) ?? {} }]);
}
const remove = (number: number): Promise<void> =>
  storage.tables.commit(TABLE, PARTITION, [{ kind: 'delete', row: row(number) }]);
async function put(name: string, cells: Cells | undefined): Promise<void> {
  await storage.tables.commit(TABLE, PARTITION, [
    cells === undefined ? { kind: 'delete', row: name } : { kind: 'upsert', row: name, cells },
  ]);
}
/** As somebody would who knows of the head. */
async function cutTo(number: number): Promise<void> {
  await put(PUBLISHED, jsonCells({ number: 6 }));
  const last = (await Array.fromAsync(log.entries()))[number - 1];
  for (let cut = number + 1; cut <= 6; cut++) await remove(cut);
  await put('head', jsonCells({ number, hash: last?.hash }));
}
const copyAll = async (): Promise<void> => {
  for await (const one of log.entries()) await log.copy(one);
};

describe('evidence', () => {
  it('is one chain, whole and in order', async () => {
    const entries = await Array.fromAsync(log.entries());
    expect(entries.map(({ number, step }) => [number, step])).toEqual([
      [1, 'one'],
      [2, 'one again'],
      [3, 'two'],
      [4, 'two again'],
      [5, 'three'],
      [6, 'three again'],
    ]);
    expect(entries[0]?.previous).toBe('');
    expect(entries[1]?.previous).toBe(entries[0]?.hash);
    await copyAll();
    expect(await log.verify({ head: entries[3]?.hash })).toEqual({ entries: 6, head: entries[5]?.hash, problems: [] });
    expect((await Array.fromAsync(log.entries(5))).map(({ number }) => number)).toEqual([5, 6]);
  });

  it('of nothing is intact', async () => {
    expect(await new EvidenceLog(memoryStorage()).verify()).toEqual({ entries: 0, head: '', problems: [] });
  });

  it.each([
    ['changed', () => rewrite(3, (one) => (one['actor'] = 'somebody')), 'entry 3 was changed'],
    ['changed within', () => rewrite(3, (one) => (one['data'] = { b: 2 })), 'entry 3 was changed'],
    ['added to', () => rewrite(3, (one) => (one['approvedBy'] = 'ann')), 'entry 3 was changed'],
    ['taken out', () => remove(3), 'entry 3 is missing'],
    ['cut off at the end', () => remove(6), '6 entries were written, and 5 are there'],
    ['beyond its head', () => put('head', undefined), '0 entries were written, and 6 are there'],
    ['under a head that is none', () => put('head', { b0: new Uint8Array([1]) }), 'row head'],
    ['cut off with all that counts them but what was told', () => cutTo(2), '6 entries were told of, and 2 are there'],
    ['no entry any more', () => rewrite(2, (one) => delete one['hash']), 'entry 2: row'],
  ])('that was %s is found', async (_, tamper, problem) => {
    await tamper();
    const { problems } = await log.verify();
    expect(problems.join('\n')).toContain(problem);
  });

  it('that was written anew whole is found by its copies, and by a hash noted elsewhere', async () => {
    const { head } = await log.verify();
    await copyAll();
    const forged = memoryStorage();
    const place = { tables: forged.tables, table: TABLE, partition: PARTITION };
    await transact(place, (transaction) => appendEvidence(transaction, [entry('forged')]));
    const check = await new EvidenceLog({ tables: forged.tables, blobs: storage.blobs }).verify({ head });
    expect(check.problems).toEqual([
      'entry 1 is another than its copy in blobs',
      'there are copies of entries beyond 1: the end was cut off',
      `no entry has the hash ${head}: entries were taken out or written anew since it was noted`,
    ]);
  });

  it('misses copies that were made, and none that are still to be made', async () => {
    await copyAll();
    await put(PUBLISHED, jsonCells({ number: 4 }));
    for (const number of [2, 6]) await storage.blobs.delete(EVIDENCE_CONTAINER, `00000000000${number}.json`);
    expect((await log.verify()).problems).toEqual(['the copy of entry 2 in blobs is missing']);
  });

  it('never writes over an entry that stands, whatever the head says', async () => {
    const before = await Array.fromAsync(log.entries());
    await put('head', undefined);
    const place = { tables: storage.tables, table: TABLE, partition: PARTITION };
    await transact(place, (transaction) => appendEvidence(transaction, [entry('seven'), entry('eight')]));
    const after = await Array.fromAsync(log.entries());
    expect(after.slice(0, 6)).toEqual(before);
    expect(after.slice(6).map(({ number, step }) => [number, step])).toEqual([
      [7, 'seven'],
      [8, 'eight'],
    ]);
    expect((await log.verify()).problems).toEqual(['entry 7 does not follow the one before it']);
  });

  it('is copied once: a copy that stands is not written over', async () => {
    await copyAll();
    await storage.blobs.put(EVIDENCE_CONTAINER, '000000000001.json', new TextEncoder().encode('another'));
    await copyAll();
    expect((await log.verify()).problems).toEqual(['entry 1 is another than its copy in blobs']);
  });

  it('is intact while more of it is written', async () => {
    const { tables } = storage;
    const place = { tables, table: TABLE, partition: PARTITION };
    let more = 3;
    const writing: typeof tables = {
      ...tables,
      get: (table, partition, name) => tables.get(table, partition, name),
      query: async (...asked) => {
        const page = await tables.query(...asked);
        if (more-- > 0) await transact(place, (transaction) => appendEvidence(transaction, [entry('meanwhile')]));
        return page;
      },
    };
    const { entries, problems } = await new EvidenceLog({ tables: writing, blobs: storage.blobs }).verify();
    expect(problems).toEqual([]);
    expect(entries).toBeGreaterThanOrEqual(8);
  });
});
