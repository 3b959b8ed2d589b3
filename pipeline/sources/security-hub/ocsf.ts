import { isObject, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { accessKeyKey, ipKey } from '../../timeline/entity-keys.ts';
import type { Entity } from '../../timeline/entity.ts';
import type { Analytic, Compliance, Evidences, Product, Remediation } from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import { parseArn } from '../shared/arn.ts';
import {
  ARCHIVED,
  DELETED,
  IN_PROGRESS,
  NEW,
  RESOLVED,
  severityIdOf,
  STILL_NEW,
  SUPPRESSED,
  type FindingState,
  type SeverityId,
} from '../shared/finding-state.ts';
import { remainder } from '../shared/remainder.ts';
import type { Checked } from './check.ts';
import { listAt, textsAt } from './fields.ts';
import type { AwsFinding, Matter } from './finding.ts';
import { accountIdOf, awsResource, partitionOf, type ResourceParts } from './resources.ts';
import { findingTime } from './times.ts';
import { vulnerabilitiesIn } from './vulnerabilities.ts';

/** Evidences, resources and vulnerabilities stay as a whole, for only parts of them are taken over. */
const MAPPED: ReadonlySet<string> = new Set([
  'activity_id',
  'activity_name',
  'category_name',
  'category_uid',
  'class_name',
  'class_uid',
  'cloud',
  'compliance',
  'finding_info',
  'metadata',
  'remediation',
  'severity',
  'severity_id',
  'status',
  'status_id',
  'time',
  'time_dt',
  'type_name',
  'type_uid',
]);
const MAX_EVIDENCES = 8;

/**
 * Reads a finding that is OCSF already, as Security Hub writes it in a version of its own (EventBridge, `Findings Imported V2`). It is read like the other formats, part by
 * part: what is taken over as it stands would carry over whatever is wrong with it.
 */
export function readOcsf({ record, id, title, time, originalTime }: Checked): AwsFinding {
  const info = objectOf(record.finding_info);
  const cloud = objectOf(record.cloud);
  const account = accountIdOf(objectOf(cloud?.account)?.uid);
  const types = textsAt(info, 'types');
  const status = statusOf(record);
  return {
    id,
    info: {
      title,
      desc: textOf(info?.desc),
      types,
      analytic: analyticOf(info),
      created_time: findingTime(info?.created_time),
      modified_time: findingTime(info?.modified_time),
      first_seen_time: findingTime(info?.first_seen_time),
      last_seen_time: findingTime(info?.last_seen_time),
      src_url: textOf(info?.src_url),
    },
    time,
    originalTime,
    state: status,
    severity: severityOf(record),
    product: productOf(record),
    type: types?.[0],
    account,
    region: textOf(cloud?.region) ?? '',
    resources: resourcesOf(record, account).map(awsResource),
    matter: matterOf(record, title),
    remediation: remediationOf(record.remediation),
    statusCode: textOf(record.status_code),
    statusDetail: textOf(record.status_detail),
    unmapped: remainder(record, MAPPED),
  };
}

function analyticOf(info: JsonObject | undefined): Analytic | undefined {
  const analytic = objectOf(info?.analytic);
  const name = textOf(analytic?.name);
  const uid = textOf(analytic?.uid);
  if (name === undefined && uid === undefined) return undefined;
  return { name, uid, category: textOf(analytic?.category), type_id: 0, type: 'Unknown' };
}

function productOf(record: JsonObject): Product {
  const product = objectOf(objectOf(record.metadata)?.product);
  return { uid: textOf(product?.uid), name: textOf(product?.name), vendor_name: textOf(product?.vendor_name) };
}

const STATES: ReadonlyMap<Json | undefined, FindingState> = new Map<Json | undefined, FindingState>([
  [2, IN_PROGRESS],
  [3, SUPPRESSED],
  [4, RESOLVED],
  [5, ARCHIVED],
  [6, DELETED],
]);

function statusOf(record: JsonObject): FindingState {
  const known = STATES.get(record.status_id);
  if (known !== undefined) return known;
  if (record.activity_id === 3) return RESOLVED;
  return record.activity_id === 2 ? STILL_NEW : NEW;
}

function severityOf(record: JsonObject): SeverityId {
  switch (record.severity_id) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return record.severity_id;
    default:
      return severityIdOf(record.severity);
  }
}

