import { RE2JS } from 're2js';
import { parseRange } from './address-ranges.ts';
import { base64AtEveryOffset, WIDE_ENCODINGS } from './encodings.ts';
import { shown } from '../loading/rule-error.ts';
import { ANY, joined, parsePattern, plainText, type Pattern } from './text-pattern.ts';
import { TIME_PARTS, type TimePart } from './time-part.ts';

/** A value as the YAML of a rule holds it, except null. */
export type Scalar = string | number | boolean;

export type NumberRelation = 'equals' | 'lt' | 'lte' | 'gt' | 'gte';

/** A value on its way through the modifiers of its field. */
export type Value =
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  /** One of the patterns matches. `bytes`: the texts hold one byte per character. `dashes`: see `windash`. */
  | { readonly kind: 'text'; readonly patterns: readonly Pattern[]; readonly bytes: boolean; readonly dashes: boolean }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: number; readonly anchor: Anchor }
  | { readonly kind: 'range'; readonly range: string }
  | {
      readonly kind: 'number';
      readonly number: number;
      readonly relation: NumberRelation;
      readonly part?: TimePart | undefined;
    }
  | { readonly kind: 'reference'; readonly field: string; readonly anchor: Anchor };

/** Where a value stands in a text. */
export type Anchor = 'whole' | 'contains' | 'startswith' | 'endswith';

/** What a modifier does to a value. @throws ModifierError where the modifier does not apply to it */
export type Modifier = (value: Value) => Value;

/** Why a modifier does not apply to a value. */
export class ModifierError extends Error {
  override readonly name = 'ModifierError';
}

const MAX_REGEX_LENGTH = 4096;

/** The modifiers that change a value, in the order of Sigma's appendix on modifiers, with pySigma's longer names for those of `re`. */
export const VALUE_MODIFIERS: ReadonlyMap<string, Modifier> = new Map<string, Modifier>([
  ['contains', (value) => anchored(value, 'contains')],
  ['startswith', (value) => anchored(value, 'startswith')],
  ['endswith', (value) => anchored(value, 'endswith')],
  ['windash', windash],
  ['re', regex],
  ['i', (value) => withFlag(value, RE2JS.CASE_INSENSITIVE)],
  ['ignorecase', (value) => withFlag(value, RE2JS.CASE_INSENSITIVE)],
  ['m', (value) => withFlag(value, RE2JS.MULTILINE)],
  ['multiline', (value) => withFlag(value, RE2JS.MULTILINE)],
  ['s', (value) => withFlag(value, RE2JS.DOTALL)],
  ['dotall', (value) => withFlag(value, RE2JS.DOTALL)],
  ['base64', base64],
  ['base64offset', base64Offset],
  ...Object.entries(WIDE_ENCODINGS).map(([name, encode]): [string, Modifier] => [name, (value) => wide(value, encode)]),
  ...(['lt', 'lte', 'gt', 'gte'] as const).map((relation): [string, Modifier] => [
    relation,
    (value) => related(value, relation),
  ]),
  ...TIME_PARTS.map((part): [string, Modifier] => [part, (value) => withTimePart(value, part)]),
  ['cidr', range],
  ['fieldref', reference],
]);

type TextValue = Extract<Value, { kind: 'text' }>;

/** The value as text with wildcards; the first modifier of text makes it so. */
export function asText(value: Value): TextValue {
  if (value.kind === 'text') return value;
  const { scalar } = asScalar(value);
  const pattern = typeof scalar === 'string' ? parsePattern(scalar) : [String(scalar)];
  return { kind: 'text', patterns: [pattern], bytes: false, dashes: false };
}

function asScalar(value: Value): Extract<Value, { kind: 'scalar' }> {
  if (value.kind === 'scalar') return value;
  throw new ModifierError(
    'does not apply to a value that another modifier has changed; put it first, or leave one of them out',
  );
}

function anchored(value: Value, anchor: Exclude<Anchor, 'whole'>): Value {
  if (value.kind === 'regex' || value.kind === 'reference') return { ...value, anchor };
  const text = asText(value);
  const before: Pattern = anchor === 'startswith' ? [] : [ANY];
  const after: Pattern = anchor === 'endswith' ? [] : [ANY];
  return { ...text, patterns: text.patterns.map((pattern) => joined([...before, ...pattern, ...after])) };
}

