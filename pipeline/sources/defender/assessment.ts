import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import type { Entity } from '../../timeline/entity.ts';
import { imageKey } from '../../timeline/entity-keys.ts';
import { UNKNOWN_PRINCIPAL, type Event } from '../../timeline/event.ts';
import { OCSF_VERSION, type Compliance, type FindingInfo, type OcsfEvent } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId } from '../shared/event-id.ts';
import {
  complianceFinding,
  exposureTag,
  FINDING_PROFILES,
  vulnerabilityFinding,
  type FindingBase,
} from '../shared/finding-event.ts';
import {
  DELETED,
  isOpen,
  NEW,
  RESOLVED,
  severityIdOf,
  SUPPRESSED,
  type FindingState,
} from '../shared/finding-state.ts';
import { remainder } from '../shared/remainder.ts';
import { parseTime } from '../shared/time.ts';
import { vulnerabilityEntity } from '../shared/vulnerability.ts';
import type { CheckedAssessment } from './check.ts';
import { assessedPlace } from './place.ts';
import { assessedVulnerabilities } from './vulnerabilities.ts';

const PRODUCT = { name: 'Microsoft Defender for Cloud', vendor_name: 'Microsoft' };
const MAX_TEXTS = 20;

const MAPPED: ReadonlySet<string> = new Set(['id', 'properties', 'tenantId', 'type']);
/** `additionalData`, `metadata` and `risk` stay as a whole, for only parts of them have a place. */
const MAPPED_PROPERTIES: ReadonlySet<string> = new Set([
  'description',
  'displayName',
  'impact',
  'links',
  'remediation',
  'resourceDetails',
  'status',
  'timeGenerated',
]);

/** An assessment of a resource, or a single finding of one, as an event: Vulnerability Finding where it names a CVE, otherwise Compliance Finding. */
export function assessmentEvent(checked: CheckedAssessment): Event {
  const { record, properties, status, id, code } = checked;
  const place = assessedPlace(id, objectOf(properties.resourceDetails));
  const isDeleted = actionOf(record) === 'delete';
  // The record of a deletion says of the state that ceased since when it stood, and no other time: it comes right after.
  const time = checked.time + (isDeleted ? 1 : 0);
  const state = isDeleted ? DELETED : stateOf(code);
  const severity = severityOf(properties, status);
  const entities = new EntityList();
  entities.add(place?.entity);
  const vulnerabilities = assessedVulnerabilities(properties);
  for (const { cve } of vulnerabilities) if (cve !== undefined) entities.add(vulnerabilityEntity(cve.uid));
  const image = imageOf(properties);
  entities.add(image);
  const base: FindingBase = {
    state,
    severity,
    time,
    metadata: {
      version: OCSF_VERSION,
      product: PRODUCT,
      profiles: FINDING_PROFILES,
      uid: id,
      event_code: textOf(record.type),
      log_name: textOf(record.type),
      original_time: checked.originalTime,
      tenant_uid: textOf(record.tenantId)?.toLowerCase(),
    },
    cloud: place?.cloud ?? { provider: 'Azure' },
    finding_info: findingOf(checked),
    resources: place === undefined ? undefined : [place.resource],
    message: textOf(properties.impact),
    status_code: code,
    status_detail: textOf(status.description) ?? textOf(status.cause),
    unmapped: unmappedOf(record, properties),
  };
  return {
    id: eventId('defender', id, code, checked.originalTime, String(severity), ...(isDeleted ? ['deleted'] : [])),
    source: 'defender',
    recordId: id,
    time,
    ocsf: ocsfOf(base, checked, vulnerabilities),
    entities: entities.entities,
    // An image is weak wherever it runs, and what runs it is found by its name.
    principal: image?.key ?? place?.entity.key ?? UNKNOWN_PRINCIPAL,
  };
}

function ocsfOf(
  base: FindingBase,
  checked: CheckedAssessment,
  vulnerabilities: ReturnType<typeof assessedVulnerabilities>,
): OcsfEvent {
  const { properties } = checked;
  const advice = textOf(objectOf(properties.metadata)?.remediationDescription) ?? textOf(properties.remediation);
  const remediation = advice === undefined ? undefined : { desc: advice };
  return vulnerabilities.length === 0
    ? complianceFinding(base, complianceOf(checked), remediation)
    : vulnerabilityFinding(base, vulnerabilities, remediation);
}

