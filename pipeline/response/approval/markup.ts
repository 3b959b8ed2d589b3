import { printable } from '../../../platform/printable.ts';

/** Text that is HTML already. */
export class Markup {
  readonly #text: string;

  /** @param text trusted: use {@link markup} for anything else */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

export type MarkupPart = string | number | Markup | undefined | readonly MarkupPart[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** A template of HTML: whatever is put in is escaped, for text and for quoted attributes, unless it is HTML itself. */
export const markup = (template: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup =>
  new Markup(template.map((text, at) => text + shown(parts[at])).join(''));

function shown(part: MarkupPart): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'object') return part.map(shown).join('');
  return printable(String(part)).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
