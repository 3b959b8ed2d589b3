import { z } from 'zod';
import { isObject } from '../../../platform/json.ts';
import { CATEGORIES, kindOf } from './categories.ts';
import { timeOf } from './check.ts';
import { categoryOfRow, fromColumns } from './columns.ts';

/** Nothing in `properties` is required but a time: what else is missing, or of another type, is left out of the event. */
const properties = z.looseObject({});

const signIn = z
  .looseObject({ category: categoryLike(/SignInLogs$/), properties })
  .refine(...timeIn('createdDateTime'));

const riskEvent = z
  .looseObject({ category: categoryLike(/RiskEvents$/), properties })
  .refine(...timeIn('detectedDateTime', 'lastUpdatedDateTime', 'activityDateTime'));

/** RiskyUsers and RiskyServicePrincipals. */
const riskState = z
  .looseObject({ category: categoryLike(/^Risky/), properties })
  .refine(...timeIn('riskLastUpdatedDateTime'));

const audit = z
  .looseObject({ properties })
  .refine((record) => isObject(record) && kindOf(record) === 'audit', 'expected an entry of the audit log of Entra')
  .refine(
    (record) => isName(record.operationName) || isName(record.properties.activityDisplayName),
    'expected the name of an activity in properties.activityDisplayName or operationName',
  )
  .refine(...timeIn('activityDateTime'));

/**
 * A record of Entra, in the shape in which the diagnostic settings of a tenant export it (rows of Log Analytics are brought into that
 * shape first):
 * ```json
 * {
 *   "time": "2026-11-20T10:00:05.1234567Z",
 *   "resourceId": "/tenants/00000000-0000-4000-8000-00000000000a/providers/Microsoft.aadiam",
 *   "operationName": "Sign-in activity",
 *   "category": "SignInLogs",
 *   "tenantId": "00000000-0000-4000-8000-00000000000a",
 *   "resultType": "0",
 *   "properties": {
 *     "id": "00000000-0000-4000-8000-000000000001",
 *     "createdDateTime": "2026-11-20T10:00:01.7654321+00:00",
 *     "userId": "00000000-0000-4000-8000-0000000000a1",
 *     "userPrincipalName": "adele@contoso.example",
 *     "ipAddress": "203.0.113.7"
 *   }
 * }
 * ```
 * @see https://learn.microsoft.com/azure/azure-monitor/reference/tables/signinlogs for the meaning of the fields
 */
export const entraRecord = z.preprocess(asDiagnostic, z.union([signIn, audit, riskEvent, riskState]));

/** A category of those that the pattern picks, in any case. */
function categoryLike(pattern: RegExp) {
  const names = Object.keys(CATEGORIES).filter((name) => pattern.test(name));
  const folded = new Set(names.map((name) => name.toLowerCase()));
  return z.string().refine((name) => folded.has(name.toLowerCase()), `expected ${names.join(', ')}`);
}

interface Timed {
  readonly time?: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A time under one of these names in `properties`, or else in the record's own `time`. */
function timeIn(...names: readonly string[]): readonly [(record: Timed) => boolean, string] {
  const isTime = (value: unknown): boolean => timeOf(value) !== undefined;
  return [
    (record) => isTime(record.time) || names.some((name) => isTime(record.properties[name])),
    `expected a time in properties.${names.join(', properties.')} or time`,
  ];
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function asDiagnostic(value: unknown): unknown {
  if (!isObject(value)) return value;
  const category = categoryOfRow(value);
  return category === undefined ? value : fromColumns(value, category);
}
