import {
  isDeeperThan,
  isObject,
  MAX_DEPTH,
  openObject,
  parseJson,
  textOf,
  type Json,
  type JsonObject,
} from '../../../platform/json.ts';
import { remainder } from '../shared/remainder.ts';
import { salvage } from './salvage.ts';

/** What a record holds, whichever form it came in. */
export type Line = AuditLine | GuardLine;

interface Wrapping {
  /** The diagnostic category (`kube-audit`); undefined of an audit event that came bare. */
  readonly category: string | undefined;
  /** The cluster's ARM id, or where that is missing another name for it; empty where the record names none. */
  readonly cluster: string;
  /** When the line was written, by the record around it. */
  readonly time: Json | undefined;
  readonly pod: Json | undefined;
}

/** An event of the Kubernetes audit log, audit.k8s.io. */
export interface AuditLine extends Wrapping {
  readonly kind: 'audit';
  /** The event as the API server wrote it; undefined where the record holds none. */
  readonly event: JsonObject | undefined;
  /** The text was cut off, and the event is what could be read of its beginning. */
  readonly isTruncated: boolean;
  /** What stood where the event was expected. */
  readonly found: Json | undefined;
}

/** A line of guard, which asks Entra who a caller is and what it may do. */
export interface GuardLine extends Wrapping {
  readonly kind: 'guard';
  readonly log: Json | undefined;
  readonly stream: Json | undefined;
  readonly containerID: Json | undefined;
}

type Form = 'diagnostic' | 'diagnostics-table' | 'audit-table' | 'control-plane-table' | 'bare';

const AUDIT_CATEGORIES: ReadonlySet<string> = new Set(['kube-audit', 'kube-audit-admin']);
const AUDIT_TABLES: ReadonlySet<string> = new Set(['aksaudit', 'aksauditadmin', 'arck8saudit', 'arck8sauditadmin']);
const CONTROL_PLANE_TABLES: ReadonlySet<string> = new Set(['akscontrolplane', 'arck8scontrolplane']);

/**
 * Whether a record is of a cluster's audit log or of guard, in any of their forms: the diagnostic export, the tables AKSAudit,
 * AKSAuditAdmin, AKSControlPlane and AzureDiagnostics, or an audit event as the API server of any cluster writes it.
 */
export const isAudit = (record: JsonObject): boolean => formOf(record) !== undefined;

function formOf(record: JsonObject): Form | undefined {
  const category = record.category;
  if (typeof category === 'string' && isKnown(category)) {
    return AUDIT_CATEGORIES.has(category.toLowerCase()) || holdsLog(record.properties) ? 'diagnostic' : undefined;
  }
  if (record.kind === 'Event') return isBareEvent(record) ? 'bare' : undefined;
  const table = textOf(record.Type) ?? textOf(record.$table);
  if (table !== undefined) return formOfTable(table.toLowerCase(), record.Category);
  if (typeof record.Category === 'string' && typeof record.log_s === 'string') {
    return isKnown(record.Category) ? 'diagnostics-table' : undefined;
  }
  if (typeof record.AuditId === 'string' && typeof record.Stage === 'string') return 'audit-table';
  if (typeof record.auditID === 'string' && typeof record.stage === 'string') return 'bare';
  return undefined;
}

function formOfTable(table: string, category: Json | undefined): Form | undefined {
  if (AUDIT_TABLES.has(table)) return 'audit-table';
  if (typeof category !== 'string') return undefined;
  if (CONTROL_PLANE_TABLES.has(table)) return category.toLowerCase() === 'guard' ? 'control-plane-table' : undefined;
  return table === 'azurediagnostics' && isKnown(category) ? 'diagnostics-table' : undefined;
}

function isKnown(category: string): boolean {
  const folded = category.toLowerCase();
  return AUDIT_CATEGORIES.has(folded) || folded === 'guard';
}

const holdsLog = (properties: Json | undefined): boolean =>
  isObject(properties) ? typeof properties.log === 'string' : typeof properties === 'string';

/** Events of the core API, which tell of pods that start and fail, are of the kind `Event` too. */
function isBareEvent(record: JsonObject): boolean {
  const version = record.apiVersion;
  if (typeof version === 'string') return version.startsWith('audit.k8s.io/');
  // Within an EventList the version stands on the list.
  if (record.involvedObject !== undefined || record.regarding !== undefined) return false;
  return [record.auditID, record.verb, record.requestURI].some((value) => typeof value === 'string');
}

