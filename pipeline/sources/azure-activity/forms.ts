import { isObject, objectOf, openObject, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { setOwn } from '../shared/remainder.ts';

/**
 * The categories of the Activity log, and those of its older exports, which named the kind of operation.
 * https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema
 */
const CATEGORIES: ReadonlySet<string> = new Set([
  'administrative',
  'security',
  'policy',
  'alert',
  'autoscale',
  'recommendation',
  'servicehealth',
  'resourcehealth',
  'action',
  'write',
  'delete',
]);

/** `Microsoft.Compute/…`: the name of an operation begins with that of its resource provider. Other logs name methods or sentences. */
const OPERATION = /^[\w-]+(?:\.[\w-]+)+\/./;
/** Other logs use some of the categories too; those of a tenant (Entra, Intune) name it as the resource. */
const TENANT_RESOURCE = /^\/tenants\//i;
const TENANT_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

type Form = 'export' | 'table' | 'api';

/**
 * Whether a record is of the Activity log, in any of its forms: the diagnostic export, the columns of the table AzureActivity
 * (today's and those of before 2021), the answer of the Activity log's own API, which `az monitor activity-log list` saves.
 */
export function isActivity(record: JsonObject): boolean {
  switch (formOf(record)) {
    case 'export': {
      const category = categoryOf(record);
      const { resourceId } = record;
      return (
        category !== undefined &&
        CATEGORIES.has(category.toLowerCase()) &&
        OPERATION.test(textOf(record.operationName) ?? '') &&
        !(typeof resourceId === 'string' && TENANT_RESOURCE.test(resourceId))
      );
    }
    case 'table': {
      const table = textOf(record.Type) ?? textOf(record.$table);
      if (table !== undefined) return table.toLowerCase() === 'azureactivity';
      return 'ActivityStatusValue' in record || 'ActivityStatus' in record || 'OperationNameValue' in record;
    }
    case 'api':
      return operationOf(valueOf(record.operationName)) !== undefined;
  }
}

function formOf(record: JsonObject): Form {
  if (typeof record.operationName === 'string') return 'export';
  if (isObject(record.operationName)) return 'api';
  return 'OperationNameValue' in record || 'OperationName' in record || 'TimeGenerated' in record ? 'table' : 'export';
}

const categoryOf = (record: JsonObject): string | undefined =>
  textOf(record.category) ?? textOf(objectOf(record.properties)?.eventCategory);

/**
 * A record of any form in that of the diagnostic export, with the strings that hold JSON opened; what rules see. The
 * record is not changed: where there is nothing to do it is given as it is. Properties of the other forms stay beside
 * the new ones, so that rules may name either.
 */
export function inExportForm(record: JsonObject): JsonObject {
  switch (formOf(record)) {
    case 'export':
      return opened(record);
    case 'table':
      return fromTable(record);
    case 'api':
      return fromApi(record);
  }
}

function opened(record: JsonObject): JsonObject {
  const identity = typeof record.identity === 'string' ? openObject(record.identity) : withOpenMembers(record.identity);
  const properties = typeof record.properties === 'string' ? openObject(record.properties) : undefined;
  return identity === undefined && properties === undefined
    ? record
    : { ...record, ...present({ identity, properties }) };
}

/** An identity whose claims or authorization are text, with those opened; undefined where there is nothing to open. */
function withOpenMembers(value: Json | undefined): JsonObject | undefined {
  const identity = objectOf(value);
  if (typeof identity?.claims !== 'string' && typeof identity?.authorization !== 'string') return undefined;
  return {
    ...identity,
    ...present({ claims: openObject(identity.claims), authorization: openObject(identity.authorization) }),
  };
}

/** https://learn.microsoft.com/azure/azure-monitor/reference/tables/azureactivity */
function fromTable(row: JsonObject): JsonObject {
  const properties = openObject(filled(row.Properties_d, row.Properties));
  const authorization = openObject(filled(row.Authorization_d, row.Authorization));
  const claims = openObject(filled(row.Claims_d, row.Claims));
  const httpRequest = openObject(filled(row.HTTPRequest));
  return beside(row, {
    time: filled(row.TimeGenerated, row['TimeGenerated [UTC]'], row.EventTimestamp),
    // Before 2021 OperationName was a sentence, and the operation itself stood in the properties.
    operationName: filled(
      row.OperationNameValue,
      operationOf(properties?.message),
      operationOf(authorization?.action),
      row.OperationName,
    ),
    category: filled(row.CategoryValue, row.Category),
    resultType: filled(row.ActivityStatusValue, row.ActivityStatus),
    resultSignature: filled(row.ActivitySubstatusValue, row.ActivitySubstatus),
    // `_ResourceId` is in lower case; what the service wrote stands in the properties.
    resourceId: filled(row.ResourceId, row._ResourceId, properties?.entity),
    callerIpAddress: filled(row.CallerIpAddress, httpRequest?.clientIpAddress),
    correlationId: filled(row.CorrelationId),
    eventDataId: filled(row.EventDataId, properties?.eventDataId),
    caller: filled(row.Caller, properties?.caller),
    level: filled(row.Level),
    // TenantId is the workspace's. The hierarchy of management groups begins with the tenant.
    tenantId: tenantOf(row.Hierarchy, properties?.hierarchy),
    identity: claims === undefined && authorization === undefined ? undefined : present({ authorization, claims }),
    httpRequest,
    properties,
  });
}

/** https://learn.microsoft.com/rest/api/monitor/activity-logs/list */
function fromApi(entry: JsonObject): JsonObject {
  const properties = openObject(entry.properties);
  const authorization = openObject(entry.authorization);
  const claims = openObject(entry.claims);
  const httpRequest = openObject(entry.httpRequest);
  return beside(entry, {
    time: filled(entry.eventTimestamp),
    operationName: valueOf(entry.operationName),
    category: valueOf(entry.category),
    resultType: valueOf(entry.status),
    resultSignature: valueOf(entry.subStatus),
    resultDescription: filled(entry.description),
    callerIpAddress: filled(httpRequest?.clientIpAddress),
    resourceId: filled(entry.resourceId, properties?.entity),
    tenantId: filled(entry.tenantId) ?? tenantOf(properties?.hierarchy),
    identity: claims === undefined && authorization === undefined ? undefined : present({ authorization, claims }),
    httpRequest,
    properties,
  });
}

/** The Activity log's API writes names as `{value, localizedValue}`. */
const valueOf = (name: Json | undefined): Json | undefined => (isObject(name) ? filled(name.value) : filled(name));

const operationOf = (text: Json | undefined): string | undefined =>
  typeof text === 'string' && OPERATION.test(text) ? text : undefined;

function tenantOf(...hierarchies: readonly (Json | undefined)[]): string | undefined {
  for (const hierarchy of hierarchies) {
    const first = typeof hierarchy === 'string' ? hierarchy.slice(0, 36) : '';
    if (TENANT_ID.test(first)) return first;
  }
  return undefined;
}

/** The first value that is there; empty cells are not. */
function filled(...values: readonly (Json | undefined)[]): Json | undefined {
  for (const value of values) if (value !== undefined && value !== null && value !== '') return value;
  return undefined;
}

function beside(record: JsonObject, added: JsonObject): JsonObject {
  const both: JsonObject = {};
  for (const name in record) {
    const value = record[name];
    if (value !== undefined) setOwn(both, name, value);
  }
  return Object.assign(both, present(added));
}

function present(object: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const name in object) if (object[name] !== undefined) kept[name] = object[name];
  return kept;
}
