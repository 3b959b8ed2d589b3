import { textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { arnKey } from '../../timeline/entity-keys.ts';
import type { Cloud, ResourceDetails } from '../../timeline/ocsf/types.ts';
import { parseArmId } from '../shared/arm-id.ts';

/** What a finding is about, as an entity and in OCSF, and the cloud that it is in. */
export interface Place {
  readonly entity: Entity;
  readonly resource: ResourceDetails;
  readonly cloud: Cloud;
}

const ARM_ID = /^\/(?:subscriptions|providers|tenants)\//i;
/** arn:partition:service:region:account:resource */
const ARN = /^arn:(aws[a-z-]{0,20}):[a-z0-9-]{1,64}:([a-z0-9-]{0,32}):(\d{12})?:.{1,1000}$/;
const LONGEST_LABEL = 256;

/** A resource of Azure by its ARM id; undefined for any other text. */
export function azurePlace(value: Json | undefined): Place | undefined {
  const written = textOf(value);
  if (written === undefined || !ARM_ID.test(written)) return undefined;
  const { id, key, subscription, resourceGroup, type, name } = parseArmId(written);
  return {
    entity: { kind: 'resource', key, part: 'target', label: name?.slice(0, LONGEST_LABEL) },
    resource: {
      uid: id,
      name,
      type,
      group: resourceGroup === undefined ? undefined : { name: resourceGroup },
      role_id: 3,
    },
    cloud: {
      provider: 'Azure',
      account: subscription === undefined ? undefined : { uid: subscription, type_id: 13, type: 'Azure Subscription' },
    },
  };
}

/** A resource of AWS by its ARN, where Defender for Cloud watches an account of AWS too; undefined for any other text. */
export function awsPlace(value: Json | undefined): Place | undefined {
  const arn = textOf(value);
  const parts = arn === undefined ? null : ARN.exec(arn);
  if (arn === undefined || parts === null) return undefined;
  const [, partition, region, account] = parts;
  const name = arn.split(':').slice(5).join(':').slice(0, LONGEST_LABEL);
  return {
    entity: { kind: 'resource', key: arnKey(arn), part: 'target', label: name },
    resource: { uid: arn, name, role_id: 3 },
    cloud: {
      provider: 'AWS',
      cloud_partition: partition,
      region: region === '' ? undefined : region,
      account: account === undefined ? undefined : { uid: account, type_id: 10, type: 'AWS Account' },
    },
  };
}

const ASSESSMENT = '/providers/microsoft.security/assessments/';

/** The resource that was assessed: as its own cloud calls it, by its details, or by what the assessment lies under. */
export function assessedPlace(id: string, details: JsonObject | undefined): Place | undefined {
  const end = id.toLowerCase().indexOf(ASSESSMENT);
  return (
    awsPlace(details?.nativeResourceId) ??
    azurePlace(details?.id) ??
    (end > 0 ? azurePlace(id.slice(0, end)) : undefined)
  );
}
