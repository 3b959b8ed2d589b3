import { isObject, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { exposureTag } from '../shared/finding-event.ts';
import {
  isOpen,
  NEW,
  RESOLVED,
  severityIdOf,
  STILL_NEW,
  SUPPRESSED,
  type FindingState,
} from '../shared/finding-state.ts';
import { remainder } from '../shared/remainder.ts';
import type { Checked } from './check.ts';
import { listAt } from './fields.ts';
import type { AwsFinding, Matter } from './finding.ts';
import { accountIdOf, awsResource, partitionOf, type ResourceParts } from './resources.ts';
import { findingTime } from './times.ts';
import { vulnerabilitiesIn } from './vulnerabilities.ts';

const PRODUCT = { name: 'Inspector', vendor_name: 'AWS' };

/** The details of a weakness and `resources` stay as a whole, for only parts of them have a place. */
const MAPPED: ReadonlySet<string> = new Set([
  'awsAccountId',
  'description',
  'epss',
  'exploitAvailable',
  'findingArn',
  'firstObservedAt',
  'fixAvailable',
  'lastObservedAt',
  'remediation',
  'severity',
  'status',
  'title',
  'type',
  'updatedAt',
]);

/** Reads a finding as Inspector itself sends it (EventBridge, `Inspector2 Finding`). */
export function readInspector({ record, id, title, time, originalTime }: Checked): AwsFinding {
  const parts = resourcesOf(record);
  const state = stateOf(record);
  const type = textOf(record.type);
  return {
    id,
    info: {
      title,
      desc: textOf(record.description),
      types: type === undefined ? undefined : [type],
      first_seen_time: findingTime(record.firstObservedAt),
      last_seen_time: findingTime(record.lastObservedAt),
      modified_time: findingTime(record.updatedAt),
      tags: isReachable(record) ? [exposureTag('internet')] : undefined,
    },
    time,
    originalTime,
    state,
    severity: severityIdOf(record.severity),
    product: PRODUCT,
    type,
    account: accountIdOf(record.awsAccountId),
    region: parts[0]?.region ?? '',
    resources: parts.map(awsResource),
    matter: matterOf(record, title, state),
    remediation: remediationOf(record),
    statusCode: textOf(record.status),
    unmapped: remainder(record, MAPPED),
  };
}

/** https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html */
function stateOf(record: JsonObject): FindingState {
  switch (record.status) {
    case 'CLOSED':
      return RESOLVED;
    case 'SUPPRESSED':
      return SUPPRESSED;
    default:
      return record.firstObservedAt === record.updatedAt ? NEW : STILL_NEW;
  }
}

function resourcesOf(record: JsonObject): ResourceParts[] {
  const account = accountIdOf(record.awsAccountId);
  return listAt(record, 'resources').flatMap((resource): ResourceParts[] => {
    const id = isObject(resource) ? textOf(resource.id) : undefined;
    if (!isObject(resource) || id === undefined) return [];
    return [
      {
        id,
        type: textOf(resource.type),
        region: textOf(resource.region),
        partition: partitionOf(resource.partition),
        account,
        details: objectOf(resource.details),
      },
    ];
  });
}

function matterOf(record: JsonObject, title: string, state: FindingState): Matter {
  const { exploitAvailable, fixAvailable } = record;
  const beside = {
    exploitAvailable,
    fixAvailable,
    epssScore: objectOf(record.epss)?.score,
    lastKnownExploitAt: objectOf(record.exploitabilityDetails)?.lastKnownExploitAt,
  };
  const details = objectOf(record.packageVulnerabilityDetails) ?? objectOf(record.codeVulnerabilityDetails);
  const vulnerabilities = details === undefined ? [] : vulnerabilitiesIn({ ...details, ...beside }, title);
  if (vulnerabilities.length > 0) return { is: 'vulnerability', vulnerabilities };
  const [status_id, status] = isOpen(state) ? ([3, 'Fail'] as const) : ([99, state.status.status] as const);
  return { is: 'setting', compliance: { control: title, status_id, status } };
}

const steps = (record: JsonObject): readonly unknown[] =>
  listAt(objectOf(objectOf(record.networkReachabilityDetails)?.networkPath), 'steps');

/** Whether the way that traffic can take begins at a gateway of the internet. */
const isReachable = (record: JsonObject): boolean =>
  steps(record).some((step) => textOf(objectOf(step)?.componentType)?.endsWith('InternetGateway') === true);

/** Inspector writes this where it recommends nothing. */
const NOTHING = 'None Provided';

function remediationOf(record: JsonObject): AwsFinding['remediation'] {
  const recommendation = objectOf(objectOf(record.remediation)?.recommendation);
  const desc = textOf(recommendation?.text);
  const url = textOf(recommendation?.Url) ?? textOf(recommendation?.url);
  if (desc === undefined || desc === NOTHING) return undefined;
  return { desc, references: url === undefined ? undefined : [url] };
}
