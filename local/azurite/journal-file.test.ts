import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';

import { DamagedJournalError, JournalFile } from './journal-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosstrail-journal-'));
const path = join(folder, 'test.journal');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The records of the journal at `path`, with where each ends, after which `more` is appended. */
function reopen(more: readonly string[] = []): { records: string[]; ends: number[]; size: number } {
  const records: string[] = [];
  const ends: number[] = [];
  const file = JournalFile.open(path, (payload, end) => {
    records.push(payload.toString());
    ends.push(end);
  });
  const { size } = file;
  for (const text of more) file.append(Buffer.from(text));
  file.close();
  return { records, ends, size };
}

describe('JournalFile', () => {
  it('gives back what was appended, in order, over restarts', () => {
    rmSync(path, { force: true });
    expect(reopen(['one', 'two', 'three']).records).toEqual([]);
    expect(reopen(['four']).records).toEqual(['one', 'two', 'three']);
    expect(reopen().records).toEqual(['one', 'two', 'three', 'four']);
  });

  it('reads records that are longer than what it reads at once', () => {
    rmSync(path, { force: true });
    const long = ['x'.repeat(3_000_000), 'short', 'y'.repeat(1_048_576), 'z'.repeat(1_048_575)];
    reopen(long);
    expect(reopen().records).toEqual(long);
  });

  it('cut off at any byte: keeps exactly the whole records, and goes on after them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1, maxLength: 30 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1 }),
        (texts, at) => {
          rmSync(path, { force: true });
          reopen(texts);
          const { ends, size } = reopen();
          const length = Math.floor(at * size);
          writeFileSync(path, readFileSync(path).subarray(0, length));
          const whole = texts.slice(0, ends.filter((end) => end <= length).length);
          expect(reopen(['next']).records).toEqual(whole);
          expect(reopen().records).toEqual([...whole, 'next']);
        },
      ),
    );
  });

  it('takes a last record of wrong bytes for one cut off', () => {
    rmSync(path, { force: true });
    reopen(['kept', 'spoilt']);
    const bytes = readFileSync(path);
    bytes.writeUInt8(0, bytes.length - 1);
    writeFileSync(path, bytes);
    expect(reopen().records).toEqual(['kept']);
  });

  it('takes zeros at the end for a record cut off', () => {
    for (const zeros of [5, 8, 9, 1_048_576, 3_000_000]) {
      rmSync(path, { force: true });
      reopen(['kept']);
      appendFileSync(path, Buffer.alloc(zeros));
      expect(reopen(['next']).records).toEqual(['kept']);
      expect(reopen().records).toEqual(['kept', 'next']);
    }
  });

  it('refuses a journal that is damaged before its end, and leaves it as it is', () => {
    rmSync(path, { force: true });
    reopen(['spoilt', 'whole']);
    const bytes = readFileSync(path);
    bytes.writeUInt8(0, bytes.indexOf('spoilt'));
    writeFileSync(path, bytes);
    expect(() => reopen()).toThrow(DamagedJournalError);
    expect(() => reopen()).toThrow(/damaged at byte 21, with 13 bytes after/);
    expect(readFileSync(path)).toEqual(bytes);
  });

  it('refuses a file that is no journal, and leaves it as it is', () => {
    writeFileSync(path, '{"filename":"__azurite_db_table__.json"}');
    expect(() => reopen()).toThrow(/is not a journal/);
    expect(readFileSync(path, 'utf8')).toBe('{"filename":"__azurite_db_table__.json"}');
  });

  it('takes the place of another journal', () => {
    rmSync(path, { force: true });
    reopen(['old', 'old too']);
    const next = JournalFile.create(`${path}.next`);
    next.append(Buffer.from('new'));
    const file = next.replace(JournalFile.open(path, () => undefined));
    file.append(Buffer.from('after'));
    file.close();
    expect(reopen().records).toEqual(['new', 'after']);
  });

  it('cannot be appended to once it is closed', () => {
    const file = JournalFile.create(path);
    file.close();
    expect(() => file.append(Buffer.from('late'))).toThrow();
  });
});
