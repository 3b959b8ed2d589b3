import { isObject, parseJson, textOf, type Json } from '../../../platform/json.ts';
import { entraCredentialKey } from '../../timeline/entity-keys.ts';
import { classification, type Classification } from '../../timeline/ocsf/classification.ts';
import type { DetectionFinding, FindingInfo, Product, User } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import { remainder } from '../shared/remainder.ts';
import type { LogSource, ReadRecord } from '../source.ts';
import { riskLevelOf, stands } from './authentication.ts';
import { timeOf, type CheckedRecord } from './check.ts';
import { metadataOf } from './metadata.ts';
import { endpointOf, originOf } from './origin.ts';
import { addPerson, addTenant, addWorkload, cloudOf, personUser, workloadUser } from './parties.ts';
import { unmappedOf } from './unmapped.ts';
import { idOf, listOf } from './values.ts';

export const RISK_LOGSOURCE: LogSource = { product: 'azure', service: 'riskdetection' };
const PRODUCT: Product = { name: 'Microsoft Entra ID Protection', vendor_name: 'Microsoft' };
const PROFILES: readonly string[] = ['cloud'];

/** Members of `properties` that have a place in the event. */
const MAPPED: ReadonlySet<string> = new Set([
  'activityDateTime',
  'appId',
  'correlationId',
  'detectedDateTime',
  'displayName',
  'id',
  'ipAddress',
  'lastUpdatedDateTime',
  'location',
  'requestId',
  'riskDetail',
  'riskEventType',
  'riskLastUpdatedDateTime',
  'riskLevel',
  'riskState',
  'servicePrincipalDisplayName',
  'servicePrincipalId',
  'source',
  'userDisplayName',
  'userId',
  'userPrincipalName',
]);

interface State {
  readonly class: Classification<2004>;
  readonly status: Pick<DetectionFinding, 'status' | 'status_id'>;
}

const NEW: State = { class: classification(2004, 1), status: { status_id: 1, status: 'New' } };
const UNKNOWN: State = { class: classification(2004, 0), status: { status_id: 0, status: 'Unknown' } };

/** What the states of a risk are to a finding: each change of state is written anew under the same id. */
const STATES: ReadonlyMap<Json | undefined, State> = new Map<Json | undefined, State>([
  ['atRisk', NEW],
  ['confirmedCompromised', { class: classification(2004, 2), status: { status_id: 2, status: 'In Progress' } }],
  ['remediated', { class: classification(2004, 3), status: { status_id: 4, status: 'Resolved' } }],
  ['dismissed', { class: classification(2004, 3), status: { status_id: 3, status: 'Suppressed' } }],
  ['confirmedSafe', { class: classification(2004, 3), status: { status_id: 3, status: 'Suppressed' } }],
]);

interface Subject {
  readonly user: User;
  readonly principal: string;
}

/** A risk that Entra ID Protection detected, or the risk state of a user or service principal, as OCSF Detection Finding. */
export function readRisk(checked: CheckedRecord): ReadRecord {
  const { record, properties: p, time, tenant } = checked;
  const list = new EntityList();
  const { user, principal } = subjectOf(checked, list);
  for (const key of listOf(p.keyIds).map(idOf)) {
    if (key !== undefined) list.add({ kind: 'access-key', key: entraCredentialKey(key), part: 'credential' });
  }
  const origin = originOf(p.ipAddress, record.callerIpAddress);
  list.add(origin.entity);

  const recordId = idOf(p.id) ?? recordHash(record);
  const state = STATES.get(p.riskState) ?? UNKNOWN;
  const level = riskLevelOf(p.riskLevel);
  const userAgent = userAgentOf(p.additionalInfo);
  const ocsf: DetectionFinding = {
    ...state.class,
    time,
    severity_id: stands(p.riskState) ? level.severity : 1,
    ...state.status,
    status_code: textOf(p.riskState),
    status_detail: textOf(p.riskDetail),
    message: textOf(record.operationName),
    metadata: metadataOf(checked, {
      recordId,
      product: PRODUCT,
      profiles: PROFILES,
      eventCode: textOf(p.riskEventType),
    }),
    cloud: cloudOf(tenant),
    finding_info: findingOf(checked, recordId),
    is_alert: stands(p.riskState),
    risk_level_id: level.id,
    risk_level: level.caption,
    evidences: [
      {
        user,
        src_endpoint: endpointOf(origin, p.location, undefined),
        http_request: userAgent === undefined ? undefined : { user_agent: userAgent },
      },
    ],
    unmapped: unmappedOf(record, remainder(p, MAPPED)),
  };
  return {
    event: {
      id: eventId('entra', recordId, ...stateParts(checked)),
      source: 'entra',
      recordId,
      time,
      ocsf,
      entities: list.entities,
      principal,
    },
    fields: record,
    logsource: RISK_LOGSOURCE,
  };
}