/** What was done to the row: `Insert`, `Write` or `Delete`, in lower case. */
function actionOf(record: JsonObject): string | undefined {
  const enrichment =
    objectOf(record.securityEventDataEnrichment) ??
    objectOf(record.assessmentEventDataEnrichment) ??
    objectOf(record.subAssessmentEventDataEnrichment);
  return textOf(enrichment?.action)?.toLowerCase();
}

/** https://learn.microsoft.com/rest/api/defenderforcloud/assessments/get#assessmentstatuscode */
function stateOf(code: string): FindingState {
  switch (code.toLowerCase()) {
    case 'healthy':
      return RESOLVED;
    case 'notapplicable':
      return SUPPRESSED;
    default:
      return NEW;
  }
}

function severityOf(properties: JsonObject, status: JsonObject): FindingBase['severity'] {
  const additional = objectOf(properties.additionalData);
  return severityIdOf(
    status.severity,
    objectOf(properties.metadata)?.severity,
    additional?.severity,
    objectOf(additional?.vulnerabilityDetails)?.severity,
    additional?.cveSeverity,
  );
}

function findingOf({ properties, status, id, title }: CheckedAssessment): FindingInfo {
  const metadata = objectOf(properties.metadata);
  const first = parseTime(status.firstEvaluationDate);
  const link = textOf(objectOf(properties.links)?.azurePortal);
  return {
    uid: id,
    title,
    desc: textOf(metadata?.description) ?? textOf(properties.description),
    types: textsOf(metadata?.categories) ?? textsOf([properties.category ?? null]),
    created_time: first,
    first_seen_time: first,
    modified_time: parseTime(status.statusChangeDate),
    src_url: link === undefined || /^https?:/i.test(link) ? link : `https://${link}`,
    tags: isExposed(properties) ? [exposureTag('internet')] : undefined,
  };
}

/** Whether Defender for Cloud counts exposure to the internet among the factors of the risk. */
const isExposed = (properties: JsonObject): boolean =>
  textsOf(objectOf(properties.risk)?.riskFactors)?.some((factor) => /internet/i.test(factor)) === true;

function complianceOf({ properties, status, code, title }: CheckedAssessment): Compliance {
  const details = textsOf([status.cause ?? null, status.description ?? null]);
  const [status_id, caption] = complianceStatus(code);
  return {
    control: textOf(objectOf(properties.metadata)?.displayName) ?? title,
    category: textOf(properties.category),
    status_id,
    status: caption,
    status_code: code,
    status_details: details,
  };
}

function complianceStatus(code: string): readonly [Compliance['status_id'], string] {
  const state = stateOf(code);
  if (isOpen(state)) return [3, 'Fail'];
  return state === RESOLVED ? [1, 'Pass'] : [99, code];
}

/** The image that a vulnerability was found in, by the name under which it is run. */
function imageOf(properties: JsonObject): Entity | undefined {
  const additional = objectOf(properties.additionalData);
  const artifact = objectOf(additional?.artifactDetails) ?? additional;
  const host = textOf(artifact?.registryHost);
  const repository = textOf(artifact?.repositoryName);
  if (host === undefined || repository === undefined) return undefined;
  const [tag] = textsOf(artifact?.tags) ?? [];
  const reference = `${host}/${repository}${tag === undefined ? '' : `:${tag}`}`;
  return { kind: 'resource', key: imageKey(reference), part: 'target', label: reference.slice(0, 256) };
}

function textsOf(value: Json | undefined): string[] | undefined {
  const texts = (arrayOf(value) ?? [])
    .slice(0, MAX_TEXTS)
    .map(textOf)
    .filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts;
}

function unmappedOf(record: JsonObject, properties: JsonObject): JsonObject | undefined {
  const left = remainder(record, MAPPED);
  const ofProperties = remainder(properties, MAPPED_PROPERTIES);
  return ofProperties === undefined ? left : { ...left, properties: ofProperties };
}
