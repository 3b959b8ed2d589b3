import type { JsonObject } from '../../../platform/json.ts';
import type { LogSource, ReadRecord, Source } from '../source.ts';
import { check } from './check.ts';
import { withNames } from './lower-case.ts';
import { normalise } from './normalise.ts';
import { schema } from './schema.ts';

const LOGSOURCE: LogSource = { product: 'aws', service: 'cloudtrail' };

/** AWS CloudTrail: management, data, network activity and Insights events, as a bare record. */
export const cloudtrail: Source = {
  id: 'cloudtrail',
  title: 'AWS CloudTrail',
  hub: 'cloudtrail',
  logsources: [LOGSOURCE],
  recognises,
  schema,
  read,
};

/**
 * By `eventSource` (an AWS service), else by `eventType`: no other source has either in this form. Notifications of S3 have
 * the former too, but `aws:s3` in it.
 */
function recognises(record: JsonObject): boolean {
  const source = record['eventSource'] ?? record['eventsource'];
  if (typeof source === 'string') return source.endsWith('.amazonaws.com') || source.endsWith('.amazonaws.com.cn');
  const type = record['eventType'] ?? record['eventtype'];
  return typeof type === 'string' && TYPES.has(type);
}

/** `eventType`: AWS CloudTrail User Guide, "CloudTrail record contents". */
const TYPES: ReadonlySet<string> = new Set([
  'AwsApiCall',
  'AwsCloudTrailInsight',
  'AwsConsoleAction',
  'AwsConsoleSignIn',
  'AwsServiceEvent',
  'AwsVpceEvent',
  'AwsVpceEvents',
]);

function read(record: JsonObject): ReadRecord {
  const fields = withNames(record);
  return { event: normalise(fields, check(fields)), fields, logsource: LOGSOURCE };
}
