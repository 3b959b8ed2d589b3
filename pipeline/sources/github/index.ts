import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { alertEvent } from './alert.ts';
import { auditEvent } from './audit.ts';
import { check } from './check.ts';
import { isOfGithub } from './forms.ts';
import { schema } from './schema.ts';
import { withoutSecret } from './secret.ts';

const ALERTS: LogSource = { product: 'github', service: 'alerts' };
const AUDIT: LogSource = { product: 'github', service: 'audit' };

/** GitHub: alerts of Dependabot, code scanning and secret scanning, and the audit log of an organization or enterprise. */
export const github: Source = {
  id: 'github',
  title: 'GitHub',
  hub: 'github-audit',
  logsources: [ALERTS, AUDIT],
  recognises: isOfGithub,
  schema,
  read,
};

function read(record: JsonObject): ReadRecord {
  const fields = withoutSecret(record);
  const checked = check(fields);
  return 'alert' in checked
    ? { event: alertEvent(checked), fields, logsource: ALERTS }
    : { event: auditEvent(checked), fields, logsource: AUDIT };
}
