import { isDeeperThan, MAX_DEPTH, parseJson, type Json, type JsonObject } from '../../../platform/json.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import { kindOfCategory } from './categories.ts';

/**
 * The tables of Log Analytics that hold Entra's logs, with the category that the diagnostic export gives the same records.
 * Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
 */
const TABLES: ReadonlyMap<string, string> = new Map([
  ['signinlogs', 'SignInLogs'],
  ['aadnoninteractiveusersigninlogs', 'NonInteractiveUserSignInLogs'],
  ['aadserviceprincipalsigninlogs', 'ServicePrincipalSignInLogs'],
  ['microsoftserviceprincipalsigninlogs', 'MicrosoftServicePrincipalSignInLogs'],
  ['aadmanagedidentitysigninlogs', 'ManagedIdentitySignInLogs'],
  ['adfssigninlogs', 'ADFSSignInLogs'],
  ['auditlogs', 'AuditLogs'],
  ['aaduserriskevents', 'UserRiskEvents'],
  ['aadriskyusers', 'RiskyUsers'],
  ['aadserviceprincipalriskevents', 'ServicePrincipalRiskEvents'],
  ['aadriskyserviceprincipals', 'RiskyServicePrincipals'],
]);

/** Columns that the export has nothing for: `TenantId` is the workspace's id. */
const NOWHERE: ReadonlySet<string> = new Set(['TenantId', 'Type']);

/** Columns that the export has beside `properties`. */
const BESIDE_PROPERTIES: ReadonlyMap<string, string> = new Map([
  ['TimeGenerated', 'time'],
  ['ResourceId', 'resourceId'],
  ['OperationName', 'operationName'],
  ['OperationVersion', 'operationVersion'],
  ['ResultType', 'resultType'],
  ['ResultSignature', 'resultSignature'],
  ['ResultDescription', 'resultDescription'],
  ['DurationMs', 'durationMs'],
  ['CorrelationId', 'correlationId'],
  ['Identity', 'identity'],
  ['Level', 'Level'],
  ['AADTenantId', 'tenantId'],
]);

/** Columns whose name in `properties` is not the column's own with a small first letter. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['IPAddress', 'ipAddress'],
  ['LocationDetails', 'location'],
  ['ConditionalAccessPolicies', 'appliedConditionalAccessPolicies'],
  ['ResourceIdentity', 'resourceId'],
  ['RiskEventTypes_V2', 'riskEventTypes_v2'],
  ['ProcessingTimeInMs', 'processingTimeInMilliseconds'],
  ['AADOperationType', 'operationType'],
]);

/** What a portal's CSV export and a union of tables put behind a column's name. */
const SUFFIX = / \[UTC\]$|_(?:dynamic|string|bool|datetime)$/;
const COLUMN = /^[A-Z]\w{0,99}(?: \[UTC\])?$/;

/**
 * The table of a row in the column form of Log Analytics, by the name that the row itself gives, as the category of the same
 * records in the diagnostic export; undefined for a record of any other form.
 */
export function categoryOfRow(record: JsonObject): string | undefined {
  if (typeof record.category === 'string') return undefined;
  const { Type, $table, Category } = record;
  if (typeof record.OperationName !== 'string' && typeof record.TimeGenerated !== 'string') return undefined;
  const table = typeof Type === 'string' ? Type : $table;
  if (typeof table === 'string') return TABLES.get(table.toLowerCase());
  // A row without its table's name: the category of a sign-in tells it, that of an audit (`GroupManagement`) would not.
  if (typeof Category !== 'string' || !Category.endsWith('SignInLogs')) return undefined;
  return kindOfCategory(Category) === undefined ? undefined : Category;
}

/** Where the export has what a column holds: beside `properties`, or in it, or nowhere. */
interface Place {
  readonly column: string;
  readonly beside: string | undefined;
  readonly name: string;
}

const places = new BoundedCache<Place | null>((written) => {
  if (!COLUMN.test(written)) return null;
  const column = written.replace(SUFFIX, '');
  return { column, beside: BESIDE_PROPERTIES.get(column), name: RENAMED.get(column) ?? decapitalised(column) };
});

const decapitalised = (column: string): string => column.charAt(0).toLowerCase() + column.slice(1);

/** A row of Log Analytics in the shape of the diagnostic export, with strings that hold JSON opened. The row is not changed. */
export function fromColumns(row: JsonObject, category: string): JsonObject {
  const properties: JsonObject = {};
  const record: JsonObject = { category };
  for (const written of Object.keys(row)) {
    const place = places.get(written);
    const value = place === null ? undefined : opened(row[written]);
    if (place === null || value === undefined || NOWHERE.has(place.column)) continue;
    if (place.beside !== undefined) record[place.beside] = value;
    // The location of a sign-in is a country here and a place in LocationDetails; of a risk it is the place itself.
    else if (place.column === 'Location' && typeof value === 'string') record.location = value;
    else if (place.column !== 'Category' || category === 'AuditLogs') properties[place.name] = value;
  }
  record.properties = properties;
  return record;
}

/** A cell as the export would have it: JSON in a string opened, empty cells absent, booleans of CSV as such. */
function opened(cell: Json | undefined): Json | undefined {
  if (typeof cell !== 'string') return cell ?? undefined;
  if (cell === '') return undefined;
  const first = cell.charCodeAt(0);
  if (first === 91 || first === 123) return parsed(cell);
  if (cell.length > 5) return cell;
  const folded = cell.toLowerCase();
  return folded === 'true' ? true : folded === 'false' ? false : cell;
}

function parsed(text: string): Json {
  try {
    const value = parseJson(text);
    return isDeeperThan(value, MAX_DEPTH) ? text : value;
  } catch {
    return text;
  }
}
