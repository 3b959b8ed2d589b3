import type { JsonObject } from '../../../platform/json.ts';
import type { ReadRecord, Source } from '../source.ts';
import { AUDIT_LOGSOURCE, readAudit } from './audit.ts';
import { kindOf } from './categories.ts';
import { checkRecord } from './check.ts';
import { categoryOfRow, fromColumns } from './columns.ts';
import { readRisk, RISK_LOGSOURCE } from './risk.ts';
import { entraRecord } from './schema.ts';
import { readSignIn, SIGN_IN_LOGSOURCE } from './sign-in.ts';

/**
 * Microsoft Entra: sign-ins of users, service principals and managed identities, the directory's audit log, and what Entra ID
 * Protection finds; as the diagnostic settings of a tenant export them, or as rows of Log Analytics tables.
 */
export const entra: Source = {
  id: 'entra',
  title: 'Microsoft Entra sign-ins, audits and risks',
  hub: 'entra',
  logsources: [AUDIT_LOGSOURCE, SIGN_IN_LOGSOURCE, RISK_LOGSOURCE],
  recognises: (record) => kindOf(record) !== undefined || categoryOfRow(record) !== undefined,
  schema: entraRecord,
  read,
};

function read(record: JsonObject): ReadRecord {
  const category = categoryOfRow(record);
  if (category === undefined) return readDiagnostic(record);
  const diagnostic = fromColumns(record, category);
  // Rules may name a field as the table does or as the export does.
  return { ...readDiagnostic(diagnostic), fields: { ...record, ...diagnostic } };
}

function readDiagnostic(record: JsonObject): ReadRecord {
  const checked = checkRecord(record);
  switch (checked.kind) {
    case 'user-sign-in':
    case 'service-principal-sign-in':
    case 'managed-identity-sign-in':
      return readSignIn(checked);
    case 'audit':
      return readAudit(checked);
    default:
      return readRisk(checked);
  }
}
