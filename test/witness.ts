import { isObject, type Json, type JsonObject } from '../platform/json.ts';
import type { Expression, Item } from '../pipeline/detection/sigma/expression.ts';
import { fieldNamesOf, type FieldNames } from '../pipeline/detection/fields/field-names.ts';
import type { SigmaRule } from '../pipeline/detection/rule.ts';

/** What a text must be like at a path for a rule to fire. */
interface Wish {
  readonly path: string;
  readonly kind: 'is' | 'begins' | 'ends' | 'contains' | 'absent';
  readonly text: string;
}

type Wishes = readonly Wish[];

const MAX_WITNESSES = 200;

/**
 * Records on which a rule should fire: of each way in which its condition can be true, one, made from a record of its log source
 * that it does not concern. Wishes for what must not match are not made, so that some of the witnesses may fail.
 * @param freeText where keywords are put
 */
export function* witnesses(rule: SigmaRule, base: JsonObject, freeText: string): Generator<JsonObject> {
  let count = 0;
  for (const wishes of ways(rule.detection.condition, fieldNamesOf(rule.logsource), freeText)) {
    yield granted(base, wishes);
    count += 1;
    if (count === MAX_WITNESSES) return;
  }
}

function* ways(expression: Expression, names: FieldNames, freeText: string): Generator<Wishes> {
  switch (expression.kind) {
    case 'and':
      yield* together(expression.parts, names, freeText);
      break;
    case 'or':
      for (const part of expression.parts) yield* ways(part, names, freeText);
      break;
    case 'not':
      yield [];
      break;
    case 'selection':
      yield* ways(expression.part, names, freeText);
      break;
    case 'item':
      yield* waysOfItem(expression, names, freeText);
      break;
    default:
  }
}

function* together(parts: readonly Expression[], names: FieldNames, freeText: string): Generator<Wishes> {
  const [first, ...others] = parts;
  if (first === undefined) yield [];
  else
    for (const one of ways(first, names, freeText))
      for (const rest of together(others, names, freeText)) yield [...one, ...rest];
}

function* waysOfItem(item: Item, names: FieldNames, freeText: string): Generator<Wishes> {
  const [field = '', ...modifiers] = item.key.split('|');
  const paths = field === '' ? [freeText] : pathsFor(field, names);
  const kind = modifiers.includes('startswith')
    ? 'begins'
    : modifiers.includes('endswith')
      ? 'ends'
      : modifiers.includes('contains') || field === ''
        ? 'contains'
        : 'is';
  const wish = (path: string, value: unknown): Wish =>
    value === null
      ? { path, kind: 'absent', text: '' }
      : { path, kind, text: textFor(typeof value === 'string' ? value : JSON.stringify(value), modifiers) };
  // First as records write it, where that is not what the rule says.
  for (const meaning of itemsWithin(item.part)) yield* together(meaning, names, freeText);
  for (const path of paths) {
    if (modifiers.includes('all')) yield item.values.map((value) => wish(path, value));
    else for (const value of item.values) yield [wish(path, value)];
  }
}

/** Where records have what a field means: of the places that it reaches, those that are known, the rule's own spelling last. */
function pathsFor(field: string, names: FieldNames): readonly string[] {
  const { paths } = names.reach(field);
  return [...paths.slice(1), ...paths.slice(0, 1)].filter((path) => names.has(path) !== false);
}

/** The selections that stand for a text within the item that names it. */
function* itemsWithin(expression: Expression): Generator<readonly Expression[]> {
  if (expression.kind !== 'and' && expression.kind !== 'or') return;
  if (expression.parts.length > 0 && expression.parts.every((part) => part.kind === 'item')) yield expression.parts;
  else for (const part of expression.parts) yield* itemsWithin(part);
}

/** A text that matches what a rule writes: wildcards and the simplest patterns filled in. */
function textFor(written: string, modifiers: readonly string[]): string {
  if (modifiers.includes('re'))
    return written
      .replaceAll(/\.[+*]/g, 'x')
      .replaceAll(/^\^|\$$/g, '')
      .replaceAll('[1-9]', '1');
  return written.replaceAll(/\\([*?\\])|([*?])/g, (_, escaped: string | undefined) => escaped ?? 'x');
}

function granted(base: JsonObject, wishes: Wishes): JsonObject {
  const record = structuredClone(base);
  for (const [path, all] of Map.groupBy(wishes, ({ path }) => path)) {
    if (all.some(({ kind }) => kind === 'absent')) continue;
    const texts = (kind: Wish['kind']): string =>
      all
        .filter((wish) => wish.kind === kind)
        .map(({ text }) => text)
        .join(' ');
    put(record, segmentsOf(path), texts('is') || `${texts('begins')}${texts('contains')}${texts('ends')}`);
  }
  return record;
}

/** Objects whose members have names with dots. */
const WITH_DOTS = ['annotations.', 'identity.claims.'];

function segmentsOf(path: string): string[] {
  const object = WITH_DOTS.find((prefix) => path.startsWith(prefix));
  return object === undefined ? path.split('.') : [...object.slice(0, -1).split('.'), path.slice(object.length)];
}

/** Sets what stands at a path: of a list, in its first member; an object that stands there is given a member with the text. */
function put(object: JsonObject, [name = '', ...rest]: readonly string[], text: string): void {
  const found: Json | undefined = object[name];
  const inner = Array.isArray(found) ? found[0] : found;
  if (isObject(inner)) put(inner, rest.length === 0 ? ['text'] : rest, text);
  else if (rest.length === 0) object[name] = text;
  else {
    const made: JsonObject = {};
    object[name] = made;
    put(made, rest, text);
  }
}