/** Opens a record of any form. Does not throw: what is missing is for the check to say. */
export function openLine(record: JsonObject): Line {
  switch (formOf(record)) {
    case 'diagnostic': {
      const properties = openObject(record.properties);
      const wrapping: Wrapping = {
        category: textOf(record.category)?.toLowerCase(),
        cluster: textOf(record.resourceId) ?? textOf(record.ccpNamespace) ?? '',
        time: record.time,
        pod: properties?.pod,
      };
      if (wrapping.category !== 'guard') return auditLine(wrapping, properties?.log);
      return {
        kind: 'guard',
        ...wrapping,
        log: properties?.log,
        stream: properties?.stream,
        containerID: properties?.containerID,
      };
    }
    case 'diagnostics-table': {
      const wrapping = ofRow(record, textOf(record.Category)?.toLowerCase(), record.pod_s);
      if (wrapping.category !== 'guard') return auditLine(wrapping, record.log_s);
      return {
        kind: 'guard',
        ...wrapping,
        log: record.log_s,
        stream: record.stream_s,
        containerID: record.containerID_s,
      };
    }
    case 'control-plane-table': {
      const wrapping = ofRow(record, 'guard', record.PodName);
      return { kind: 'guard', ...wrapping, log: record.Message, stream: record.Stream, containerID: undefined };
    }
    case 'audit-table': {
      const table = textOf(record.Type) ?? textOf(record.$table) ?? '';
      const category = table.toLowerCase().endsWith('admin') ? 'kube-audit-admin' : 'kube-audit';
      return auditLine(ofRow(record, category, record.PodName), fromColumns(record));
    }
    default:
      return auditLine({ category: undefined, cluster: '', time: undefined, pod: undefined }, record);
  }
}

const ofRow = (row: JsonObject, category: string | undefined, pod: Json | undefined): Wrapping => ({
  category,
  cluster: textOf(row._ResourceId) ?? textOf(row.ResourceId) ?? '',
  time: row.TimeGenerated ?? row['TimeGenerated [UTC]'],
  pod,
});

function auditLine(wrapping: Wrapping, found: Json | undefined): AuditLine {
  const whole = openObject(found);
  const event = whole ?? (typeof found === 'string' ? salvage(found) : undefined);
  return {
    kind: 'audit',
    category: wrapping.category,
    cluster: wrapping.cluster,
    time: wrapping.time,
    pod: wrapping.pod,
    event,
    isTruncated: whole === undefined,
    found,
  };
}

/** Columns and the names that the API server gives the same. https://learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit */
const COLUMNS: readonly (readonly [column: string, name: string])[] = [
  ['Level', 'level'],
  ['AuditId', 'auditID'],
  ['Stage', 'stage'],
  ['RequestUri', 'requestURI'],
  ['Verb', 'verb'],
  ['User', 'user'],
  ['ImpersonatedUser', 'impersonatedUser'],
  ['SourceIps', 'sourceIPs'],
  ['UserAgent', 'userAgent'],
  ['ObjectRef', 'objectRef'],
  ['ResponseStatus', 'responseStatus'],
  ['RequestObject', 'requestObject'],
  ['ResponseObject', 'responseObject'],
  ['RequestReceivedTime', 'requestReceivedTimestamp'],
  ['RequestReceivedTime [UTC]', 'requestReceivedTimestamp'],
  ['StageReceivedTime', 'stageTimestamp'],
  ['StageReceivedTime [UTC]', 'stageTimestamp'],
  ['Annotations', 'annotations'],
];

/** A row of AKSAudit or AKSAuditAdmin as the audit event that it was. */
function fromColumns(row: JsonObject): JsonObject {
  const event: JsonObject = { kind: 'Event', apiVersion: 'audit.k8s.io/v1' };
  for (const [column, name] of COLUMNS) {
    const value = opened(row[column]);
    if (value !== undefined) event[name] = value;
  }
  return event;
}

/** A dynamic column is JSON in a string where the row was saved as text; empty columns are absent. */
function opened(cell: Json | undefined): Json | undefined {
  if (cell === null || cell === '') return undefined;
  if (typeof cell !== 'string' || !/^[[{]/.test(cell)) return cell;
  try {
    const value = parseJson(cell);
    return isDeeperThan(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return cell;
  }
}

/** What rules see of a line of guard. */
export function fieldsOfGuard(line: GuardLine): JsonObject {
  const fields: JsonObject = {};
  const { log, pod, category, stream, containerID, time, cluster } = line;
  for (const [name, value] of Object.entries({ log, pod, category, stream, containerID, time, resourceId: cluster })) {
    if (value !== undefined && value !== '') fields[name] = value;
  }
  return fields;
}

const MAPPED_AROUND: ReadonlySet<string> = new Set([
  ...['category', 'operationName', 'properties', 'resourceId', 'time'],
  ...[
    '$table',
    'Category',
    'Message',
    'OperationName',
    'ResourceId',
    'TimeGenerated',
    'TimeGenerated [UTC]',
    'Type',
    '_ResourceId',
    'log_s',
  ],
  ...COLUMNS.map(([column]) => column),
]);
const LOG: ReadonlySet<string> = new Set(['log']);

/** What a record has around its log: the pod and container that wrote it, the stream, and whatever else; undefined where that is nothing. */
export function aroundLog(record: JsonObject): JsonObject | undefined {
  const around = remainder(record, MAPPED_AROUND);
  const properties = isObject(record.properties) ? remainder(record.properties, LOG) : undefined;
  if (properties === undefined) return around;
  const all = around ?? {};
  all.properties = properties;
  return all;
}
