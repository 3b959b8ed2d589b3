import { expect, it } from 'vitest';
import { printable, table } from './terminal.ts';

const COLUMNS = [
  { title: 'NAME', cell: ([name]: readonly string[]) => name ?? '' },
  { title: 'N', cell: ([, count]: readonly string[]) => count ?? '', right: true },
];

it('takes away what would move the cursor, colour, hide or turn around text', () => {
  expect(printable('\x1b[2J\x1b]0;title\x07\x9b31m\r\n')).toBe('?[2J?]0;title??31m??');
  expect(printable('a\u202eb\u061cc\u200bd\u2066e\ufefff\u{e0041}g')).toBe('a?b?c?d?e?f?g');
  expect(printable('Zoë 東京 🚀 “quoted”')).toBe('Zoë 東京 🚀 “quoted”');
});

it('aligns columns and cuts cells', () => {
  const text = table(
    [
      ['ann', '7'],
      ['x'.repeat(70), '10'],
      ['\x1b[31m', '1'],
    ],
    COLUMNS,
    Infinity,
  );
  expect(text.split('\n')).toEqual([
    `${'NAME'.padEnd(60)}   N`,
    `${'ann'.padEnd(60)}   7`,
    `${'x'.repeat(59)}…  10`,
    `${'?[31m'.padEnd(60)}   1`,
  ]);
});

it('keeps lines within the width, at the cost of the widest columns', () => {
  const rows = [['x'.repeat(60), '1234567']];
  const lines = table(rows, COLUMNS, 40).split('\n');
  expect(lines.map((line) => line.length)).toEqual([40, 40]);
  expect(lines[1]).toMatch(/^x{30}…  1234567$/);
});

it('bears more rows than a call has arguments', () => {
  const rows = Array.from({ length: 200_000 }, (_, at) => ['x', String(at)]);
  expect(table(rows, COLUMNS).split('\n')).toHaveLength(200_001);
});

it('never cuts a column that is to stay whole', () => {
  const whole = { title: 'TIME', cell: () => '2026-01-01 00:00:00', whole: true };
  expect(table([['x'.repeat(60), '1']], [whole, ...COLUMNS], 40).split('\n')[1]).toMatch(
    /^2026-01-01 00:00:00 {2}x+… {2}1$/,
  );
});