function windash(value: Value): Value {
  const text = asText(value);
  if (text.bytes) throw new ModifierError('does not apply to an encoded value');
  return { ...text, dashes: true };
}

function regex(value: Value): Value {
  const source = String(asScalar(value).scalar);
  if (source.length > MAX_REGEX_LENGTH) {
    throw new ModifierError(`takes a regular expression of at most ${MAX_REGEX_LENGTH} characters`);
  }
  // A search for the expression anywhere: what `contains` says of a text.
  return { kind: 'regex', source, flags: 0, anchor: 'contains' };
}

function withFlag(value: Value, flag: number): Value {
  if (value.kind !== 'regex') throw new ModifierError("stands after 're' only");
  return { ...value, flags: value.flags | flag };
}

/** The texts of a value that is to be encoded. */
function plainTexts(value: Value): { text: TextValue; plain: readonly string[] } {
  const text = asText(value);
  const plain = text.patterns.map(plainText).filter((one) => one !== undefined);
  if (plain.length < text.patterns.length) {
    throw new ModifierError("does not apply to a value with wildcards; put 'contains' after it");
  }
  if (text.dashes) throw new ModifierError("does not apply after 'windash'; list the spellings instead");
  if (plain.includes('')) throw new ModifierError('does not apply to an empty value');
  return { text, plain };
}

function wide(value: Value, encode: (text: string) => string): Value {
  const { text, plain } = plainTexts(value);
  if (text.bytes) throw new ModifierError('does not apply to an encoded value');
  return { ...text, patterns: plain.map((one) => [encode(one)]), bytes: true };
}

function base64(value: Value): Value {
  const { text, plain } = plainTexts(value);
  return { ...text, patterns: plain.map((one) => [bytesOf(one, text).toString('base64')]), bytes: false };
}

function base64Offset(value: Value): Value {
  const { text, plain } = plainTexts(value);
  const patterns = plain.flatMap((one) => base64AtEveryOffset(bytesOf(one, text)).map((encoded) => [encoded]));
  return { ...text, patterns, bytes: false };
}

function bytesOf(plain: string, { bytes }: TextValue): Buffer {
  return Buffer.from(plain, bytes ? 'latin1' : 'utf8');
}

function related(value: Value, relation: NumberRelation): Value {
  const number = asNumber(value);
  if (number.relation !== 'equals') throw new ModifierError(`does not go together with '${number.relation}'`);
  return { ...number, relation };
}

function withTimePart(value: Value, part: TimePart): Value {
  const number = asNumber(value);
  if (number.part !== undefined) throw new ModifierError(`does not go together with '${number.part}'`);
  if (!Number.isInteger(number.number)) throw new ModifierError('takes a whole number');
  return { ...number, part };
}

function asNumber(value: Value): Extract<Value, { kind: 'number' }> {
  if (value.kind === 'number') return value;
  const { scalar } = asScalar(value);
  const number = typeof scalar === 'boolean' ? undefined : numberOf(String(scalar));
  if (number === undefined) throw new ModifierError(`takes a number, not ${shown(scalar)}`);
  return { kind: 'number', number, relation: 'equals' };
}

const DECIMAL = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;

/** The number that a text writes in decimal; otherwise undefined. */
export function numberOf(text: string): number | undefined {
  return text.length <= 64 && DECIMAL.test(text) ? Number(text) : undefined;
}

function range(value: Value): Value {
  const text = String(asScalar(value).scalar);
  if (parseRange(text) === undefined) {
    throw new ModifierError(`takes a range of addresses such as 203.0.113.0/24, not ${shown(text)}`);
  }
  return { kind: 'range', range: text };
}

function reference(value: Value): Value {
  const field = plainText(parsePattern(String(asScalar(value).scalar)));
  if (field === undefined || field === '') throw new ModifierError('takes the name of a field, without wildcards');
  return { kind: 'reference', field, anchor: 'whole' };
}
