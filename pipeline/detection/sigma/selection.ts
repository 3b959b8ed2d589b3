import { isObject, type JsonObject } from '../../../platform/json.ts';
import { compileRanges } from './address-ranges.ts';
import type { Expression } from './expression.ts';
import { expandPlaceholders, type Placeholders } from './placeholders.ts';
import type { RecordField } from './record-field.ts';
import { compileRegularExpression, PatternError } from './regular-expression.ts';
import { RuleError, shown, type DocumentPath } from '../loading/rule-error.ts';
import { comparisonKey, normaliser, testsOf, type Comparison, type TextTest } from './text-test.ts';
import { timePart } from './time-part.ts';
import {
  asText,
  ModifierError,
  numberOf,
  VALUE_MODIFIERS,
  type Modifier,
  type NumberRelation,
  type Scalar,
  type Value,
} from './value-modifiers.ts';

/** Modifiers that say how the values of an item go together, or how they are compared, and change none of them. */
const ITEM_MODIFIERS: ReadonlySet<string> = new Set(['all', 'neq', 'cased', 'exists', 'expand']);

/** Modifiers that mean the same before and after the placeholders are replaced. */
const MAY_PRECEDE_EXPAND: ReadonlySet<string> = new Set([
  ...['contains', 'startswith', 'endswith'],
  ...['re', 'i', 'ignorecase', 'm', 'multiline', 's', 'dotall'],
]);

/** Of these, one says where in a text the value stands. */
const ANCHORS: ReadonlySet<string> = new Set(['contains', 'startswith', 'endswith']);

const MAX_FIELD_LENGTH = 512;

/** The most regular expressions of an item. Each may come to hold 8 MB, which is what re2js keeps at most of how it has matched. */
const MAX_EXPRESSIONS = 500;

/** What a selection is read with. */
export interface SelectionContext {
  /** The field that a name stands for. */
  readonly field: (name: string) => RecordField;
  /** What it means that a field is a text which records write otherwise: selections, each of which is enough. */
  readonly meanings: (name: string, text: string) => readonly JsonObject[];
  /** The values of placeholders, by name. */
  readonly placeholders: Placeholders;
}

/**
 * Reads a selection: a map (each of its items), a list (one of its members), or texts to be found anywhere in the record.
 * @param path where the selection stands in its document
 * @throws RuleError
 */
export function parseSelection(selection: unknown, path: DocumentPath, context: SelectionContext): Expression {
  if (!Array.isArray(selection)) return parseMember(selection, path, context);
  if (selection.length === 0) throw new RuleError('a selection needs something to look for; this list is empty', path);
  // A list of keywords is one item, so that the record is gone through once for all of them.
  if (!selection.some((member) => typeof member === 'object')) return parseItem('', selection, path, context);
  const parts = selection.map((member: unknown, index) => parseMember(member, [...path, index], context));
  return { kind: 'or', parts };
}

function parseMember(member: unknown, path: DocumentPath, context: SelectionContext): Expression {
  if (isObject(member)) {
    const items = Object.entries(member);
    if (items.length === 0) throw new RuleError('a selection needs something to look for; this map is empty', path);
    return { kind: 'and', parts: items.map(([key, values]) => parseItem(key, values, [...path, key], context)) };
  }
  if (Array.isArray(member))
    throw new RuleError('expected a map or a text in the list of a selection, found a list', path);
  return parseItem('', member, path, context);
}

/** What an item's key says: the field, and the modifiers in their order. */
interface ItemKey {
  /** Undefined of a keyword. */
  readonly field: RecordField | undefined;
  readonly modifiers: readonly (readonly [name: string, modifier: Modifier])[];
  readonly all: boolean;
  readonly neq: boolean;
  readonly cased: boolean;
  readonly exists: boolean;
  readonly expand: boolean;
}

