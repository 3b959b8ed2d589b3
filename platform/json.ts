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
