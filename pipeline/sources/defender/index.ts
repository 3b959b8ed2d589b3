import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { alertEvent } from './alert.ts';
import { assessmentEvent } from './assessment.ts';
import { checkAlert, checkAssessment, isAlert, typeOf } from './check.ts';
import { withNames } from './names.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'azure', service: 'defenderforcloud' };

/** Microsoft Defender for Cloud: alerts, assessments and their single findings, as its continuous export sends them to an event hub. */
export const defender: Source = {
  id: 'defender',
  title: 'Microsoft Defender for Cloud',
  hub: 'defender',
  logsources: [LOGSOURCE],
  recognises: (record) => isAlert(record) || typeOf(record) !== undefined,
  schema,
  read,
};

function read(record: JsonObject): ReadRecord {
  if (isAlert(record)) return { event: alertEvent(checkAlert(record)), fields: record, logsource: LOGSOURCE };
  const fields = withNames(record);
  return { event: assessmentEvent(checkAssessment(fields)), fields, logsource: LOGSOURCE };
}