function parseItem(key: string, content: unknown, path: DocumentPath, context: SelectionContext): Expression {
  const values: readonly unknown[] = Array.isArray(content) ? content : [content];
  const item = parseKey(key, path, context);
  const part = item.exists ? existence(item, content, path) : comparisonOf(item, values, path, context);
  const each = (): Expression[] => {
    const alone = { ...item, all: false, neq: false };
    return item.exists ? [part] : values.map((value) => comparisonOf(alone, [value], path, context));
  };
  return { kind: 'item', key, values, part, each };
}

function comparisonOf(
  item: ItemKey,
  values: readonly unknown[],
  path: DocumentPath,
  context: SelectionContext,
): Expression {
  if (values.length === 0) throw new RuleError(`${named(item)} needs a value; this list is empty`, path);
  const expression = values.includes(null)
    ? nullity(item, values, path)
    : comparison(item, scalars(values, path), path, context);
  return item.neq ? { kind: 'not', part: expression } : expression;
}

function parseKey(key: string, path: DocumentPath, context: SelectionContext): ItemKey {
  const [field = '', ...names] = key.split('|');
  if (field === '<<') throw new RuleError("YAML merge keys ('<<') are not part of Sigma; write the fields out", path);
  if (field.length > MAX_FIELD_LENGTH)
    throw new RuleError(`the name of field ${shown(field)} is longer than ${MAX_FIELD_LENGTH}`, path);
  const modifiers: [string, Modifier][] = [];
  for (const name of names) {
    const modifier = VALUE_MODIFIERS.get(name);
    if (modifier !== undefined) modifiers.push([name, modifier]);
    else if (!ITEM_MODIFIERS.has(name)) {
      const known = [...ITEM_MODIFIERS, ...VALUE_MODIFIERS.keys()].join(', ');
      throw new RuleError(`unknown modifier ${shown(name)}; known are ${known}`, path);
    }
  }
  refuseContradictions(names, path);
  return {
    field: field === '' ? undefined : context.field(field),
    modifiers,
    all: names.includes('all'),
    neq: names.includes('neq'),
    cased: names.includes('cased'),
    exists: names.includes('exists'),
    expand: names.includes('expand'),
  };
}

/** What each modifier by itself cannot see: those that stand with it. */
function refuseContradictions(names: readonly string[], path: DocumentPath): void {
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) throw new RuleError(`modifier '${repeated}' stands twice; once is enough`, path);
  const [first, second] = names.filter((name) => ANCHORS.has(name));
  if (first !== undefined && second !== undefined) {
    throw new RuleError(
      `modifiers '${first}' and '${second}' contradict each other; give each an item of its own`,
      path,
    );
  }
  const early = names.slice(0, Math.max(0, names.indexOf('expand')));
  const misplaced = early.find((name) => VALUE_MODIFIERS.has(name) && !MAY_PRECEDE_EXPAND.has(name));
  if (misplaced !== undefined)
    throw new RuleError(`modifier 'expand' stands before '${misplaced}', not after it`, path);
}

const named = ({ field }: ItemKey): string => (field === undefined ? 'a keyword' : `field ${shown(field.name)}`);

function existence(item: ItemKey, content: unknown, path: DocumentPath): Expression {
  if (typeof content !== 'boolean') throw new RuleError("modifier 'exists' takes true or false", path);
  if (item.field === undefined) throw new RuleError("modifier 'exists' needs a field", path);
  if (item.modifiers.length > 0 || item.all || item.neq || item.cased || item.expand) {
    throw new RuleError("modifier 'exists' goes together with no other", path);
  }
  const exists: Expression = { kind: 'exists', field: item.field };
  return content ? exists : { kind: 'not', part: exists };
}

function nullity(item: ItemKey, values: readonly unknown[], path: DocumentPath): Expression {
  if (values.length > 1) {
    throw new RuleError('null cannot stand in a list of values; give it a selection of its own', path);
  }
  if (item.field === undefined) throw new RuleError('null cannot be a keyword; name the field that is null', path);
  const [first] = item.modifiers;
  const modifier = first?.[0] ?? (['all', 'cased', 'expand'] as const).find((name) => item[name]);
  if (modifier !== undefined) throw new RuleError(`modifier '${modifier}' does not apply to null`, path);
  return { kind: 'null', field: item.field };
}

