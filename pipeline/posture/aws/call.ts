import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { arnKey, awsAccountKey } from '../../timeline/entity-keys.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { membersOf } from '../values.ts';

/** A call that succeeded, as CloudTrail records it. */
export interface AwsCall {
  readonly name: string;
  readonly request: JsonObject;
  readonly response: JsonObject;
  /** Twelve digits; empty where the record names none. */
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  readonly partition: string;
  /** ARN of the role in whose session the call was made. */
  readonly role: string | undefined;
}

/** Calls of one service, by `eventName`, and what they change. */
export type AwsCalls = Readonly<Record<string, (call: AwsCall) => readonly PostureChange[]>>;

const NOTHING: JsonObject = {};

/** @param record with the names that CloudTrail writes */
export function callOf(record: JsonObject): AwsCall {
  const region = textOf(record['awsRegion']) ?? '';
  const session = objectOf(objectOf(record['userIdentity'])?.['sessionContext']);
  return {
    name: textOf(record['eventName']) ?? '',
    request: objectOf(record['requestParameters']) ?? NOTHING,
    response: objectOf(record['responseElements']) ?? NOTHING,
    account: textOf(record['recipientAccountId']) ?? '',
    region,
    partition: region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws',
    role: textOf(objectOf(session?.['sessionIssuer'])?.['arn']),
  };
}

/** Key of a regional resource of the account: `security-group/sg-…`. A text that is an ARN names itself. */
export function regional({ partition, region, account }: AwsCall, service: string, resource: string): string {
  const name = resource.slice(resource.indexOf('/') + 1);
  return arnKey(name.startsWith('arn:') ? name : `arn:${partition}:${service}:${region}:${account}:${resource}`);
}

export const accountOf = ({ account }: AwsCall): string => awsAccountKey(account);

/** Members of a list as EC2's older calls (`{items: […]}`) and its newer ones (an object or several, each with a `tag`) write it. */
export function listed(value: Json | undefined): readonly Json[] {
  return isObject(value) && 'items' in value ? membersOf(value['items']) : membersOf(value);
}
