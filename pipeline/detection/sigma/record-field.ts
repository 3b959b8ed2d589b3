import type { Json, JsonObject } from '../../../platform/json.ts';
import type { FieldNames } from '../fields/field-names.ts';
import { FieldPath } from './field-path.ts';

/**
 * A field as a rule names it, and the places of a record that it reaches: several where sources spell the same thing in several
 * ways. A value at any of them is a value of the field.
 */
export class RecordField {
  /** As the rule spells it. */
  readonly name: string;
  readonly paths: readonly string[];
  /** Whether its texts are names of operations, in which all kinds of dash are one. */
  readonly operationName: boolean;
  /** The same for fields that reach the same places and compare alike, however they are spelled. */
  readonly key: string;
  readonly #first: FieldPath;
  readonly #others: readonly FieldPath[];

  constructor(name: string, { paths, operationName }: ReturnType<FieldNames['reach']> = AS_SPELLED) {
    const [first = name, ...others] = paths;
    this.name = name;
    this.paths = [first, ...others];
    this.operationName = operationName;
    this.key = JSON.stringify(operationName ? [...this.paths, { operationName }] : this.paths);
    this.#first = new FieldPath(first);
    this.#others = others.map((path) => new FieldPath(path));
  }

  /** Whether one of the field's values passes `test`; stops at the first that does. See {@link FieldPath.some}. */
  some(fields: JsonObject, test: (value: Json) => boolean): boolean {
    if (this.#first.some(fields, test)) return true;
    for (const path of this.#others) if (path.some(fields, test)) return true;
    return false;
  }

  /** Whether there is anything at one of the places, be it null or an empty list. */
  exists(fields: JsonObject): boolean {
    return this.#first.exists(fields) || this.#others.some((path) => path.exists(fields));
  }

  /** Whether each place is null, empty or absent. */
  isNull(fields: JsonObject): boolean {
    return isNullAt(this.#first, fields) && this.#others.every((path) => isNullAt(path, fields));
  }
}

const AS_SPELLED: ReturnType<FieldNames['reach']> = { paths: [], operationName: false };

function isNullAt(path: FieldPath, fields: JsonObject): boolean {
  return path.some(fields, isNull) || !path.some(fields, isAnything);
}

const isNull = (value: Json): boolean => value === null;
const isAnything = (): boolean => true;
