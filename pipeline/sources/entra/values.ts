import { arrayOf, type Json } from '../../../platform/json.ts';

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
