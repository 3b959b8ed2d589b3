import { objectOf, type JsonObject } from '../../../platform/json.ts';
import { remainder } from '../shared/remainder.ts';

/** Names of all forms whose values have a place in the event, or stand in it under another name. */
const MAPPED: ReadonlySet<string> = new Set([
  ...['time', 'operationName', 'category', 'resultType', 'resultSignature', 'resultDescription', 'resourceId'],
  ...['callerIpAddress', 'correlationId', 'identity', 'level', 'location', 'tenantId', 'durationMs', 'properties'],
  ...[
    'caller',
    'eventDataId',
    'httpRequest',
    'claims',
    'authorization',
    'eventTimestamp',
    'description',
    'subscriptionId',
  ],
  ...['TimeGenerated', 'TimeGenerated [UTC]', 'OperationNameValue', 'CategoryValue', 'ActivityStatusValue'],
  ...['ActivitySubstatusValue', 'CallerIpAddress', 'CorrelationId', 'EventDataId', 'Caller', 'Level', 'HTTPRequest'],
  ...['ResourceId', '_ResourceId', 'SubscriptionId', 'Claims', 'Claims_d', 'Authorization', 'Authorization_d'],
  ...['Properties', 'Properties_d', 'Category', 'ActivityStatus', 'ActivitySubstatus'],
]);

const MAPPED_PROPERTIES: ReadonlySet<string> = new Set(['requestbody', 'requestBody', 'responseBody', 'statusMessage']);

/**
 * What of a record has no place in OCSF, by reference: the token's claims, the authorization, the properties but for the bodies of
 * the call, and whatever else the record has.
 * @param record as its source wrote it
 * @param row the same in the form of the diagnostic export
 */
export function unmappedOf(
  record: JsonObject,
  row: JsonObject,
  properties: JsonObject | undefined,
): JsonObject | undefined {
  const identity = objectOf(row.identity);
  const rest = remainder(record, MAPPED) ?? {};
  if (identity?.claims !== undefined) rest.claims = identity.claims;
  if (identity?.authorization !== undefined) rest.authorization = identity.authorization;
  if (properties !== undefined) rest.properties = withoutBodies(properties);
  return rest;
}

function withoutBodies(properties: JsonObject): JsonObject | undefined {
  for (const name of MAPPED_PROPERTIES)
    if (properties[name] !== undefined) return remainder(properties, MAPPED_PROPERTIES);
  return properties;
}
