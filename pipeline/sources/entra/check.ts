import { isObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { parseTime } from '../shared/time.ts';
import { unreadable } from '../shared/rejection.ts';
import { CATEGORIES, kindOf, type Kind } from './categories.ts';
import { idOf } from './values.ts';

/** A record in the diagnostic shape that can become an event. */
export interface CheckedRecord {
  readonly kind: Kind;
  readonly record: JsonObject;
  readonly properties: JsonObject;
  /** When it happened, milliseconds since 1970. */
  readonly time: number;
  /** The same as the record wrote it. */
  readonly originalTime: string;
  /** The tenant whose log this is, in lower case; empty where the record names none. */
  readonly tenant: string;
}

/** The states of a risk on which somebody, or a policy, has decided. */
const DECIDED = new Set<Json | undefined>(['remediated', 'dismissed', 'confirmedSafe', 'confirmedCompromised']);

/** The properties that say when a record of a kind happened, best first; after them counts the record's own `time`. */
const TIMES: Readonly<Record<Kind, readonly string[]>> = {
  'user-sign-in': ['createdDateTime'],
  'service-principal-sign-in': ['createdDateTime'],
  'managed-identity-sign-in': ['createdDateTime'],
  audit: ['activityDateTime'],
  'user-risk-event': ['detectedDateTime', 'lastUpdatedDateTime', 'activityDateTime'],
  'service-principal-risk-event': ['detectedDateTime', 'lastUpdatedDateTime', 'activityDateTime'],
  'risky-user': ['riskLastUpdatedDateTime'],
  'risky-service-principal': ['riskLastUpdatedDateTime'],
};

/** A risk that was decided upon happened when it was decided, not when it was detected. */
const TIMES_OF_DECISION = ['lastUpdatedDateTime', 'detectedDateTime', 'activityDateTime'];

function timeNames(kind: Kind, properties: JsonObject): readonly string[] {
  const isRiskEvent = kind === 'user-risk-event' || kind === 'service-principal-risk-event';
  return isRiskEvent && DECIDED.has(properties.riskState) ? TIMES_OF_DECISION : TIMES[kind];
}

/**
 * Checks that a record has what an event cannot do without: a kind, its properties, a time, and for audits an operation.
 * `schema.ts` states the same for people; a test proves that the two agree.
 * @throws RejectedRecord naming the field, what was expected and what was found
 */
export function checkRecord(record: JsonObject): CheckedRecord {
  const kind = kindOf(record);
  if (kind === undefined) {
    throw unreadable('category', `a category of Entra (${Object.keys(CATEGORIES).join(', ')})`, record.category);
  }
  const { properties } = record;
  if (!isObject(properties)) throw unreadable('properties', 'an object', properties);
  if (kind === 'audit' && activityOf(record, properties) === undefined) {
    throw unreadable('properties.activityDisplayName or operationName', 'the name of an activity', undefined);
  }
  const names = timeNames(kind, properties);
  for (const name of names) {
    const value = properties[name];
    const time = timeOf(value);
    if (time !== undefined) return checked(kind, record, properties, time, value);
  }
  const time = timeOf(record.time);
  if (time !== undefined) return checked(kind, record, properties, time, record.time);
  const written = names.find((name) => properties[name] !== undefined);
  if (written !== undefined) throw unreadable(`properties.${written}`, 'a time', properties[written]);
  throw unreadable(`time or properties.${names[0] ?? ''}`, 'a time', record.time);
}

/** What was done, by the name that Entra's audit log gives it, as written. */
export function activityOf(record: JsonObject, properties: JsonObject): string | undefined {
  return named(properties.activityDisplayName) ?? named(record.operationName);
}

const named = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** Reads a time, milliseconds since 1970. Most of Entra's end in `+00:00`, which reads much faster as `Z`. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return parseTime(value);
  if (typeof value !== 'string') return undefined;
  return parseTime(value.endsWith('+00:00') ? `${value.slice(0, -6)}Z` : value);
}

function checked(
  kind: Kind,
  record: JsonObject,
  properties: JsonObject,
  time: number,
  original: Json | undefined,
): CheckedRecord {
  return {
    kind,
    record,
    properties,
    time,
    originalTime: textOf(original) ?? JSON.stringify(original),
    tenant: tenantOf(record, properties),
  };
}

const TENANT_RESOURCE = /^\/tenants\/([^/]{1,64})\//i;

function tenantOf(record: JsonObject, properties: JsonObject): string {
  const tenant = idOf(record.tenantId) ?? tenantOfResource(record.resourceId) ?? idOf(properties.tenantId);
  return tenant === undefined ? '' : tenant.toLowerCase();
}

function tenantOfResource(resourceId: Json | undefined): string | undefined {
  const text = textOf(resourceId);
  return text === undefined ? undefined : TENANT_RESOURCE.exec(text)?.[1];
}
