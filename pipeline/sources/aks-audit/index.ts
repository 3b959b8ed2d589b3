import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { checkAudit, checkGuard } from './check.ts';
import { fieldsOfGuard, isAudit, openLine } from './forms.ts';
import { normaliseGuard } from './guard.ts';
import { normaliseAudit } from './normalise.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { category: 'application', product: 'kubernetes', service: 'audit' };

/** The audit log of Kubernetes as AKS exports it, and as any other API server writes it; with guard, which checks callers against Entra. */
export const aksAudit: Source = {
  id: 'aks-audit',
  title: 'AKS audit log',
  hub: 'aks-audit',
  logsources: [LOGSOURCE],
  recognises: isAudit,
  schema,
  read(record: JsonObject): ReadRecord {
    const line = openLine(record);
    if (line.kind === 'guard') {
      return {
        event: normaliseGuard(record, line, checkGuard(line)),
        fields: fieldsOfGuard(line),
        logsource: LOGSOURCE,
      };
    }
    const required = checkAudit(line);
    return { event: normaliseAudit(record, line, required), fields: required.audit, logsource: LOGSOURCE };
  },
};
