import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTables } from '../../../../platform/storage/memory-tables.ts';
import { accountOf, Bookmarks, keep, remembered, rowOf } from './bookmark.ts';

const NINE = Date.UTC(2026, 10, 20, 9);

describe('a bookmark', () => {
  it('comes back as it was stored', async () => {
    const times = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const sent = fc
      .array(fc.tuple(fc.uuid(), times), { maxLength: 50 })
      .map((entries) => new Map(entries.map(([id, time]) => [remembered(id), time])));
    await fc.assert(
      fc.asyncProperty(times, times, fc.integer({ min: 1, max: 86_400 }), sent, async (settled, until, span, sent) => {
        const bookmarks = new Bookmarks(new MemoryTables(), NINE);
        await bookmarks.write('row', { settled, until, span, sent });
        expect(await bookmarks.read('row')).toEqual({ settled, until, span, sent });
      }),
    );
  });

  it('forgets what can no longer be found, and the oldest where there is too much for a row', async () => {
    const sent = new Map(Array.from({ length: 60_000 }, (_, at) => [remembered(`event ${at}`), 1000 + at]));
    const kept = keep(sent, 10_000);
    expect(kept.size).toBe(40_000);
    expect(Math.min(...kept.values())).toBe(21_000);
    expect(keep(sent, 60_000).size).toBe(1000);
    const bookmarks = new Bookmarks(new MemoryTables(), NINE);
    await bookmarks.write('row', { settled: 10_000, until: 61_000, span: 60, sent: kept });
    expect((await bookmarks.read('row')).sent).toEqual(kept);
    await bookmarks.write('row', { settled: 61_000, until: 61_000, span: 60, sent: new Map() });
    expect((await bookmarks.read('row')).sent.size).toBe(0);
  });

  it('that is not there yet begins where it is told, and stays there', async () => {
    const tables = new MemoryTables();
    await new Bookmarks(tables, NINE).read('row');
    expect((await new Bookmarks(tables, NINE + 3_600_000).read('row')).settled).toBe(NINE / 1000);
  });
});

describe('the row of a target', () => {
  const region = 'eu-central-1';

  it('is that of its account, however it is reached', () => {
    const roleArn = 'arn:aws:iam::111122223333:role/crosstrail';
    expect(rowOf({ region, roleArn })).toBe(rowOf({ region, account: '111122223333', profile: 'contoso' }));
    expect(accountOf({ region, roleArn })).toBe('111122223333');
  });

  it('differs by region, account and profile, and is a row key whatever the profile is called', () => {
    const rows = [
      { region },
      { region: 'eu-west-1' },
      { region, account: '111122223333' },
      { region, profile: 'a/b#?' },
      { region, profile: 'b' },
    ].map(rowOf);
    expect(new Set(rows).size).toBe(rows.length);
    for (const row of rows) expect(row).toMatch(/^[\w-]+$/);
  });
});
