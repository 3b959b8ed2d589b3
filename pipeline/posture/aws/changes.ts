import { textOf, type JsonObject } from '../../../platform/json.ts';
import type { PostureChange } from '../../timeline/posture-change.ts';
import { BUCKETS } from './buckets.ts';
import { callOf, type AwsCalls } from './call.ts';
import { IAM, ROLES_ANYWHERE } from './identity-providers.ts';
import { CLOUDTRAIL, CONFIG, FLOW_LOGS, GUARDDUTY, SECURITY_HUB } from './monitoring.ts';
import { DATABASES, EC2_ADDRESSES, LOAD_BALANCERS } from './public-addresses.ts';
import { SECURITY_GROUPS } from './security-groups.ts';

const byName = (calls: AwsCalls): ReadonlyMap<string, AwsCalls[string]> => new Map(Object.entries(calls));

const SERVICES = new Map([
  ['cloudtrail.amazonaws.com', byName(CLOUDTRAIL)],
  ['config.amazonaws.com', byName(CONFIG)],
  ['ec2.amazonaws.com', byName({ ...SECURITY_GROUPS, ...EC2_ADDRESSES, ...FLOW_LOGS })],
  ['elasticloadbalancing.amazonaws.com', byName(LOAD_BALANCERS)],
  ['guardduty.amazonaws.com', byName(GUARDDUTY)],
  ['iam.amazonaws.com', byName(IAM)],
  ['rds.amazonaws.com', byName(DATABASES)],
  ['rolesanywhere.amazonaws.com', byName(ROLES_ANYWHERE)],
  ['s3.amazonaws.com', byName(BUCKETS)],
  ['securityhub.amazonaws.com', byName(SECURITY_HUB)],
]);

/**
 * What a call that CloudTrail recorded changes; nothing where it failed.
 * @param record with the names that CloudTrail writes
 */
export function awsChanges(record: JsonObject): readonly PostureChange[] {
  const calls = SERVICES.get(textOf(record['eventSource']) ?? '');
  const changes = calls?.get(textOf(record['eventName']) ?? '');
  if (changes === undefined || textOf(record['errorCode']) !== undefined) return [];
  return changes(callOf(record));
}
