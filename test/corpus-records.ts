import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { arrayOf, isObject, type JsonObject } from '../platform/json.ts';
import { jsonSource } from '../pipeline/sources/json/index.ts';
import { decode } from '../pipeline/sources/decode.ts';
import { readRecord } from '../pipeline/sources/registry.ts';
import type { ReadRecord } from '../pipeline/timeline/read-record.ts';
import { corpus } from './corpus.ts';
import { csvRows } from './records.ts';

/** The folders of the corpus that hold records. */
const FOLDERS = ['cloudtrail', 'labelled', 'envelopes', 'azure-sentinel-lab'];
const RECORD_FILE = /\.(?:json|jsonl|csv|txt)$/;

/** Every record of the corpus as its source writes it, labels and envelopes taken off; empty where the corpus is absent. */
export function corpusRecords(): JsonObject[] {
  const folders = FOLDERS.map((folder) => corpus(folder)).filter((folder) => folder !== undefined);
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => RECORD_FILE.test(file))
      .sort()
      .flatMap((file) => recordsOf(join(folder, file))),
  );
}

function recordsOf(file: string): JsonObject[] {
  const bytes = readFileSync(file);
  const objects = file.endsWith('.csv') ? csvRows(bytes.toString()) : decoded(bytes);
  return objects.flatMap(unlabelled);
}

/** A labelled line holds its record in `event`, or several in a list. */
function unlabelled(object: JsonObject): JsonObject[] {
  const { event, events = event } = object;
  if (isObject(event)) return [event];
  return arrayOf(events)?.filter((value) => isObject(value)) ?? [object];
}

function decoded(bytes: Uint8Array): JsonObject[] {
  try {
    return decode(bytes).flatMap((place) => ('record' in place ? [place.record] : []));
  } catch {
    return [];
  }
}

const json = jsonSource();

/** The ways in which rules may see a record: as its source reads it, where one does, and passed through as it is. */
export function readings(record: JsonObject): ReadRecord[] {
  const asItIs = json.read(record);
  try {
    return [readRecord(record), asItIs];
  } catch {
    return [asItIs];
  }
}