function resourcesOf(record: JsonObject, account: string): ResourceParts[] {
  return listAt(record, 'resources').flatMap((resource): ResourceParts[] => {
    const id = isObject(resource) ? (textOf(resource.uid) ?? textOf(resource.uid_alt)) : undefined;
    if (!isObject(resource) || id === undefined) return [];
    return [
      {
        id,
        arn: textOf(resource.uid_alt),
        type: textOf(resource.type),
        name: textOf(resource.name),
        region: textOf(resource.region),
        partition: partitionOf(resource.cloud_partition),
        account: accountIdOf(objectOf(objectOf(resource.owner)?.account)?.uid) || account,
        details: objectOf(resource.data),
      },
    ];
  });
}

function matterOf(record: JsonObject, title: string): Matter {
  if (record.class_uid === 2004) return threatOf(record);
  const vulnerabilities = listAt(record, 'vulnerabilities').flatMap((vulnerability) =>
    vulnerabilitiesIn(vulnerability, title),
  );
  if (vulnerabilities.length > 0) return { is: 'vulnerability', vulnerabilities };
  return { is: 'setting', compliance: complianceOf(record, title) };
}

const CAPTIONS = { 1: 'Pass', 2: 'Warning', 3: 'Fail' } as const;

function complianceOf(record: JsonObject, title: string): Compliance {
  const compliance = objectOf(record.compliance);
  const status = compliance?.status_id;
  const isKnown = status === 1 || status === 2 || status === 3;
  return {
    control: textOf(compliance?.control) ?? title,
    requirements: textsAt(compliance, 'requirements'),
    standards: textsAt(compliance, 'standards'),
    status_id: isKnown ? status : 0,
    status: isKnown ? CAPTIONS[status] : 'Unknown',
    status_code: textOf(compliance?.status_code),
    status_details: textsAt(compliance, 'status_details'),
  };
}

function threatOf(record: JsonObject): Matter {
  const actors = new Map<string, Entity>();
  const origins = new Map<string, Entity>();
  const evidences: Evidences[] = [];
  for (const evidence of listAt(record, 'evidences').slice(0, MAX_EVIDENCES)) {
    if (!isObject(evidence)) continue;
    const { ip } = parseAddress(objectOf(evidence.src_endpoint)?.ip);
    const actor = objectOf(objectOf(evidence.actor)?.user);
    const call = objectOf(evidence.api);
    const operation = textOf(call?.operation);
    const service = textOf(objectOf(call?.service)?.name);
    for (const entity of actorsOf(actor)) actors.set(entity.key, entity);
    if (ip !== undefined) origins.set(ip, { kind: 'ip', key: ipKey(ip), part: 'origin', label: ip });
    if (ip === undefined && operation === undefined) continue;
    evidences.push({
      src_endpoint: ip === undefined ? undefined : { ip },
      api:
        operation === undefined
          ? undefined
          : { operation, service: service === undefined ? undefined : { name: service } },
    });
  }
  return { is: 'threat', actors: [...actors.values()], origins: [...origins.values()], evidences };
}

/** A user by ARN, and the access key that it used. */
function actorsOf(user: JsonObject | undefined): Entity[] {
  const arn = textOf(user?.uid) ?? textOf(user?.uid_alt);
  const key = textOf(user?.credential_uid);
  const found: Entity[] = [];
  const named = arn === undefined ? undefined : parseArn(arn);
  if (named !== undefined) found.push(named.asActor);
  if (key !== undefined && /^[A-Z0-9]{16,128}$/.test(key))
    found.push({ kind: 'access-key', key: accessKeyKey(key), part: 'credential', label: key });
  return found;
}

function remediationOf(value: Json | undefined): Remediation | undefined {
  const remediation = objectOf(value);
  const desc = textOf(remediation?.desc);
  return desc === undefined ? undefined : { desc, references: textsAt(remediation, 'references') };
}
