import { printable } from '../../platform/printable.ts';

/** Text of records or of services, which somebody else chose: each kind of ticket shows it so that nothing in it has effect. */
export interface Foreign {
  readonly foreign: string;
}

/** Our own words, or somebody else's. */
export type Words = string | Foreign;

/** What stands on one line of a ticket. */
export type Line = readonly Words[];

/** A stretch of a ticket: lines one below the other, or a list with a heading, of which some items may have been left out. */
export type Block =
  | { readonly lines: readonly Line[] }
  | { readonly heading: string; readonly items: readonly Line[]; readonly more?: number | undefined };

/** A ticket as it is to be made, before it is put into the form of a service. */
export interface TicketText {
  /** Plain text, on one line. */
  readonly title: string;
  readonly blocks: readonly Block[];
}

/**
 * Text of outside data on one line: printable, cut to a length, and with addresses of the web written so that nothing makes a link of them, as people of the field
 * do by hand.
 * @param max in UTF-16 units
 */
export function tame(text: string, max: number): string {
  const line = printable(text.slice(0, max * 2).toWellFormed())
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/:(?=\/\/)/g, '[:]')
    .replace(/(www|mailto)([.:])/gi, '$1[$2]');
  return line.length <= max ? line : `${line.slice(0, max - 1).toWellFormed()}…`;
}

/** Somebody else's words, as a ticket takes them. */
export const foreign = (text: string, max = 400): Foreign => ({ foreign: tame(text, max) });

/** What a line says, without form. */
const plainLine = (line: Line): string =>
  line.map((words) => (typeof words === 'string' ? words : words.foreign)).join('');

/** So many of the blocks as fit into so many characters, whole items at a time; what is left out at the end of a list is counted. */
export function fitting(blocks: readonly Block[], room: number): readonly Block[] {
  let left = room;
  const fits = (line: Line): boolean => {
    left -= plainLine(line).length + PER_LINE;
    return left >= 0;
  };
  return blocks.flatMap((block): Block[] => {
    if ('lines' in block) return [{ lines: block.lines.filter(fits) }];
    const items = takeWhile(block.items, fits);
    const more = block.items.length - items.length + (block.more ?? 0);
    return [{ heading: block.heading, items: [...items, ...(more === 0 ? [] : [[`and ${more} more`]])] }];
  });
}

/** Marks that a form puts around a line. */
const PER_LINE = 24;

function takeWhile<T>(all: readonly T[], test: (one: T) => boolean): readonly T[] {
  const end = all.findIndex((one) => !test(one));
  return end < 0 ? all : all.slice(0, end);
}
