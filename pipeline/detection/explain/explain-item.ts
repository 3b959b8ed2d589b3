import { isObject, type Json, type JsonObject } from '../../../platform/json.ts';
import { compileExpression, compileLeaf, type FieldsTest } from '../sigma/compile-expression.ts';
import type { Expression, Item, Leaf } from '../sigma/expression.ts';
import { textOfValue } from '../sigma/field-path.ts';
import { RecordField } from '../sigma/record-field.ts';
import { cut, shownValue, Shortlist } from './excerpt.ts';
import type { Excerpt, FoundValue, ItemExplanation, SelectionPart, WantedValue } from './explanation.ts';
import { textsIn, valuesAt, type PlacedText, type PlacedValue } from './record-values.ts';

/** Each wanted value is tried on each value found: about this many times in all. */
const MAX_TRIES = 1_000_000;

/**
 * Explains one item of a selection.
 * @param explainPart explains what a record may say instead of the item
 */
export function explainItem(
  item: Item,
  fields: JsonObject,
  explainPart: (part: Expression) => SelectionPart,
): ItemExplanation {
  const [field = '', ...modifiers] = item.key.split('|').map(cut);
  const { leaves, nested } = partsOf(item.part);
  const reached = leaves.find((leaf) => leaf.kind !== 'keyword')?.field;
  const other = leaves.find((leaf) => leaf.kind === 'reference')?.other;
  const others = other === undefined ? [] : other.paths.flatMap((path) => [...valuesAt(fields, path)]);
  const found = foundValues(reached, fields, testOfValue(leaves, others));
  const compared = new Shortlist<PlacedValue>();
  for (const value of others) compared.add(value, true);
  return {
    kind: 'item',
    matched: compileExpression(item.part)(fields),
    field,
    modifiers,
    paths: reached?.paths.map(cut) ?? [],
    present: reached?.exists(fields) ?? true,
    wanted: wantedValues(item, fields, others, found),
    found: found.excerpt(({ value, matched, test }) => shownFound(value, matched, test)),
    compared: other && compared.excerpt((value) => shownFound(value, true)),
    instead: nested.length === 0 ? undefined : explainPart({ kind: 'or', parts: nested }),
  };
}

/** The item's own questions to its field, and the items of other fields that stand in its place. */
function partsOf(part: Expression): { leaves: Leaf[]; nested: Expression[] } {
  const leaves: Leaf[] = [];
  const nested: Expression[] = [];
  const sort = (inner: Expression): void => {
    if (asksOthers(inner)) nested.push(inner);
    else if (inner.kind === 'not') sort(inner.part);
    else if ('parts' in inner) inner.parts.forEach(sort);
    else if (inner.kind !== 'item' && inner.kind !== 'selection') leaves.push(inner);
  };
  sort(part);
  return { leaves, nested };
}

function asksOthers(part: Expression): boolean {
  if ('parts' in part) return part.parts.every(asksOthers);
  return part.kind === 'not' ? asksOthers(part.part) : part.kind === 'item' || part.kind === 'selection';
}

type ValueTest = (value: Json) => boolean;

const VALUE = new RecordField('value');
const OTHER = new RecordField('other');

/** Whether a value by itself gives one of the leaves what it asks for: the matcher's own tests, on a record of that value alone. */
function testOfValue(leaves: readonly Leaf[], others: readonly PlacedValue[]): ValueTest {
  const test = compileExpression({ kind: 'or', parts: leaves }, testOfLeaf);
  const other = others.map(({ value }) => value);
  return (value) => test({ value, other });
}

function testOfLeaf(leaf: Leaf): FieldsTest {
  switch (leaf.kind) {
    case 'keyword':
      return ({ value = null }) => leaf.test.test(textOfValue(value) ?? '');
    case 'reference':
      return compileLeaf({ ...leaf, field: VALUE, other: OTHER });
    default:
      return compileLeaf({ ...leaf, field: VALUE });
  }
}

interface Found {
  readonly value: PlacedValue | PlacedText;
  readonly matched: boolean;
  readonly test: ValueTest;
}

/** The values of a field; without a field, the texts of the record that pass. */
function foundValues(field: RecordField | undefined, fields: JsonObject, test: ValueTest): Shortlist<Found> {
  const found = new Shortlist<Found>();
  if (field === undefined) {
    for (const value of textsIn(fields, '')) if (test(value.text)) found.add({ value, matched: true, test }, true);
    return found;
  }
  for (const path of field.paths) {
    for (const value of valuesAt(fields, path)) {
      const matched = test(value.value);
      found.add({ value, matched, test }, matched);
    }
  }
  return found;
}

function shownFound(found: PlacedValue | PlacedText, matched: boolean, test?: ValueTest): FoundValue {
  const { value } = found;
  const kind = 'key' in found && found.key ? 'key' : isObject(value) ? 'object' : 'value';
  const shown = { place: cut(found.place), kind, matched, ...shownValue(value) } as const;
  if (kind !== 'object' || !matched || test === undefined) return shown;
  const within = textsIn(value, found.place).find(({ text }) => test(text));
  return within === undefined ? shown : { ...shown, within: { place: cut(within.place), ...shownValue(within.text) } };
}

/** Which of the item's values the record has, and where. */
function wantedValues(
  item: Item,
  fields: JsonObject,
  others: readonly PlacedValue[],
  found: Shortlist<Found>,
): Excerpt<WantedValue> {
  const wanted = new Shortlist<WantedValue>();
  const tries = Math.ceil(MAX_TRIES / (found.count + 1));
  const { values: shownFirst } = found.excerpt(({ value }) => value);
  const each = item.each();
  for (const [index, value] of item.values.entries()) {
    const shown = shownValue(scalarOf(value));
    const alone = index < tries ? each[index] : undefined;
    const matched = alone && compileExpression(alone)(fields);
    if (alone === undefined || matched !== true) wanted.add({ ...shown, matched }, false);
    else {
      const test = testOfValue(partsOf(alone).leaves, others);
      const place = shownFirst.find((one) => test(one.value))?.place;
      wanted.add({ ...shown, matched, place: place === undefined ? undefined : cut(place) }, true);
    }
  }
  return wanted.excerpt((value) => value);
}

/** A value as the YAML of a rule holds it: anything but a scalar was refused when the rule was read. */
function scalarOf(value: unknown): Json {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
