import { isObject, type Json, type JsonObject } from '../../../platform/json.ts';
import { setOwn } from '../shared/remainder.ts';

/** What Azure Resource Manager nests into an assessment: properties, additional data, details of it, lists in these. */
const DEEPEST = 6;
const MARK = '$type';

/**
 * Gives an assessment whose names are capitalised (`Properties.Status.Code`, with a `$type` in each object), as part of the continuous export
 * writes them, the names of the Azure API; any other record as it is. Does not change the record.
 */
export function withNames(record: JsonObject): JsonObject {
  return typeof record.Type === 'string' && record.type === undefined ? renamed(record, 0) : record;
}

function renamed(object: JsonObject, depth: number): JsonObject {
  const named: JsonObject = {};
  for (const name in object) {
    const value = object[name];
    if (name === MARK || value === undefined) continue;
    setOwn(named, name.charAt(0).toLowerCase() + name.slice(1), depth < DEEPEST ? renamedWithin(value, depth) : value);
  }
  return named;
}

function renamedWithin(value: Json, depth: number): Json {
  if (Array.isArray(value)) return value.map((member) => (isObject(member) ? renamed(member, depth + 1) : member));
  return isObject(value) ? renamed(value, depth + 1) : value;
}
