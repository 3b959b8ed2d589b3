import { printable, styled } from '../terminal.ts';

/** More than this of one kind is counted, not shown. */
export const MOST_SHOWN = 200;

/** A titled part of a page: the lines of each member, of which there may be more than can be shown. Nothing where there is none. */
export function section<T>(title: string, all: readonly T[], linesOf: (one: T) => readonly string[]): string[] {
  if (all.length === 0) return [];
  const lines = all.slice(0, MOST_SHOWN).flatMap(linesOf);
  const more = all.length > MOST_SHOWN ? [`and ${all.length - MOST_SHOWN} more; --format ndjson shows all`] : [];
  return ['', styled('bold', printable(title)), ...[...lines, ...more].map((line) => `  ${printable(line)}`)];
}
