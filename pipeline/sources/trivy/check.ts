import { isObject, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { RECEIVED } from '../report.ts';
import { unreadable } from '../shared/rejection.ts';
import { parseTime } from '../shared/time.ts';
import { SCHEMA_VERSION } from './findings-of.ts';

export const KINDS = ['Vulnerability', 'Misconfiguration', 'Secret'] as const;
export type Kind = (typeof KINDS)[number];

/** A record that can become an event. */
export interface CheckedFinding {
  readonly record: JsonObject;
  /** What was scanned, as the report names it. */
  readonly artifact: string;
  readonly kind: Kind;
  readonly finding: JsonObject;
  readonly result: JsonObject;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** The same as the report wrote it; undefined where it does not say and it is the time at which the report came. */
  readonly written: string | undefined;
}

/**
 * Checks what `schema.ts` states, without its cost.
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function check(record: JsonObject): CheckedFinding {
  if (record['SchemaVersion'] !== SCHEMA_VERSION) {
    throw unreadable('SchemaVersion', `version ${SCHEMA_VERSION} of Trivy’s report`, record['SchemaVersion']);
  }
  const artifact = textOf(record['ArtifactName']);
  if (artifact === undefined) throw unreadable('ArtifactName', 'the name of what was scanned', record['ArtifactName']);
  const kind = KINDS.find((name) => isObject(record[name]));
  const finding = kind === undefined ? undefined : objectOf(record[kind]);
  if (kind === undefined || finding === undefined) throw unreadable(KINDS.join(' or '), 'a finding', undefined);
  const found = timeOf(record);
  if (found === undefined) throw unreadable('CreatedAt', 'a time', record['CreatedAt']);
  return { record, artifact, kind, finding, result: objectOf(record['Result']) ?? {}, ...found };
}

/** When the report was made, or where it does not say (Trivy before 0.48), when it came. */
export function timeOf(record: JsonObject): Pick<CheckedFinding, 'time' | 'written'> | undefined {
  const written = textOf(record['CreatedAt']);
  const made = parseTime(written);
  if (made !== undefined) return { time: made, written };
  const time = parseTime(record[RECEIVED]);
  return time === undefined ? undefined : { time, written: undefined };
}
