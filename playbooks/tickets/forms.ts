/** The forms that services take texts in. In each, somebody else's words are shown as they are and have no effect. */
import { arrayOf, objectOf, textOf, type Json } from '../../platform/json.ts';
import type { Block, Line, Words } from './words.ts';

/** Atlassian Document Format: a text node is text, whatever it says. https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ */
export function adf(blocks: readonly Block[]): Json {
  return { type: 'doc', version: 1, content: blocks.flatMap(adfBlock) };
}

function adfBlock(block: Block): Json[] {
  if ('lines' in block) return block.lines.map((line) => adfParagraph(line));
  const heading = { type: 'heading', attrs: { level: 3 }, content: [{ type: 'text', text: block.heading }] };
  if (block.items.length === 0) return [heading];
  const items = block.items.map((line) => ({ type: 'listItem', content: [adfParagraph(line)] }));
  return [heading, { type: 'bulletList', content: items }];
}

const adfParagraph = (line: Line): Json => ({ type: 'paragraph', content: line.flatMap(adfText) });

/** Nodes without text are refused. */
function adfText(words: Words): Json[] {
  if (typeof words === 'string') return words === '' ? [] : [{ type: 'text', text: words }];
  return words.foreign === '' ? [] : [{ type: 'text', text: words.foreign, marks: [{ type: 'code' }] }];
}

/** All text of a document of that format, for finding marks in it. Bounded by the document's own bounded depth. */
export function textOfAdf(node: Json | undefined): string {
  const object = objectOf(node);
  if (object === undefined) return '';
  const inner = (arrayOf(object['content']) ?? []).map(textOfAdf);
  return [textOf(object['text']) ?? '', ...inner].join('');
}

/** HTML of Azure DevOps. A number sign and an at sign could name a work item or a person, so they are not alone with what follows. */
export const html = (blocks: readonly Block[]): string => blocks.map(htmlBlock).join('');

function htmlBlock(block: Block): string {
  if ('lines' in block) return block.lines.map((line) => `<div>${line.map(htmlWords).join('')}</div>`).join('');
  const items = block.items.map((line) => `<li>${line.map(htmlWords).join('')}</li>`);
  return `<h3>${escaped(block.heading)}</h3><ul>${items.join('')}</ul>`;
}

const htmlWords = (words: Words): string =>
  typeof words === 'string'
    ? escaped(words)
    : `<code>${escaped(words.foreign).replace(/[@#!](?=[\w<])/g, '$&<span></span>')}</code>`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

/** Markdown of GitHub: within code nothing is a mention, a reference, a link or markup. https://docs.github.com/get-started/writing-on-github */
export const markdown = (blocks: readonly Block[]): string => blocks.map(markdownBlock).join('\n\n');

function markdownBlock(block: Block): string {
  if ('lines' in block) return block.lines.map((line) => line.map(markdownWords).join('')).join('\n\n');
  const items = block.items.map((line) => `- ${line.map(markdownWords).join('')}`);
  return [`### ${block.heading}`, items.join('\n')].join('\n\n');
}

function markdownWords(words: Words): string {
  if (typeof words === 'string') return words;
  return words.foreign === '' ? '' : `\`${words.foreign.replaceAll('`', "'")}\``;
}

/** Plain text; ServiceNow shows as HTML what stands between `[code]` and `[/code]` in a journal. */
export const plain = (blocks: readonly Block[]): string => blocks.map(plainBlock).join('\n\n');

function plainBlock(block: Block): string {
  const line = (words: Line): string => words.map(plainWords).join('');
  if ('lines' in block) return block.lines.map(line).join('\n');
  return [`${block.heading}:`, ...block.items.map((item) => `- ${line(item)}`)].join('\n');
}

const plainWords = (words: Words): string =>
  typeof words === 'string' ? words : words.foreign.replace(/\[(?=\s*\/?\s*code)/gi, '(');
