import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type { Event } from '../../timeline/event.ts';
import { OCSF_VERSION, type Api, type Metadata, type Product } from '../../timeline/ocsf/types.ts';
import { BoundedCache } from '../shared/bounded-cache.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import type { Required } from './check.ts';
import { eventOf, type Call, type Common } from './classes.ts';
import { identityOf } from './identity.ts';
import { insightFinding } from './insight.ts';
import { serviceOf, type AwsService } from './operations.ts';
import { originOf } from './origin.ts';
import { place } from '../shared/aws-place.ts';
import { addTargets, resourcesOf } from './targets.ts';
import { unmappedOf } from './unmapped.ts';

const PROFILES: readonly string[] = ['cloud'];
const LONGEST_ACCOUNT = 64;

/** A record that passed its check, as an event. */
export function normalise(record: JsonObject, { time, operation: name }: Required): Event {
  const where = place(
    textOf(record['recipientAccountId'])?.slice(0, LONGEST_ACCOUNT) ?? '',
    textOf(record['awsRegion']) ?? '',
  );
  const recordId = textOf(record['eventID']) ?? recordHash(record);
  const sharedId = textOf(record['sharedEventID']);
  const metadata = metadataOf(record, recordId, sharedId);
  const service = serviceOf(textOf(record['eventSource']) ?? '');
  const entities = new EntityList();
  const id = eventId('cloudtrail', recordId);
  const operation = sharedId === undefined ? undefined : eventId('cloudtrail', 'shared', sharedId);

  const insight = objectOf(record['insightDetails']);
  if (insight !== undefined) {
    const common: Common = {
      time,
      metadata,
      place: where,
      api: { operation: name },
      unmapped: unmappedOf(record, false),
    };
    const { ocsf, principal } = insightFinding(insight, common, sharedId ?? recordId, entities);
    return { id, source: 'cloudtrail', recordId, time, ocsf, entities: entities.entities, principal, operation };
  }
  const identity = identityOf(record, where, entities);
  const origin = originOf(record, where, entities);
  addTargets(record, service.prefix, where, entities);
  const agent = textOf(record['userAgent']);
  const kind = service.operations.get(name);
  const resources = kind.kind === 'call' ? resourcesOf(record) : undefined;
  const call: Call = {
    record,
    time,
    metadata,
    place: where,
    identity,
    origin,
    http: agent === undefined ? undefined : { user_agent: agent },
    service,
    api: apiOf(record, name, service, recordId),
    resources,
    unmapped: unmappedOf(record, resources !== undefined),
  };
  const ocsf = eventOf(call, kind);
  return {
    id,
    source: 'cloudtrail',
    recordId,
    time,
    ocsf,
    entities: entities.entities,
    principal: identity.principal,
    operation,
  };
}

const products = new BoundedCache(
  (version) =>
    new BoundedCache<Product>(
      (category) => ({
        name: 'CloudTrail',
        vendor_name: 'AWS',
        version: version === '' ? undefined : version,
        feature: category === '' ? undefined : { name: category },
      }),
      64,
    ),
  64,
);

function metadataOf(record: JsonObject, recordId: string, sharedId: string | undefined): Metadata {
  const written = record['eventTime'];
  const type = textOf(record['eventType']);
  return {
    version: OCSF_VERSION,
    product: products.get(textOf(record['eventVersion']) ?? '').get(textOf(record['eventCategory']) ?? ''),
    profiles: PROFILES,
    uid: recordId,
    correlation_uid: sharedId,
    event_code: type,
    log_name: 'CloudTrail',
    original_time: typeof written === 'string' ? written : JSON.stringify(written),
  };
}

function apiOf(record: JsonObject, operation: string, service: AwsService, recordId: string): Api {
  const request = record['requestParameters'];
  const response = record['responseElements'];
  const requestId = textOf(record['requestID']);
  const error = textOf(record['errorCode']);
  const message = textOf(record['errorMessage']);
  const hasRequest = request !== undefined && request !== null;
  const hasResponse = response !== undefined && response !== null;
  return {
    operation,
    version: textOf(record['apiVersion']),
    service: service.ocsf.name === '' ? undefined : service.ocsf,
    request:
      requestId === undefined && !hasRequest
        ? undefined
        : { uid: requestId ?? recordId, data: hasRequest ? request : undefined },
    response:
      error === undefined && message === undefined && !hasResponse
        ? undefined
        : { error, error_message: message, data: hasResponse ? response : undefined },
  };
}
