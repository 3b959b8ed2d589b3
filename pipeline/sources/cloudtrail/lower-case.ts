import { isObject, openObject, type JsonObject } from '../../../platform/json.ts';

const TOP =
  'additionalEventData apiVersion awsRegion errorCode errorMessage eventCategory eventID eventName eventSource eventTime eventType eventVersion managementEvent readOnly recipientAccountId requestID requestParameters responseElements serviceEventDetails sharedEventID sourceIPAddress userAgent userIdentity vpcEndpointId';
const IDENTITY =
  'accessKeyId accountId identityProvider invokedBy principalId sessionContext userName creationDate mfaAuthenticated sessionIssuer sourceIdentity webIdFederationData federatedProvider';

const byLowerCase = (names: string): ReadonlyMap<string, string> =>
  new Map(names.split(' ').map((name) => [name.toLowerCase(), name]));
const NAMES = byLowerCase(TOP);
const NAMES_OF_IDENTITY = byLowerCase(IDENTITY);

/** Athena's CloudTrail tables hold these as JSON in a string. */
const OPENED = ['requestParameters', 'responseElements', 'additionalEventData', 'serviceEventDetails'] as const;

/**
 * Gives a record with column names of Athena, all in lower case, the names that CloudTrail wrote; any other record as it is.
 * (AWS CloudTrail User Guide, "Create a table for CloudTrail logs in Athena".)
 */
export function withNames(record: JsonObject): JsonObject {
  if (record['eventname'] === undefined || record['eventName'] !== undefined) return record;
  const named = renamed(record, NAMES);
  for (const name of OPENED) {
    const opened = openObject(named[name]);
    if (opened !== undefined) named[name] = opened;
  }
  if (isObject(named['userIdentity'])) named['userIdentity'] = identityWithNames(named['userIdentity'], 0);
  return named;
}

function renamed(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]));
}

/** The identity holds the session context, and that its parts: three levels. */
function identityWithNames(identity: JsonObject, depth: number): JsonObject {
  const named = renamed(identity, NAMES_OF_IDENTITY);
  for (const name of ['sessionContext', 'sessionIssuer', 'attributes', 'webIdFederationData']) {
    const part = named[name];
    if (depth < 2 && isObject(part)) named[name] = identityWithNames(part, depth + 1);
  }
  return named;
}
