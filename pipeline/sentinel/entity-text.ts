import { own, type JsonObject } from '../../platform/json.ts';

/** Nothing longer names anything. */
const LONGEST = 1024;

/** A text of outside data without spaces around it; undefined where there is none, where it is too long, or where it has control characters. */
export function textAt(properties: JsonObject, name: string): string | undefined {
  const value = own(properties, name);
  if (typeof value !== 'string' || value.length > LONGEST) return undefined;
  const text = value.trim();
  return text === '' || /[\u0000-\u001f\u007f]/.test(text) ? undefined : text;
}
