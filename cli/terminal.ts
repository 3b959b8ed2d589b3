import { styleText } from 'node:util';
import { printable } from '../platform/printable.ts';
import type { Level } from '../pipeline/timeline/signal.ts';

export { printable };

const STYLES = {
  critical: ['bold', 'white', 'bgRed'],
  high: ['bold', 'red'],
  medium: ['yellow'],
  low: ['cyan'],
  informational: ['dim'],
} as const satisfies Record<Level, readonly Parameters<typeof styleText>[0][]>;

type Style = Extract<Parameters<typeof styleText>[0], string>;

/** Colours text where the stream is a terminal that shows colours and NO_COLOR is not set. */
export function styled(
  style: Style | readonly Style[],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return styleText([...(typeof style === 'string' ? [style] : style)], text, { stream, validateStream: true });
}

/** A level in its colour. */
export const styledLevel = (level: Level, text: string = level, stream?: NodeJS.WriteStream): string =>
  styled(STYLES[level], text, stream);

/** One column of a table: cells are cut to `max` characters. */
export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  readonly style?: (row: T, text: string) => string;
  readonly max?: number;
  readonly right?: boolean;
  /** Never cut to fit the terminal. */
  readonly whole?: boolean;
}

/**
 * A table in plain text, columns as wide as they need; where lines are to be at most `width` characters, the widest columns give way. Cells are made
 * printable.
 */
export function table<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  width: number = (process.stdout.isTTY && process.stdout.columns) || Infinity,
): string {
  const whole = rows.map((row) => columns.map(({ cell, max = 60 }) => cut(printable(cell(row)), max)));
  const needed = columns.map(({ title }, at) =>
    whole.reduce((most, line) => Math.max(most, line[at]?.length ?? 0), title.length),
  );
  const widths = narrowed(
    needed,
    width - SPACE * (columns.length - 1),
    columns.map((column) => column.whole === true),
  );
  const cells = whole.map((line) => line.map((text, at) => cut(text, widths[at] ?? 0)));
  const pad = (text: string, at: number) =>
    columns[at]?.right === true ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0);
  const head = columns.map(({ title }, at) => styled('dim', pad(cut(title, widths[at] ?? 0), at))).join('  ');
  const lines = rows.map((row, r) =>
    columns.map(({ style }, at) => (style ?? ((_row, text) => text))(row, pad(cells[r]?.[at] ?? '', at))).join('  '),
  );
  return [head, ...lines].map((line) => line.trimEnd()).join('\n');
}

const SPACE = 2;
const NARROWEST = 10;

/** Takes from the widest column, again and again, until all fit or none can be narrower. */
function narrowed(widths: readonly number[], total: number, kept: readonly boolean[]): number[] {
  const narrow = [...widths];
  for (let over = narrow.reduce((sum, width) => sum + width, 0) - total; over > 0; over--) {
    const widest = Math.max(...narrow.filter((_width, at) => kept[at] !== true));
    if (widest <= NARROWEST) break;
    narrow[narrow.findIndex((width, at) => width === widest && kept[at] !== true)] = widest - 1;
  }
  return narrow;
}

const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);

/** A time for people: UTC, to the second. */
export const shownTime = (time: number): string => new Date(time).toISOString().replace('T', ' ').slice(0, 19);
