import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { isObject, parseJson, type Json, type JsonObject } from '../platform/json.ts';
import { decode } from '../pipeline/sources/decode.ts';
import { CORPUS } from './corpus.ts';

/** A record of a sample file; the name is the file's, with the record's place where the file holds several. */
export interface Sample {
  readonly name: string;
  readonly record: JsonObject;
}

/** Every record of the sample files in a folder, taken apart as a hub's bodies are. */
export function samplesIn(folder: URL): Sample[] {
  const path = fileURLToPath(folder);
  return readdirSync(path)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const decoded = decode(readFileSync(join(path, file)));
      return decoded.map((item) => {
        if (!('record' in item)) throw new Error(`${file}: ${item.rejected}`);
        return { name: decoded.length === 1 ? file : `${file}[${item.index}]`, record: item.record };
      });
    });
}

/** The folder of public records to try things on; undefined where this machine has none. */
export function corpusFolder(): string | undefined {
  return existsSync(CORPUS) ? CORPUS : undefined;
}

/** The objects of a file with one JSON object a line. */
export function jsonLines(path: string): JsonObject[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(parseJson)
    .filter(isObject);
}

/** Any JSON object, with names that records have among its own. */
export const anyObject = (names: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc
    .dictionary(
      fc.oneof(fc.constantFrom(...names, '__proto__', 'constructor'), fc.string()),
      fc.jsonValue({ maxDepth: 4 }),
    )
    .map((object) => asJson(object));

/** A sample with up to five of its values, anywhere inside it, taken away or replaced by something else. */
export const damaged = (samples: readonly Sample[]): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), fc.option(fc.jsonValue({ maxDepth: 2 }))), {
        minLength: 1,
        maxLength: 5,
      }),
    )
    .map(([{ record }, damages]) => {
      const copy = asJson(record);
      for (const [path, value] of damages) damage(copy, path, value ?? undefined);
      return copy;
    });

function damage(object: JsonObject | Json[], path: readonly number[], value: Json | undefined): void {
  const [at = 0, ...rest] = path;
  const keys = Object.keys(object);
  const key = keys[at % Math.max(keys.length, 1)];
  if (key === undefined) return;
  const inner = Array.isArray(object) ? object[Number(key)] : object[key];
  if (rest.length > 0 && (isObject(inner) || Array.isArray(inner))) damage(inner, rest, value);
  else if (Array.isArray(object)) object[Number(key)] = value ?? null;
  else if (value === undefined) Reflect.deleteProperty(object, key);
  else object[key] = value;
}

function asJson(value: unknown): JsonObject {
  const json = parseJson(JSON.stringify(value));
  if (!isObject(json)) throw new Error('not an object');
  return json;
}

/** The object, in which nothing can be changed any more. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

/** The rows of a CSV text (RFC 4180, with or without a byte order mark), each by the names of its first line. */
export function csvRows(text: string): JsonObject[] {
  const lines: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text
    .replace(/^\uFEFF/, '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') lines.push([]);
  }
  const [names = [], ...rows] = lines.filter((cells) => cells.length > 1);
  return rows.map((cells) => Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ''])));
}
