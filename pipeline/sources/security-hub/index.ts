import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { readAsff } from './asff.ts';
import { check } from './check.ts';
import { findingEvent } from './finding.ts';
import { formatOf, type Format } from './formats.ts';
import { readInspector } from './inspector.ts';
import { readOcsf } from './ocsf.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'aws', service: 'securityhub' };
const READERS = { asff: readAsff, ocsf: readOcsf, inspector: readInspector } satisfies Record<Format, unknown>;

/**
 * AWS Security Hub: findings of its own checks, of Inspector, GuardDuty, Macie and others, in AWS Security Finding Format or OCSF; and findings as
 * Inspector itself sends them.
 */
export const securityHub: Source = {
  id: 'security-hub',
  title: 'AWS Security Hub and Inspector',
  hub: 'security-hub',
  logsources: [LOGSOURCE],
  recognises: (record) => formatOf(record) !== undefined,
  schema,
  read,
};

function read(record: JsonObject): ReadRecord {
  const checked = check(record);
  return { event: findingEvent(READERS[checked.format](checked)), fields: record, logsource: LOGSOURCE };
}
