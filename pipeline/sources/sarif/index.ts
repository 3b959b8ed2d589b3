import { isObject, type JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { check } from './check.ts';
import { normalise } from './normalise.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'sarif' };

/** SARIF logs of any scanner, each result a record as `results-of.ts` makes it. */
export const sarif: Source = {
  id: 'sarif',
  title: 'SARIF',
  hub: 'github-audit',
  logsources: [LOGSOURCE],
  recognises,
  schema,
  read,
};

/** By a result, or by the runs of a whole log: one that was not taken apart is of a version that is not read. */
function recognises(record: JsonObject): boolean {
  if (typeof record['sarif'] === 'string') return isObject(record['result']);
  return Array.isArray(record['runs']) && typeof record['version'] === 'string';
}

function read(record: JsonObject): ReadRecord {
  return { event: normalise(check(record)), fields: record, logsource: LOGSOURCE };
}
