import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';
import { inExportForm } from './forms.ts';

/** Read where it is text; a value of another type is passed over. */
const text = z.string().optional().catch(undefined);

const claims = z.record(z.string(), z.unknown()).optional().catch(undefined);

const authorization = z
  .looseObject({
    action: text,
    scope: text,
    evidence: z
      .looseObject({ role: text, roleDefinitionId: text, principalId: text, principalType: text })
      .optional()
      .catch(undefined),
  })
  .optional()
  .catch(undefined);

/**
 * A record of the Activity log in the form of its diagnostic export.
 *
 * ```json
 * {
 *   "time": "2026-11-20T10:11:12.1234567Z",
 *   "resourceId": "/SUBSCRIPTIONS/…/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/LEDGER",
 *   "operationName": "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION",
 *   "category": "Administrative",
 *   "resultType": "Start", "resultSignature": "Started.", "durationMs": "0",
 *   "callerIpAddress": "203.0.113.7", "correlationId": "…", "level": "Informational",
 *   "identity": { "authorization": { "scope": "…", "action": "…", "evidence": {} }, "claims": {} },
 *   "properties": { "eventCategory": "Administrative", "entity": "…", "message": "…", "hierarchy": "…" }
 * }
 * ```
 *
 * https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
 */
export const exportSchema = z.looseObject({
  time: z.union([z.string(), z.number()]).refine((time) => parseTime(time) !== undefined, 'expected a time'),
  operationName: z.string().min(1),
  category: text,
  resultType: text,
  resultSignature: text,
  resultDescription: text,
  resourceId: text,
  callerIpAddress: text,
  correlationId: text,
  level: z.union([z.string(), z.number()]).optional().catch(undefined),
  location: text,
  tenantId: text,
  durationMs: z.union([z.string(), z.number()]).optional().catch(undefined),
  identity: z
    .union([z.string(), z.looseObject({ claims, authorization })])
    .optional()
    .catch(undefined),
  properties: z.looseObject({}).optional().catch(undefined),
});

/** A record of the Activity log in any of its forms. */
export const schema = z.preprocess((record) => (isObject(record) ? inExportForm(record) : record), exportSchema);
