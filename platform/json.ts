/** A value as `JSON.parse` gives it. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/**
 * An object as `JSON.parse` gives it: outside data, so every property may be absent.
 * Own keys may be named `__proto__` or `constructor`: read names that come from outside with {@link own}.
 */
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** True for a JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is an object, otherwise undefined. */
export function objectOf(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

/** The value when it is a string with something in it, otherwise undefined. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value when it is an array, otherwise undefined. */
export function arrayOf(value: unknown): readonly Json[] | undefined {
  return Array.isArray(value) ? (value as readonly Json[]) : undefined;
}

/** Reads a property whose name comes from outside; names of `Object.prototype` give undefined unless the object owns them. */
export function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/**
 * Parses JSON text, for outside data.
 * @throws SyntaxError as `JSON.parse` does.
 */
export function parseJson(text: string): Json {
  return JSON.parse(text) as Json;
}

/** No record nests deeper than this; JSON that does is refused, so that no later stage can overflow its stack. */
export const MAX_DEPTH = 100;

/** True where arrays and objects are nested more than `limit` deep. Bounded itself: stops at the first that is. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit <= 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) {
      if (typeof item === 'object' && item !== null && isDeeperThan(item, limit - 1)) return true;
    }
    return false;
  }
  for (const key in value) {
    const item = (value as JsonObject)[key];
    if (typeof item === 'object' && item !== null && isDeeperThan(item, limit - 1)) return true;
  }
  return false;
}

/** Opens a string that holds a JSON object, as several clouds nest them; undefined where it holds anything else or nests too deep. */
export function openObject(value: Json | undefined): JsonObject | undefined {
  if (typeof value !== 'string') return objectOf(value);
  const first = value.trimStart().charCodeAt(0);
  if (first !== 123) return undefined;
  try {
    const opened = parseJson(value);
    return isObject(opened) && !isDeeperThan(opened, MAX_DEPTH) ? opened : undefined;
  } catch {
    return undefined;
  }
}
