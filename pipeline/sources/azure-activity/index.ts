import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { check } from './check.ts';
import { inExportForm, isActivity } from './forms.ts';
import { normalise } from './normalise.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'azure', service: 'activitylogs' };

/** The Azure Activity log: what was done to resources through Azure Resource Manager. */
export const azureActivity: Source = {
  id: 'azure-activity',
  title: 'Azure Activity log',
  hub: 'azure-activity',
  logsources: [LOGSOURCE],
  recognises: isActivity,
  schema,
  read(record: JsonObject): ReadRecord {
    const fields = inExportForm(record);
    return { event: normalise(record, fields, check(fields)), fields, logsource: LOGSOURCE };
  },
};