/** What tells the states of one risk apart, for its id stays the same; the id of a risky user is the user's own. */
function stateParts({ kind, properties: p, originalTime }: CheckedRecord): readonly string[] {
  return kind === 'risky-user' || kind === 'risky-service-principal'
    ? [textOf(p.riskLastUpdatedDateTime) ?? originalTime]
    : [textOf(p.riskState) ?? '', textOf(p.lastUpdatedDateTime) ?? originalTime];
}

function subjectOf({ kind, properties: p, tenant }: CheckedRecord, list: EntityList): Subject {
  if (kind === 'user-risk-event' || kind === 'risky-user') {
    const person = {
      objectId: idOf(kind === 'risky-user' ? p.id : p.userId),
      upn: textOf(p.userPrincipalName),
      displayName: textOf(p.userDisplayName),
    };
    return {
      principal: addPerson(list, tenant, person, 'actor') ?? addTenant(list, tenant),
      user: personUser(person, tenant),
    };
  }
  const workload = {
    objectId: idOf(kind === 'risky-service-principal' ? p.id : p.servicePrincipalId),
    appId: idOf(p.appId),
    name: textOf(p.servicePrincipalDisplayName) ?? textOf(p.displayName),
  };
  return {
    principal: addWorkload(list, tenant, workload, 'actor') ?? addTenant(list, tenant),
    user: workloadUser(workload, tenant),
  };
}

function findingOf({ kind, record, properties: p }: CheckedRecord, uid: string): FindingInfo {
  const type = textOf(p.riskEventType) ?? textOf(p.riskType);
  const source = textOf(p.source);
  const signIn = idOf(p.requestId);
  const isState = kind === 'risky-user' || kind === 'risky-service-principal';
  return {
    uid,
    title: type ?? textOf(record.operationName) ?? (isState ? 'Risk state' : 'Risk detection'),
    types: type === undefined ? undefined : [type],
    // Entra ID Protection does not say of a detection whether a rule or a model made it.
    analytic: type === undefined ? undefined : { name: type, type_id: 0, type: 'Unknown' },
    created_time: timeOf(p.detectedDateTime),
    modified_time: timeOf(p.lastUpdatedDateTime) ?? timeOf(p.riskLastUpdatedDateTime),
    first_seen_time: timeOf(p.activityDateTime),
    data_sources: source === undefined ? undefined : [source],
    // The request id of a detection is the id of the sign-in that it judges.
    related_events: signIn === undefined ? undefined : [{ uid: signIn }],
  };
}

const LONGEST_INFO = 65_536;

/** `additionalInfo` is a list of `{Key, Value}`, as JSON in a string. */
function userAgentOf(additionalInfo: Json | undefined): string | undefined {
  for (const entry of listOf(openList(additionalInfo))) {
    if (isObject(entry) && (entry.Key ?? entry.key) === 'userAgent') return textOf(entry.Value ?? entry.value);
  }
  return undefined;
}

function openList(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string') return value;
  if (value.length > LONGEST_INFO) return undefined;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}
