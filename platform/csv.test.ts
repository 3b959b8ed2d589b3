import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvError, parseCsv } from './csv.ts';

const read = (text: string): [number, Record<string, string>][] =>
  parseCsv(text, 10).map(({ line, cells }) => [line, Object.fromEntries(cells)]);

describe('CSV', () => {
  it('knows where each row begins, over empty lines and line breaks within cells', () => {
    expect(read('\ufeffkey, owner\r\n\r\na,"one\n""two"""\r\nb ,\rc,d')).toEqual([
      [3, { key: 'a', owner: 'one\n"two"' }],
      [5, { key: 'b', owner: '' }],
      [6, { key: 'c', owner: 'd' }],
    ]);
    expect(read('')).toEqual([]);
    expect(read('key\n')).toEqual([]);
  });

  it.each([
    ['a,b\nc', 'line 2: expected 2 cells as the first line has, found 1'],
    ['a,b\n1,2\n\n3,4,5', 'line 4: expected 2 cells as the first line has, found 3'],
    ['a,b\n1,2\nx,"y', 'line 3: a quote that is not closed'],
    ['a,b\nx,"y"z', 'line 2: text beside a quote'],
    ['a,b\nx,y"z', 'line 2: text beside a quote'],
    ['a,a\n', 'line 1: every column needs a name of its own'],
    ['a,\n', 'line 1: every column needs a name of its own'],
    [`a\n${'x\n'.repeat(11)}`, 'line 12: more than 10 rows'],
  ])('%j is refused', (text, reason) => {
    expect(() => parseCsv(text, 10)).toThrow(CsvError);
    expect(() => parseCsv(text, 10)).toThrow(reason);
  });

  it('is the same where it is so long that it is read in pieces', () => {
    const filling = 'x'.repeat(50);
    const written = Array.from({ length: 20_000 }, (_, at) => `"${filling} ""${at}"",\n",\ufeff${at}\r\n`).join('');
    const rows = parseCsv(`\ufefftext,at\n${written}`, 20_000);
    expect(rows.map(({ line }) => line)).toEqual(rows.map((_, at) => 2 + at * 2));
    expect(rows.every(({ cells }, at) => cells.get('text') === `${filling} "${at}",`)).toBe(true);
    expect(rows.at(-1)?.cells.get('at')?.trim()).toBe('19999');
    expect(() => parseCsv(`text,at\n${written}a"b,1`, 20_001)).toThrow('line 40002: text beside a quote');
    expect(() => parseCsv(`text,at\n${written}"a,1\n2,3\n`, 20_001)).toThrow('a quote that is not closed');
  });

  it('gives what was written, whatever it is', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\u2028', '__proto__', ' b') });
    const row = fc.tuple(cell, cell).filter((cells) => cells.some((each) => each !== ''));
    const written = (cells: readonly string[]) => cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), (rows) => {
        const text = ['one,__proto__', ...rows.map(written)].join('\n');
        expect(parseCsv(text, 10).map(({ cells }) => [...cells.values()])).toEqual(
          rows.map((cells) => cells.map((each) => each.trim())),
        );
      }),
    );
  });

  it('throws nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ') }), (text) => {
        try {
          parseCsv(text, 10);
        } catch (error) {
          expect(error).toBeInstanceOf(CsvError);
        }
      }),
    );
  });
});
