import type { JsonObject } from '../../../platform/json.ts';
import { schemaMessage } from '../../../platform/schema-message.ts';
import { RejectedRecord, type LogSource, type ReadRecord, type Source } from '../source.ts';
import { normalise } from './normalise.ts';
import { CATEGORY, schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'crosstrail', service: 'response' };

/** What Crosstrail itself did in responses: so that the block stands beside the attack. Comes from its own evidence, and no rule is asked about it. */
export const crosstrail: Source = {
  id: 'crosstrail',
  title: 'Crosstrail’s own responses',
  hub: 'timeline',
  logsources: [LOGSOURCE],
  recognises: (record) => record['category'] === CATEGORY,
  schema,
  read,
};

/** There are few of them, and they are our own: so the schema itself reads them. */
function read(record: JsonObject): ReadRecord {
  const result = schema.safeParse(record);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new RejectedRecord(
      issue === undefined
        ? 'not readable'
        : `${issue.path.join('.') || 'the record'}: ${schemaMessage(issue)}`.slice(0, 300),
    );
  }
  return { event: normalise(result.data), fields: record, logsource: LOGSOURCE };
}
