import { own, type Json, type JsonObject } from '../../../platform/json.ts';

/** Lists within lists are entered this deep, and no deeper. */
export const MAX_LIST_DEPTH = 64;

/**
 * The path of a field, such as `requestParameters.name`, as Sigma rules write it.
 *
 * Each dot enters an object. A list stands for each of its members, wherever in the path it is met. Where an object owns the
 * rest of the path as one key, dots and all, that key is taken and the path is not entered. Only own keys are read.
 */
export class FieldPath {
  readonly name: string;
  readonly #segments: readonly string[];
  /** For each segment, the path from there on. */
  readonly #rests: readonly string[];

  constructor(name: string) {
    this.name = name;
    this.#segments = name.split('.');
    this.#rests = this.#segments.map((_, index, all) => all.slice(index).join('.'));
  }

  /**
   * Whether a value at this path passes `test`; stops at the first that does. A value is a text, a number, a boolean, null or
   * an object: of a list, each member.
   */
  some(fields: JsonObject, test: (value: Json) => boolean): boolean {
    return this.#walk(fields, 0, MAX_LIST_DEPTH, test);
  }

  /** Whether there is anything at this path, be it null or an empty list. */
  exists(fields: JsonObject): boolean {
    return this.#walk(fields, 0, MAX_LIST_DEPTH, undefined);
  }

  #walk(value: Json, index: number, depth: number, test: ((value: Json) => boolean) | undefined): boolean {
    const end = index === this.#segments.length;
    if (end && test === undefined) return true;
    if (Array.isArray(value)) {
      if (depth === 0) return false;
      for (const member of value) if (this.#walk(member, index, depth - 1, test)) return true;
      return false;
    }
    if (end) return test?.(value) ?? true;
    if (typeof value !== 'object' || value === null) return false;
    const rest = this.#rests[index] ?? '';
    const whole = own(value, rest);
    if (whole !== undefined) return this.#walk(whole, this.#segments.length, depth, test);
    const segment = this.#segments[index] ?? '';
    if (segment === rest) return false;
    const next = own(value, segment);
    return next !== undefined && this.#walk(next, index + 1, depth, test);
  }
}

/** The text of a value, as rules compare it: of a text, number or boolean; undefined of null and of an object. */
export function textOfValue(value: Json): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
