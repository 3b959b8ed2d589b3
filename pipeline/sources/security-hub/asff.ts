import { isObject, objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import type { Attack, Compliance, Product } from '../../timeline/ocsf/types.ts';
import { exposureTag } from '../shared/finding-event.ts';
import {
  ARCHIVED,
  IN_PROGRESS,
  isOpen,
  NEW,
  RESOLVED,
  severityIdOf,
  STILL_NEW,
  SUPPRESSED,
  type FindingState,
  type SeverityId,
} from '../shared/finding-state.ts';
import { remainder } from '../shared/remainder.ts';
import { cveIdsIn } from '../shared/weakness-ids.ts';
import { asffThreat } from './asff-threat.ts';
import type { Checked } from './check.ts';
import { listAt, textsAt } from './fields.ts';
import type { AwsFinding, Matter } from './finding.ts';
import { accountIdOf, awsResource, keyHolder, partitionOf, type ResourceParts } from './resources.ts';
import { findingTime } from './times.ts';
import { vulnerabilitiesIn } from './vulnerabilities.ts';

/** `Action`, `ProductFields`, `Resources` and the like stay as a whole, for only parts of them have a place. */
const MAPPED: ReadonlySet<string> = new Set([
  'AwsAccountId',
  'CreatedAt',
  'Description',
  'FirstObservedAt',
  'GeneratorId',
  'Id',
  'LastObservedAt',
  'ProductArn',
  'ProductName',
  'Region',
  'Remediation',
  'SchemaVersion',
  'SourceUrl',
  'Title',
  'Types',
  'UpdatedAt',
]);

/** Namespaces of types that are attacks; others are weaknesses. https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-type-taxonomy.html */
const THREATS = /^(?:TTPs|Effects|Unusual Behaviors)(?:\/|$)/;
const GUARDDUTY = /:product\/aws\/guardduty$/;

/** Reads a finding in AWS Security Finding Format. */
export function readAsff({ record, id, title, time, originalTime }: Checked): AwsFinding {
  const types = textsAt(record, 'Types') ?? textsAt(objectOf(record.FindingProviderFields), 'Types');
  const product = productOf(record);
  const workflow = workflowOf(record);
  const state = stateOf(record, workflow);
  const parts = resourcesOf(record);
  const matter = matterOf(record, types ?? [], { state, title, parts });
  const [attack] = matter.is === 'threat' ? attacksOf(types ?? []) : [];
  return {
    id,
    info: {
      title,
      desc: textOf(record.Description),
      types,
      analytic: { uid: textOf(record.GeneratorId), name: title, type_id: 0, type: 'Unknown' },
      attacks: attack === undefined ? undefined : [attack],
      created_time: findingTime(record.CreatedAt),
      modified_time: findingTime(record.UpdatedAt),
      first_seen_time: findingTime(record.FirstObservedAt),
      last_seen_time: findingTime(record.LastObservedAt),
      src_url: textOf(record.SourceUrl),
      tags: isReachable(record) ? [exposureTag('internet')] : undefined,
    },
    // What people decide leaves UpdatedAt as it is (Security Hub API Reference, "BatchUpdateFindings"), and comes after what it is about.
    time: DECIDED.has(workflow) ? time + 1 : time,
    originalTime,
    state,
    severity: severityOf(record),
    product,
    type: types?.[0],
    account: accountIdOf(record.AwsAccountId),
    region: textOf(record.Region) ?? parts[0]?.region ?? '',
    resources: parts.map(awsResource),
    matter,
    remediation: remediationOf(record),
    statusCode: workflow,
    statusDetail: textOf(objectOf(record.Compliance)?.Status) ?? textOf(record.RecordState),
    unmapped: remainder(record, MAPPED),
  };
}

const DECIDED: ReadonlySet<string | undefined> = new Set(['NOTIFIED', 'RESOLVED', 'SUPPRESSED']);

const workflowOf = (record: JsonObject): string | undefined =>
  textOf(objectOf(record.Workflow)?.Status) ?? textOf(record.WorkflowState);

function productOf(record: JsonObject): Product {
  const uid = textOf(record.ProductArn);
  const company = textOf(record.CompanyName);
  return {
    uid,
    name: textOf(record.ProductName) ?? uid?.slice(uid.lastIndexOf('/') + 1),
    vendor_name: company === undefined || company === 'Amazon' ? 'AWS' : company,
  };
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/finding-workflow-status.html */
function stateOf(record: JsonObject, workflow: string | undefined): FindingState {
  const compliance = objectOf(record.Compliance)?.Status;
  if (record.RecordState === 'ARCHIVED') return ARCHIVED;
  if (workflow === 'SUPPRESSED') return SUPPRESSED;
  if (workflow === 'RESOLVED' || compliance === 'PASSED') return RESOLVED;
  // A check that could not be made has found nothing weak.
  if (compliance === 'NOT_AVAILABLE') return SUPPRESSED;
  if (workflow === 'NOTIFIED') return IN_PROGRESS;
  return record.CreatedAt === record.UpdatedAt ? NEW : STILL_NEW;
}

/** By name; by the number from 0 to 100 where a product gives that alone (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Severity.html). */
function severityOf(record: JsonObject): SeverityId {
  const severity = objectOf(record.Severity);
  const provided = objectOf(objectOf(record.FindingProviderFields)?.Severity);
  const named = severityIdOf(severity?.Label, provided?.Label);
  const score = severity?.Normalized;
  if (named !== 0 || typeof score !== 'number') return named;
  return score >= 90 ? 5 : score >= 70 ? 4 : score >= 40 ? 3 : score >= 1 ? 2 : 1;
}

function resourcesOf(record: JsonObject): ResourceParts[] {
  const account = accountIdOf(record.AwsAccountId);
  return listAt(record, 'Resources').flatMap((resource): ResourceParts[] => {
    const id = isObject(resource) ? textOf(resource.Id) : undefined;
    if (!isObject(resource) || id === undefined) return [];
    return [
      {
        id,
        type: textOf(resource.Type),
        region: textOf(resource.Region),
        partition: partitionOf(resource.Partition),
        account,
        details: objectOf(resource.Details),
      },
    ];
  });
}

interface Known {
  readonly state: FindingState;
  readonly title: string;
  readonly parts: readonly ResourceParts[];
}

function matterOf(record: JsonObject, types: readonly string[], { state, title, parts }: Known): Matter {
  if (types.some((type) => THREATS.test(type)) || GUARDDUTY.test(textOf(record.ProductArn) ?? '')) {
    const holders = parts.map(keyHolder).filter((holder) => holder !== undefined);
    return asffThreat(record, [...new Map(holders.map((holder) => [holder.key, holder])).values()]);
  }
  const vulnerabilities = listAt(record, 'Vulnerabilities').flatMap((vulnerability) =>
    vulnerabilitiesIn(vulnerability, title),
  );
  if (vulnerabilities.length > 0) return { is: 'vulnerability', vulnerabilities };
  // Older scanners name the CVE in the title alone.
  const named = types.some((type) => type.includes('Vulnerabilities/CVE')) ? cveIdsIn(title) : [];
  if (named.length > 0) return { is: 'vulnerability', vulnerabilities: named.map((uid) => ({ title, cve: { uid } })) };
  return { is: 'setting', compliance: complianceOf(record, state, title) };
}

const CAPTIONS = { PASSED: [1, 'Pass'], WARNING: [2, 'Warning'], FAILED: [3, 'Fail'] } as const;

function complianceOf(record: JsonObject, state: FindingState, title: string): Compliance {
  const compliance = objectOf(record.Compliance);
  const status = textOf(compliance?.Status);
  const standards = listAt(compliance, 'AssociatedStandards')
    .map((standard) => textOf(objectOf(standard)?.StandardsId))
    .filter((standard) => standard !== undefined);
  const reasons = listAt(compliance, 'StatusReasons')
    .map((reason) => textOf(objectOf(reason)?.Description) ?? textOf(objectOf(reason)?.ReasonCode))
    .filter((reason) => reason !== undefined);
  const [status_id, caption] = complianceStatus(status, state);
  return {
    control: textOf(compliance?.SecurityControlId) ?? title,
    requirements: textsAt(compliance, 'RelatedRequirements'),
    standards: standards.length === 0 ? undefined : standards,
    status_id,
    status: caption,
    status_code: status,
    status_details: reasons.length === 0 ? undefined : reasons,
  };
}

/** What is no check of a control is weak as long as it stands. */
function complianceStatus(status: string | undefined, state: FindingState): readonly [1 | 2 | 3 | 99, string] {
  if (status === 'PASSED' || status === 'WARNING' || status === 'FAILED') return CAPTIONS[status];
  if (status !== undefined) return [99, status];
  return isOpen(state) ? CAPTIONS.FAILED : [99, state.status.status];
}

/** The tactic in a type: `TTPs/Initial Access/UnauthorizedAccess:EC2-SSHBruteForce`. */
function attacksOf(types: readonly string[]): Attack[] {
  return types.flatMap((type): Attack[] => {
    const [namespace, tactic, name] = type.split('/', 3);
    return namespace === 'TTPs' && tactic !== undefined && tactic !== '' && name !== undefined
      ? [{ tactic: { name: tactic } }]
      : [];
  });
}

/** Whether the way that traffic can take begins at a gateway of the internet. */
const isReachable = (record: JsonObject): boolean =>
  listAt(record, 'NetworkPath').some((step) => /InternetGateway$/.test(textOf(objectOf(step)?.ComponentType) ?? ''));

function remediationOf(record: JsonObject): AwsFinding['remediation'] {
  const recommendation = objectOf(objectOf(record.Remediation)?.Recommendation);
  const desc = textOf(recommendation?.Text);
  const url = textOf(recommendation?.Url);
  return desc === undefined ? undefined : { desc, references: url === undefined ? undefined : [url] };
}
