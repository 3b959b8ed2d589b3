import { isObject, type Json, type JsonObject } from '../../platform/json.ts';

/** How many members of a list or an object of a record are looked at: Azure's largest security groups have 1,000 rules. */
const MOST_MEMBERS = 2000;

const NOTHING: JsonObject = {};

/** The object with its names in lower case, as Azure and people's templates write them in any; an empty one for anything else. */
export function lowered(value: Json | undefined): JsonObject {
  if (!isObject(value)) return NOTHING;
  const entries = Object.entries(value).slice(0, MOST_MEMBERS);
  return Object.fromEntries(entries.map(([name, member]) => [name.toLowerCase(), member]));
}

/** The members of a list; a value that is no list is the only one, and nothing is none. */
export function membersOf(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.slice(0, MOST_MEMBERS) : [value];
}

/** The texts, numbers and booleans among the members of a list, or the one that stands in its place, in lower case; none that is empty. */
export const textsOf = (value: Json | undefined): readonly string[] =>
  membersOf(value).flatMap((member) =>
    member === null || member === '' || typeof member === 'object' ? [] : [String(member).toLowerCase()],
  );

/** True or false, also where it is written as text; undefined for anything else. */
export function flagOf(value: Json | undefined): boolean | undefined {
  const [text] = textsOf(value);
  return text === 'true' ? true : text === 'false' ? false : undefined;
}
