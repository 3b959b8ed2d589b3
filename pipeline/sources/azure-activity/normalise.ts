import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { armKey } from '../../timeline/entity-keys.ts';
import type { Event } from '../../timeline/event.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import {
  OCSF_VERSION,
  type Account,
  type Actor,
  type Api,
  type ApiActivity,
  type HttpRequest,
  type Metadata,
  type NetworkEndpoint,
  type ResourceDetails,
} from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import { parseArmId, type ArmId } from '../shared/arm-id.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import { addOrigins, readCaller } from './caller.ts';
import type { Required } from './check.ts';
import { operationOf, type Operation } from './operation.ts';
import { addTrusted, bodyOf } from './trusted.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { unmappedOf } from './unmapped.ts';

const PRODUCT = { name: 'Azure Activity Log', vendor_name: 'Microsoft' };
const PROFILES: readonly string[] = ['cloud'];
/** Ids longer than any that Azure writes are an attacker's: the record's hash stands for them. */
const LONGEST_ID = 512;

/**
 * A record that passed its check, as an event.
 * @param record as its source wrote it
 * @param row the same in the form of the diagnostic export
 */
export function normalise(record: JsonObject, row: JsonObject, { time, operation: name }: Required): Event {
  const properties = objectOf(row.properties);
  const resource = resourceOf(row, properties);
  const operation = operationOf(name);
  const ids = idsOf(record, row, properties, { time, operation, name, resource });
  const entities = new EntityList();
  const caller = readCaller(row, entities);
  const address = parseAddress(row.callerIpAddress);
  const ip = address.ip ?? caller.tokenAddress;
  addOrigins(entities, ip, caller.tokenAddress);
  if (resource !== undefined)
    entities.add({ kind: 'resource', key: resource.key, part: 'target', label: resource.name });
  addTrusted(operation, properties, entities);
  const outcome = outcomeOf(row, properties);
  const { actor } = caller;
  const ocsf: ApiActivity = {
    ...classification(6003, operation.activity === 3 && outcome.created ? 1 : operation.activity),
    activity_name: operation.activityName,
    severity_id: severityOf(row.level ?? row.Level),
    time,
    metadata: metadataOf(row, ids, name),
    cloud: {
      provider: 'Azure',
      account: subscriptionOf(row, resource),
      region: textOf(row.location)?.toLowerCase(),
    },
    api: apiOf(properties, { name, operation, outcome, requestId: ids.correlation ?? ids.record }),
    actor: isNamed(actor) ? actor : { ...actor, app_name: operation.provider },
    src_endpoint: ip === undefined ? endpointOf(address.name, operation) : { ip, port: address.port },
    http_request: httpRequestOf(row),
    resources: resource === undefined ? undefined : [describeResource(resource)],
    status_id: outcome.statusId,
    status: outcome.status,
    status_code: outcome.code,
    status_detail: textOf(row.resultSignature) ?? textOf(row.resultType),
    message: textOf(row.resultDescription),
    duration: durationOf(row.durationMs),
    unmapped: unmappedOf(record, row, properties),
  };
  return {
    id: ids.event,
    source: 'azure-activity',
    recordId: ids.record,
    time,
    ocsf,
    entities: entities.entities,
    principal: caller.principal ?? resource?.key ?? armKey(`/providers/${operation.provider}`),
    operation: ids.operation,
  };
}

interface Ids {
  readonly record: string;
  readonly event: string;
  /** The same for every row of one operation. */
  readonly operation?: string | undefined;
  readonly correlation?: string | undefined;
}

function idsOf(
  record: JsonObject,
  row: JsonObject,
  properties: JsonObject | undefined,
  call: { time: number; operation: Operation; name: string; resource: ArmId | undefined },
): Ids {
  const { time, name, resource } = call;
  const correlation = textOf(row.correlationId);
  const operation = correlation === undefined ? undefined : operationKey(correlation, call.operation, resource);
  const own = textOf(row.eventDataId) ?? textOf(properties?.eventDataId);
  if (own !== undefined && own.length <= LONGEST_ID) {
    return { record: own, event: eventId('azure-activity', own, String(time)), operation, correlation };
  }
  const result = textOf(row.resultType) ?? '';
  const joined = correlation === undefined ? undefined : `${correlation}+${name}+${result}`;
  if (correlation === undefined || joined === undefined || joined.length > LONGEST_ID) {
    const hash = recordHash(record);
    return { record: hash, event: eventId('azure-activity', hash), operation, correlation };
  }
  // One phase may be written several times: the answer, the resource and the time as written tell such rows apart.
  const distinct = [name, result, textOf(row.resultSignature), resource?.id, textOf(row.time) ?? time].join('\n');
  return { record: joined, event: eventId('azure-activity', correlation, distinct), operation, correlation };
}

