import { arrayOf, isObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';

/** The objects among the members of a list; none of what is no list. */
export const objectsIn = (list: Json | undefined): readonly JsonObject[] => (arrayOf(list) ?? []).filter(isObject);

/** The texts that members of a list have under a name: `[{ "id": "…" }]`. */
export const textsIn = (list: Json | undefined, name: string): readonly string[] =>
  objectsIn(list).flatMap((each) => textOf(each[name]) ?? []);

/** The `properties` of the members of a list, as Azure writes parts of resources. */
export const propertiesIn = (list: Json | undefined): readonly JsonObject[] =>
  objectsIn(list)
    .map(({ properties }) => properties)
    .filter(isObject);
