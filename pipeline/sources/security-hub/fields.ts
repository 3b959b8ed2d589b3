import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';

/** No longer list of a finding is read: the rest stays in the record. */
const MAX_READ = 20;

/**
 * The finding formats of AWS say the same under names that differ in their spelling alone (`BaseScore` in ASFF, `baseScore` of Inspector, `base_score` in
 * OCSF), so one reader is given all of them.
 */
export const textAt = (object: JsonObject | undefined, ...names: readonly string[]): string | undefined =>
  firstOf(object, names, textOf);

export const objectAt = (object: JsonObject | undefined, ...names: readonly string[]): JsonObject | undefined =>
  firstOf(object, names, objectOf);

/** The list under the first of the names that is one, cut to {@link MAX_READ}; empty where none is. */
export const listAt = (object: JsonObject | undefined, ...names: readonly string[]): readonly Json[] =>
  firstOf(object, names, arrayOf)?.slice(0, MAX_READ) ?? [];

/** The texts in the list under the first of the names that is one; undefined where there are none. */
export function textsAt(object: JsonObject | undefined, ...names: readonly string[]): string[] | undefined {
  const texts = listAt(object, ...names)
    .map(textOf)
    .filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts;
}

/** The value under the first of the names that the object has. */
export const valueAt = (object: JsonObject | undefined, ...names: readonly string[]): Json | undefined =>
  firstOf(object, names, (value) => value ?? undefined);

function firstOf<T>(
  object: JsonObject | undefined,
  names: readonly string[],
  read: (value: Json | undefined) => T | undefined,
): T | undefined {
  if (object === undefined) return undefined;
  for (const name of names) {
    const found = read(object[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
