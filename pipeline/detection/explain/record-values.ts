import { own, type Json, type JsonObject } from '../../../platform/json.ts';
import { MAX_CONTAINED_DEPTH } from '../sigma/contained-text.ts';
import { MAX_LIST_DEPTH, textOfValue } from '../sigma/field-path.ts';

/** A value of a record, and where it stands: `properties.targetResources[1].displayName`. */
export interface PlacedValue {
  readonly place: string;
  readonly value: Json;
}

/** The values that a path reaches, those and only those that `FieldPath.some` shows its test, in the same order, each with its place. */
export function* valuesAt(fields: JsonObject, path: string): Generator<PlacedValue, void, undefined> {
  yield* walk(fields, path.split('.'), '', MAX_LIST_DEPTH);
}

function* walk(
  value: Json,
  segments: readonly string[],
  place: string,
  depth: number,
): Generator<PlacedValue, void, undefined> {
  if (Array.isArray(value)) {
    if (depth === 0) return;
    for (const [index, member] of value.entries()) yield* walk(member, segments, `${place}[${index}]`, depth - 1);
    return;
  }
  const [segment] = segments;
  if (segment === undefined) yield { place, value };
  if (segment === undefined || typeof value !== 'object' || value === null) return;
  const rest = segments.join('.');
  const whole = own(value, rest);
  const next = whole === undefined ? own(value, segment) : whole;
  const left = whole === undefined ? segments.slice(1) : [];
  if (next !== undefined) yield* walk(next, left, within(place, whole === undefined ? segment : rest), depth);
}

/** A text in a record: a key, or a text, number or boolean. */
export interface PlacedText extends PlacedValue {
  readonly text: string;
  /** Whether it is the key at the end of its place, not the value there. */
  readonly key: boolean;
}

/** The texts inside a value, those and only those that `someContainedText` shows its test, in the same order. */
export function* textsIn(
  value: Json,
  place: string,
  depth = MAX_CONTAINED_DEPTH,
): Generator<PlacedText, void, undefined> {
  const text = textOfValue(value);
  if (text !== undefined) yield { place, value, text, key: false };
  if (typeof value !== 'object' || value === null || depth === 0) return;
  if (Array.isArray(value)) {
    for (const [index, member] of value.entries()) yield* textsIn(member, `${place}[${index}]`, depth - 1);
    return;
  }
  for (const key of Object.keys(value)) {
    const inside = within(place, key);
    yield { place: inside, value: key, text: key, key: true };
    const member = value[key];
    if (member !== undefined) yield* textsIn(member, inside, depth - 1);
  }
}

const within = (place: string, key: string): string => (place === '' ? key : `${place}.${key}`);
