import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { check } from './check.ts';
import { normalise } from './normalise.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'trivy' };

/** Reports of Trivy in JSON, each finding a record as `findings-of.ts` makes it. */
export const trivy: Source = {
  id: 'trivy',
  title: 'Trivy',
  hub: 'github-audit',
  logsources: [LOGSOURCE],
  recognises,
  schema,
  read,
};

/** By the version of the report and the name of what was scanned, which no log has. */
function recognises(record: JsonObject): boolean {
  return typeof record['SchemaVersion'] === 'number' && typeof record['ArtifactName'] === 'string';
}

function read(record: JsonObject): ReadRecord {
  return { event: normalise(check(record)), fields: record, logsource: LOGSOURCE };
}