/** Rows of other resources carry the correlation id too, where a group is deleted or a template deployed. */
function operationKey(correlation: string, operation: Operation, resource: ArmId | undefined): string {
  const key = `${correlation.toLowerCase()}+${operation.folded}+${resource?.id ?? ''}`;
  return key.length <= LONGEST_ID ? key : eventId('azure-activity', key);
}

const isNamed = (actor: Actor): boolean =>
  actor.user !== undefined || actor.app_name !== undefined || actor.app_uid !== undefined;

function resourceOf(row: JsonObject, properties: JsonObject | undefined): ArmId | undefined {
  const written = textOf(row.resourceId) ?? textOf(properties?.entity);
  if (written === undefined) return undefined;
  const resource = parseArmId(written);
  return resource.id === '' ? undefined : resource;
}

const describeResource = (resource: ArmId): ResourceDetails => ({
  uid: resource.id,
  name: resource.name,
  type: resource.type,
  group: resource.resourceGroup === undefined ? undefined : { name: resource.resourceGroup },
  role_id: 1,
});

function subscriptionOf(row: JsonObject, resource: ArmId | undefined): Account | undefined {
  const uid = resource?.subscription ?? textOf(row.subscriptionId) ?? textOf(row.SubscriptionId);
  return uid === undefined ? undefined : { uid, type_id: 13 };
}

function metadataOf(row: JsonObject, ids: Ids, operation: string): Metadata {
  return {
    version: OCSF_VERSION,
    product: PRODUCT,
    profiles: PROFILES,
    uid: ids.record,
    correlation_uid: ids.correlation,
    event_code: operation,
    log_name: textOf(row.category),
    log_level: textOf(row.level),
    tenant_uid: textOf(row.tenantId),
    original_time: typeof row.time === 'number' ? String(row.time) : textOf(row.time),
  };
}

function apiOf(
  properties: JsonObject | undefined,
  call: { name: string; operation: Operation; outcome: Outcome; requestId: string },
): Api {
  const body = bodyOf(properties);
  const answer = properties?.responseBody;
  const message = textOf(properties?.statusMessage);
  const { code, httpStatus } = call.outcome;
  const answered = httpStatus !== undefined || message !== undefined || hasContent(answer);
  return {
    operation: call.name,
    service: { name: call.operation.provider },
    request: hasContent(body) ? { uid: call.requestId, data: body } : undefined,
    response: answered
      ? {
          code: httpStatus,
          error: httpStatus !== undefined && httpStatus >= 400 ? code : undefined,
          message,
          data: hasContent(answer) ? answer : undefined,
        }
      : undefined,
  };
}

const hasContent = (value: Json | undefined): value is Json => value !== undefined && value !== null && value !== '';

const endpointOf = (name: string | undefined, operation: Operation): NetworkEndpoint =>
  name === undefined ? { svc_name: operation.provider } : { domain: name };

/** Tables and API name the HTTP request; the diagnostic export does not. */
function httpRequestOf(row: JsonObject): HttpRequest | undefined {
  const request = objectOf(row.httpRequest);
  if (request === undefined) return undefined;
  return { http_method: methodOf(request.method), uid: textOf(request.clientRequestId) };
}

function methodOf(method: Json | undefined): HttpRequest['http_method'] {
  switch (method) {
    case 'DELETE':
    case 'GET':
    case 'HEAD':
    case 'PATCH':
    case 'POST':
    case 'PUT':
      return method;
    default:
      return undefined;
  }
}

/** How grave the record says it is: by name, or by the number that resource logs use (1 critical to 4 informational). */
function severityOf(level: Json | undefined): ApiActivity['severity_id'] {
  switch (level) {
    case 'Critical':
    case 1:
      return 5;
    case 'Error':
    case 2:
      return 3;
    case 'Warning':
    case 3:
      return 2;
    default:
      return 1;
  }
}

function durationOf(value: Json | undefined): number | undefined {
  const duration = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof duration === 'number' && Number.isSafeInteger(duration) && duration > 0 ? duration : undefined;
}
