import type { Json } from '../../../platform/json.ts';
import { textOfValue } from './field-path.ts';

/** Objects and lists within one another are entered this deep, and no deeper. */
export const MAX_CONTAINED_DEPTH = 64;

/** Whether a text inside the value passes `test`: a key, or a text, number or boolean, at any depth up to 64. */
export function someContainedText(value: Json, test: (text: string) => boolean, depth = MAX_CONTAINED_DEPTH): boolean {
  const text = textOfValue(value);
  if (text !== undefined) return test(text);
  if (typeof value !== 'object' || value === null || depth === 0) return false;
  if (Array.isArray(value)) {
    for (const member of value) if (someContainedText(member, test, depth - 1)) return true;
    return false;
  }
  for (const key of Object.keys(value)) {
    if (test(key)) return true;
    const member = value[key];
    if (member !== undefined && someContainedText(member, test, depth - 1)) return true;
  }
  return false;
}

/** The compact JSON of a value; undefined where it is nested too deep to be written. */
export function compactJson(value: Json): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
