import { isObject, type JsonObject } from '../../../platform/json.ts';

/** The properties of a record that have a place in OCSF; `resources` only where its class has one for them. */
const MAPPED: ReadonlySet<string> = new Set([
  'apiVersion',
  'awsRegion',
  'errorCode',
  'errorMessage',
  'eventCategory',
  'eventID',
  'eventName',
  'eventSource',
  'eventTime',
  'eventType',
  'eventVersion',
  'recipientAccountId',
  'requestID',
  'requestParameters',
  'resources',
  'responseElements',
  'sharedEventID',
  'sourceIPAddress',
  'userAgent',
  'userIdentity',
  'vpcEndpointId',
]);

const MAPPED_OF_IDENTITY: ReadonlySet<string> = new Set([
  'accessKeyId',
  'accountId',
  'arn',
  'identityProvider',
  'invokedBy',
  'principalId',
  'type',
  'userName',
]);

/**
 * What of a record has no place in OCSF, by reference.
 * @param hasResources whether the event carries the record's resources
 */
export function unmappedOf(record: JsonObject, hasResources: boolean): JsonObject | undefined {
  let unmapped = rest(record, MAPPED);
  if (!hasResources && record['resources'] !== undefined) {
    unmapped ??= {};
    unmapped['resources'] = record['resources'];
  }
  const identity = record['userIdentity'];
  const ofIdentity = isObject(identity) ? rest(identity, MAPPED_OF_IDENTITY) : undefined;
  if (ofIdentity !== undefined) {
    unmapped ??= {};
    unmapped['userIdentity'] = ofIdentity;
  }
  return unmapped;
}

function rest(object: JsonObject, mapped: ReadonlySet<string>): JsonObject | undefined {
  let left: JsonObject | undefined;
  for (const name in object) {
    if (mapped.has(name)) continue;
    left ??= {};
    if (name === '__proto__') keep(left, name, object);
    else left[name] = object[name];
  }
  return left;
}

/** Keeps a property whose plain assignment would change the object's prototype. */
function keep(left: JsonObject, name: string, object: JsonObject): void {
  const value = Object.getOwnPropertyDescriptor(object, name)?.value as unknown;
  Object.defineProperty(left, name, { value, enumerable: true, configurable: true, writable: true });
}
