import { arrayOf, isObject, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { awsAccountKey } from '../../timeline/entity-keys.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import type { DetectionFinding } from '../../timeline/ocsf/types.ts';
import type { EntityList } from '../shared/entity-list.ts';
import { parseArn } from '../shared/arn.ts';
import type { Common } from './classes.ts';

const CREATED = classification(2004, 1);
const CLOSED = classification(2004, 3);
const OTHER = classification(2004, 99);

/**
 * An Insights event: CloudTrail's own finding that an account calls an operation, or fails to, unusually often (AWS CloudTrail User
 * Guide, "CloudTrail record contents for Insights events for trails"). Nobody acts in it, so its principal is the account; the
 * identities that CloudTrail holds responsible are its entities. AWS states no severity.
 * @param uid the id that its start and its end share
 */
export function insightFinding(
  details: JsonObject,
  { time, metadata, place, api, unmapped }: Common,
  uid: string,
  entities: EntityList,
): { readonly ocsf: DetectionFinding; readonly principal: string } {
  const account = place.account === '' ? 'unknown' : place.account;
  const owner: Entity = { kind: 'account', key: awsAccountKey(account), part: 'target', label: account };
  addAttributed(details, entities);
  entities.add(owner);
  const type = textOf(details['insightType']);
  const state = details['state'];
  const service = textOf(details['eventSource']);
  const { activity_id, category_uid, class_uid, type_uid } =
    state === 'Start' ? CREATED : state === 'End' ? CLOSED : OTHER;
  const ocsf: DetectionFinding = {
    activity_id,
    category_uid,
    class_uid,
    type_uid,
    severity_id: 0,
    time,
    metadata,
    cloud: place.cloud,
    api: { operation: api.operation, service: service === undefined ? undefined : { name: service } },
    finding_info: {
      uid,
      title: `${type ?? 'Insight'}: ${api.operation}${service === undefined ? '' : ` of ${service}`}`,
      types: type === undefined ? undefined : [type],
    },
    unmapped,
  };
  return { ocsf, principal: owner.key };
}

/** The identities among `insightContext.attributions`: those that made the calls in the unusual time. */
function addAttributed(details: JsonObject, entities: EntityList): void {
  const attributions = arrayOf(objectOf(details['insightContext'])?.['attributions']) ?? [];
  for (const attribution of attributions.slice(0, 8)) {
    if (!isObject(attribution) || attribution['attribute'] !== 'userIdentityArn') continue;
    for (const share of (arrayOf(attribution['insight']) ?? []).slice(0, 8)) {
      const arn = isObject(share) ? textOf(share['value']) : undefined;
      if (arn !== undefined) entities.add(parseArn(arn)?.asActor);
    }
  }
}
