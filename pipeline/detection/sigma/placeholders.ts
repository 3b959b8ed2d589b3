import { ModifierError, type Scalar } from './value-modifiers.ts';

/** The values of placeholders by name, as the configuration gives them: texts of Sigma, wildcards and escapes included. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

export const NO_PLACEHOLDERS: Placeholders = new Map();

/** The most texts that one value may stand for. */
const MAX_TEXTS = 10_000;

/** A placeholder: a name of letters, digits and underscores between percent signs. */
const PLACEHOLDER = /%([\p{L}\p{N}_]+)%/uy;

/**
 * What a value under the modifier `expand` stands for: each combination of the values of its placeholders (`%name%`). `\%` is a
 * percent sign; other escapes and wildcards are left for who reads the texts.
 * @throws ModifierError where the value is no text, names what the configuration does not define, or stands for too many
 */
export function expandPlaceholders(value: Scalar, placeholders: Placeholders): readonly string[] {
  if (typeof value !== 'string') throw new ModifierError('takes a text with placeholders such as %Administrators%');
  let texts: readonly string[] = [''];
  for (const part of partsOf(value)) {
    const choices = typeof part === 'string' ? [part] : valuesOf(part.name, placeholders);
    if (texts.length * choices.length > MAX_TEXTS) {
      throw new ModifierError(`stands for more than ${MAX_TEXTS} combinations; use fewer placeholders in one value`);
    }
    texts = texts.flatMap((text) => choices.map((choice) => text + choice));
  }
  return texts;
}

function valuesOf(name: string, placeholders: Placeholders): readonly string[] {
  const values = placeholders.get(name);
  if (values !== undefined) return values.map(closed);
  const known = placeholders.size === 0 ? 'none' : [...placeholders.keys()].slice(0, 10).join(', ');
  throw new ModifierError(
    `names %${name}%, which the configuration does not define (it defines ${known}); ` +
      `list its values under rules.placeholders.${name}`,
  );
}

/** A backslash at the end of a value must not escape what the rule has after the placeholder. */
function closed(text: string): string {
  const [backslashes = ''] = /\\*$/.exec(text) ?? [];
  return backslashes.length % 2 === 0 ? text : `${text}\\`;
}

function partsOf(value: string): (string | { readonly name: string })[] {
  const parts: (string | { readonly name: string })[] = [];
  let text = '';
  for (let at = 0; at < value.length; at += 1) {
    const next = value.charAt(at + 1);
    PLACEHOLDER.lastIndex = at;
    const [whole = '', name] = PLACEHOLDER.exec(value) ?? [];
    if (value.charAt(at) === '\\' && next !== '') {
      text += next === '%' ? '%' : `\\${next}`;
      at += 1;
    } else if (name !== undefined) {
      parts.push(text, { name });
      text = '';
      at += whole.length - 1;
    } else {
      text += value.charAt(at);
    }
  }
  return [...parts, text];
}
