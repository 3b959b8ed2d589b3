import type { Json, JsonObject } from '../../../platform/json.ts';

/**
 * What of an object was not mapped: its properties but for those named, by reference. `__proto__`, which JSON may name, stays a
 * property like any other.
 * @returns undefined where nothing is left
 */
export function remainder(object: JsonObject, mapped: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const name in object) {
    if (mapped.has(name)) continue;
    const value = object[name];
    if (value === undefined) continue;
    rest ??= {};
    setOwn(rest, name, value);
  }
  return rest;
}

/** Sets a property whose name comes from outside: `__proto__` becomes a property of its own and changes nothing else. */
export function setOwn(object: JsonObject, name: string, value: Json): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}
