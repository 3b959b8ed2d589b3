import { isObject, MAX_DEPTH, type Json } from '../../../platform/json.ts';

/** A line of a difference. */
export interface ChangeLine {
  readonly sign: '-' | '+';
  /** Path and value: `prefixes[]: "198.51.100.23/32"`. */
  readonly text: string;
}

/** More are counted, not shown. */
const MOST_LINES = 200;
const LONGEST_LINE = 400;

/**
 * What differs between before and after, value by value: first what goes, then what comes, each in the order in which it stands. Members of a list are compared whatever
 * their place, so that one that is put in front is one line.
 */
export function changeLines(
  before: Json,
  after: Json,
): { readonly lines: readonly ChangeLine[]; readonly more: number } {
  const [gone, come] = [linesOf(before), linesOf(after)];
  const lines = [
    ...without(gone, come).map((text) => ({ sign: '-' as const, text })),
    ...without(come, gone).map((text) => ({ sign: '+' as const, text })),
  ];
  return { lines: lines.slice(0, MOST_LINES), more: Math.max(0, lines.length - MOST_LINES) };
}

/** The lines that the others have not, as often as they have them not. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines
    .filter((line) => {
      const count = left.get(line) ?? 0;
      if (count > 0) left.set(line, count - 1);
      return count === 0;
    })
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}

function linesOf(value: Json): string[] {
  const lines: string[] = [];
  const add = (path: string, one: Json | undefined, depth: number): void => {
    const list = Array.isArray(one);
    const empty = list ? one.length === 0 : isObject(one) && Object.keys(one).length === 0;
    if (one === undefined || (path === '' && one === null)) return;
    if (typeof one !== 'object' || one === null || empty || depth > MAX_DEPTH) {
      lines.push(`${path}${path === '' ? '' : ': '}${JSON.stringify(one)}`);
    } else if (list) {
      for (const member of one) add(`${path}[]`, member, depth + 1);
    } else {
      for (const name of Object.keys(one)) add(path === '' ? name : `${path}.${name}`, one[name], depth + 1);
    }
  };
  add('', value, 0);
  return lines;
}