function scalars(values: readonly unknown[], path: DocumentPath): Scalar[] {
  return values.map((value, index) => {
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new RuleError(`the number ${value} has too many digits to be kept; put it in quotes`, [...path, index]);
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
    throw new RuleError(`expected a text, a number or a boolean, found ${shown(value)}`, [...path, index]);
  });
}

/** A value, and where the rule has it. */
interface PlacedValue {
  readonly value: Value;
  readonly path: DocumentPath;
}

function comparison(
  item: ItemKey,
  contents: readonly Scalar[],
  path: DocumentPath,
  context: SelectionContext,
): Expression {
  const choices = contents.map((scalar, index) => {
    const place = [...path, index];
    const texts = expanded(item, scalar, place, context);
    const values = texts.map((text) => ({ value: modified(item, text, place), path: place }));
    return { values, meanings: meaningsOf(item, scalar, place, context) };
  });
  const groups = item.all ? choices.map((choice) => [choice]) : [choices];
  const parts = groups.map((group): Expression => {
    const values = group.flatMap((choice) => choice.values);
    const meanings = group.flatMap((choice) => choice.meanings);
    return { kind: 'or', parts: [...alternatives(item, values, path, context), ...meanings] };
  });
  return { kind: 'and', parts };
}

/** What else a text may stand for, where it is compared as a whole or as a part. */
function meaningsOf(
  { field, modifiers, cased, expand }: ItemKey,
  scalar: Scalar,
  path: DocumentPath,
  context: SelectionContext,
): Expression[] {
  if (field === undefined || cased || expand || modifiers.some(([name]) => name !== 'contains')) return [];
  const plain: SelectionContext = { ...context, meanings: () => [] };
  return context.meanings(field.name, String(scalar)).map((selection) => parseMember(selection, path, plain));
}

/** What a value stands for: itself, or with `expand` each of the texts of which one must match. */
function expanded(item: ItemKey, scalar: Scalar, path: DocumentPath, context: SelectionContext): readonly Scalar[] {
  return item.expand ? applied(item, 'expand', path, () => expandPlaceholders(scalar, context.placeholders)) : [scalar];
}

/** Calls what a modifier does. @throws RuleError naming the modifier where it does not apply */
function applied<T>(item: ItemKey, name: string, path: DocumentPath, modify: () => T): T {
  try {
    return modify();
  } catch (error) {
    if (!(error instanceof ModifierError)) throw error;
    throw new RuleError(`${named(item)}: modifier '${name}' ${error.message}`, path);
  }
}

/** The value after the modifiers; a keyword is looked for anywhere in a text unless a modifier says where. */
function modified(item: ItemKey, scalar: Scalar, path: DocumentPath): Value {
  const modify = (value: Value, [name, modifier]: ItemKey['modifiers'][number]): Value =>
    applied(item, name, path, () => modifier(value));
  let value = item.modifiers.reduce<Value>(modify, { kind: 'scalar', scalar });
  if (value.kind === 'scalar') value = asText(value);
  const places = item.modifiers.some(([name]) => ANCHORS.has(name));
  const contains = VALUE_MODIFIERS.get('contains');
  return item.field === undefined && value.kind === 'text' && !places && contains !== undefined
    ? contains(value)
    : value;
}

