import { printable } from '../../platform/printable.ts';

/** Marks that mean something in HTML or in Markdown: Sentinel shows comments as both. */
const MARKS = /[&<>"'`*_~#|\\[\]]/g;

/**
 * Text of outside data, fit to stand in a comment: printable, on one line, cut to a length, and with every mark of HTML and Markdown as a character reference, which can
 * begin neither a tag nor emphasis, a link, an image or a table. Addresses of the web are written so that none becomes a link.
 * @param max in characters, before marks are replaced
 */
export function escaped(text: string, max = 120): string {
  const characters = Array.from(
    printable(text.slice(0, max * 2 + 2).toWellFormed())
      .replace(/\s+/g, ' ')
      .trim(),
  );
  const short = characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
  return short
    .replace(MARKS, (mark) => `&#${mark.charCodeAt(0)};`)
    .replace(/:(?=\/\/)/g, '&#58;')
    .replace(/\b(www|mailto)(?=[.:])/gi, '$1&#8203;')
    .replaceAll('@', '&#64;');
}

/**
 * Texts of one cell, HTML already, one to a line: as many as fit, and how many do not.
 * @param room characters
 */
export function lines(texts: readonly string[], room: number): string {
  const { rows, left } = fitting(texts, room);
  return [...rows, ...(left === 0 ? [] : [`and ${left} more`])].join('<br>');
}

/** A section of a comment: a title, and what stands below it; all HTML already. */
export function section(title: string, ...blocks: readonly string[]): string {
  return [`<h3>${title}</h3>`, ...blocks.filter((block) => block !== '')].join('\n');
}

/** A paragraph of HTML. */
export const paragraph = (html: string): string => `<p>${html}</p>`;

/** Rows that fit into so many characters, and how many do not. */
interface Fitting {
  readonly rows: readonly string[];
  readonly left: number;
}

/** A line break, or `<br>`. */
const BETWEEN = 4;

/** One that is too long hides only itself. */
function fitting(rows: readonly string[], room: number): Fitting {
  let length = 0;
  const kept = rows.filter((row) => {
    const fits = length + row.length + BETWEEN <= room;
    if (fits) length += row.length + BETWEEN;
    return fits;
  });
  return { rows: kept, left: rows.length - kept.length };
}

/**
 * A list of items that are HTML already.
 * @param room whole items beyond so many characters are left out, and counted
 * @param left how many were left out before
 */
export function list(items: readonly string[], room: number, left = 0): string {
  if (items.length === 0) return '';
  const fit = fitting(
    items.map((item) => `<li>${item}</li>`),
    room,
  );
  return `<ul>\n${[...fit.rows, ...moreItem(fit.left + left)].join('\n')}\n</ul>`;
}

const moreItem = (left: number): string[] => (left === 0 ? [] : [`<li>and ${left} more</li>`]);

/**
 * A table of cells that are HTML already.
 * @param room whole rows beyond so many characters are left out, and counted
 * @param left how many were left out before
 */
export function htmlTable(
  titles: readonly string[],
  cells: readonly (readonly string[])[],
  room: number,
  left = 0,
): string {
  if (cells.length === 0) return '';
  const row = (tag: string, texts: readonly string[]): string =>
    `<tr>${texts.map((text) => `<${tag}>${text}</${tag}>`).join('')}</tr>`;
  const fit = fitting(
    cells.map((texts) => row('td', texts)),
    room,
  );
  const all = fit.left + left;
  const table = `<table>\n${[row('th', titles), ...fit.rows].join('\n')}\n</table>`;
  return all === 0 ? table : `${table}\n${paragraph(`and ${all} more`)}`;
}
