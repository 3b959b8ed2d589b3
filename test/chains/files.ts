import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { isObject, type JsonObject } from '../../platform/json.ts';
import type { Chain, ChainSource } from './chain.ts';

/** How each source's records stand in a file of an export, and what the file is called. */
const EXPORTS: Readonly<
  Record<ChainSource, readonly [file: string, bytes: (records: readonly JsonObject[]) => Buffer]>
> = {
  // A batch of an event hub, as a capture or a forwarder keeps it.
  entra: ['entra.json', (records) => Buffer.from(JSON.stringify({ records }))],
  // A blob of the diagnostic export to a storage account: one record a line.
  'azure-activity': ['azure-activity.json', (records) => lines(records)],
  'aks-audit': ['aks-audit.json', (records) => lines(records)],
  // A log file of a trail.
  cloudtrail: ['cloudtrail.json.gz', (records) => gzipSync(JSON.stringify({ Records: records }))],
};

const lines = (records: readonly JsonObject[]): Buffer =>
  Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));

/**
 * Writes chains as files in the forms in which the sources export their logs, one file a source: what `crosstrail scan` reads.
 * @param folder is made where it is missing
 * @returns the files
 */
export function writeChains(folder: string, chains: readonly Chain[]): string[] {
  mkdirSync(folder, { recursive: true });
  const records = chains.flatMap((chain) => chain.records).toSorted((a, b) => a.time - b.time);
  return [...Map.groupBy(records, ({ source }) => source)].map(([source, ofSource]) => {
    const [name, bytes] = EXPORTS[source];
    const file = join(folder, name);
    writeFileSync(file, bytes(ofSource.map(({ record }) => record)));
    return file;
  });
}

/** The directory snapshots of chains in one, as a command takes it from a file; undefined where no chain has one. */
export function directoryOf(chains: readonly Chain[]): JsonObject | undefined {
  const snapshots = chains.flatMap(({ directory }) => (directory === undefined ? [] : [directory]));
  return snapshots.length === 0 ? undefined : snapshots.reduce(merged);
}

/** Lists are put together, and so are the lists within `trusts`. */
function merged(one: JsonObject, other: JsonObject): JsonObject {
  const both: JsonObject = { ...one };
  for (const [name, value] of Object.entries(other)) {
    const known = both[name];
    if (Array.isArray(known) && Array.isArray(value)) both[name] = [...known, ...value];
    else if (isObject(known) && isObject(value)) both[name] = merged(known, value);
    else both[name] = value;
  }
  return both;
}