/** What is true where one of the values matches; their modifiers being the same, the values are of one kind. */
function alternatives(
  item: ItemKey,
  placed: readonly PlacedValue[],
  path: DocumentPath,
  context: SelectionContext,
): Expression[] {
  const values = placed.map(({ value }) => value);
  const [first] = values;
  if (item.cased && first?.kind !== 'text' && first?.kind !== 'reference') {
    throw new RuleError(`${named(item)}: modifier 'cased' applies to texts only`, path);
  }
  const { field, cased } = item;
  if (field === undefined) {
    if (first?.kind !== 'text' && first?.kind !== 'regex') {
      throw new RuleError('a keyword is a text or a regular expression; other modifiers need a field', path);
    }
    return textTests(item, placed, path).map((test) => ({ kind: 'keyword', test }));
  }
  const references = ofKind(values, 'reference').map(({ field: other, anchor }): Expression => {
    const comparison: Comparison = { cased, dashes: field.operationName ? 'name' : 'apart' };
    const key = `${comparisonKey(comparison)} ${anchor}`;
    const compare = { normal: normaliser(comparison), anchor, key };
    return { kind: 'reference', field, other: context.field(other), compare };
  });
  return [...references, ...textTests(item, placed, path).map((test): Expression => ({ kind: 'text', field, test }))];
}

function ofKind<K extends Value['kind']>(values: readonly Value[], kind: K): Extract<Value, { kind: K }>[] {
  return values.filter((value): value is Extract<Value, { kind: K }> => value.kind === kind);
}

function textTests(item: ItemKey, placed: readonly PlacedValue[], path: DocumentPath): TextTest[] {
  const values = placed.map(({ value }) => value);
  const texts = ofKind(values, 'text');
  const patterns = texts.flatMap((value) => value.patterns);
  const commandLine = texts.some((value) => value.dashes);
  const dashes = commandLine ? 'command-line' : item.field?.operationName === true ? 'name' : 'apart';
  const expressions = placed.filter(({ value }) => value.kind === 'regex').length;
  if (expressions > MAX_EXPRESSIONS) {
    throw new RuleError(`${named(item)}: at most ${MAX_EXPRESSIONS} regular expressions; split the rule`, path);
  }
  const tests = compiled(named(item), path, () => testsOf(patterns, { cased: item.cased, dashes }));
  for (const { value, path: place } of placed) if (value.kind === 'regex') tests.push(regexTest(value, place));
  for (const value of ofKind(values, 'number')) tests.push(numberTest(value));
  const ranges = ofKind(values, 'range').map((value) => value.range);
  if (ranges.length > 0) {
    tests.push({ test: compileRanges(ranges), searches: false, key: JSON.stringify(['cidr', ...ranges.toSorted()]) });
  }
  return tests;
}

/** Where an expression is found that the modifiers of text tie to an end. */
const MATCHES = { whole: 'anywhere', contains: 'anywhere', startswith: 'start', endswith: 'end' } as const;

function regexTest({ source, flags, anchor }: Extract<Value, { kind: 'regex' }>, path: DocumentPath): TextTest {
  const match = MATCHES[anchor];
  const key = JSON.stringify(['re', flags, match, source]);
  const what = `invalid regular expression ${shown(source)}`;
  const test = compiled(what, path, () => compileRegularExpression(source, flags, match));
  return { test, searches: true, key };
}

/** Calls what compiles patterns. @throws RuleError where they cannot be used */
function compiled<T>(what: string, path: DocumentPath, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new RuleError(`${what}: ${error.message}`, path);
  }
}

const RELATIONS: Readonly<Record<NumberRelation, (found: number, wanted: number) => boolean>> = {
  equals: (found, wanted) => found === wanted,
  lt: (found, wanted) => found < wanted,
  lte: (found, wanted) => found <= wanted,
  gt: (found, wanted) => found > wanted,
  gte: (found, wanted) => found >= wanted,
};

function numberTest({ number, relation, part }: Extract<Value, { kind: 'number' }>): TextTest {
  const holds = RELATIONS[relation];
  return {
    test: (text) => {
      const found = part === undefined ? numberOf(text) : timePart(text, part);
      return found !== undefined && holds(found, number);
    },
    searches: false,
    key: JSON.stringify(['number', part, relation, number]),
  };
}
