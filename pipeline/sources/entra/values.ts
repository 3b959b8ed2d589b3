import { arrayOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { remainder } from '../shared/remainder.ts';

/** Ids are no longer than this: object ids are GUIDs, ids of risk detections 64 hexadecimal digits. */
const LONGEST_ID = 200;
const NIL = '00000000-0000-0000-0000-000000000000';

/** An id that can stand in a key: text, not empty, of reasonable length, not the GUID of zeros that Entra writes for "none". */
export function idOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_ID && value !== NIL ? value : undefined;
}

/** The value where it is a number between the bounds. */
export function numberBetween(low: number, high: number, value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= low && value <= high ? value : undefined;
}

const NONE: readonly Json[] = [];

/** The list where the value is one, otherwise an empty one. */
export const listOf = (value: Json | undefined): readonly Json[] => arrayOf(value) ?? NONE;

/** What of a record, and of its `properties`, has no place of its own in the event. */
export function unmappedOf(
  record: JsonObject,
  mapped: ReadonlySet<string>,
  properties: JsonObject,
  mappedProperties: ReadonlySet<string>,
): JsonObject {
  const unmapped = remainder(record, mapped) ?? {};
  const rest = remainder(properties, mappedProperties);
  if (rest !== undefined) unmapped.properties = rest;
  return unmapped;
}
