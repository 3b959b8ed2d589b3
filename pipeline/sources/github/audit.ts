import { objectOf, textOf, type JsonObject } from '../../../platform/json.ts';
import { ipKey, upnKey } from '../../timeline/entity-keys.ts';
import { UNKNOWN_PRINCIPAL, type Event } from '../../timeline/event.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import { OCSF_VERSION, type ApiActivity, type Metadata, type NetworkEndpoint } from '../../timeline/ocsf/types.ts';
import { isRepositoryName } from '../shared/code-repository.ts';
import { parseAddress } from '../shared/address.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import { FINDING_PROFILES } from '../shared/finding-event.ts';
import { remainder } from '../shared/remainder.ts';
import { alertEntry } from './audit-alert.ts';
import type { CheckedEntry } from './check.ts';
import {
  cloudOf,
  firstText,
  idOf,
  organizationEntity,
  PRODUCT,
  repositoryEntity,
  repositoryResource,
  userEntity,
} from './parties.ts';

/** Members of entries that have a place in the event. */
const MAPPED: ReadonlySet<string> = new Set([
  ...['@timestamp', '_document_id', 'action', 'actor', 'actor_id', 'actor_ip', 'actor_is_bot', 'actor_location'],
  ...['org', 'org_id', 'repo', 'repo_id', 'repository', 'repository_id', 'request_id', 'user_agent'],
]);

/** https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/reviewing-the-audit-log-for-your-organization (`operation_type`) */
const OPERATIONS: ReadonlyMap<string | undefined, ApiActivity['activity_id']> = new Map<
  string | undefined,
  ApiActivity['activity_id']
>([
  ['create', 1],
  ['restore', 1],
  ['access', 2],
  ['modify', 3],
  ['transfer', 3],
  ['remove', 4],
]);
/** Git's own entries name no type of operation. */
const GIT: ReadonlyMap<string, ApiActivity['activity_id']> = new Map<string, ApiActivity['activity_id']>([
  ['git.clone', 2],
  ['git.fetch', 2],
  ['git.push', 3],
]);
const LONGEST_ID = 256;
const FAILED = /(?:^|[._])(?:fail|failed|failure)(?:$|[._])/;

/** What an entry names, read once for all that it becomes. */
export interface Named {
  readonly recordId: string;
  readonly entities: EntityList;
  /** `<owner>/<name>` */
  readonly repository: string | undefined;
  readonly actor: string | undefined;
  readonly organization: string | undefined;
  readonly metadata: Metadata;
  readonly unmapped: JsonObject | undefined;
}

/**
 * An entry of the audit log, as an event: where it changes an alert, the finding as it stands from then on, otherwise what somebody did. The log does
 * not say how bad a finding is, nor which CVE it is about: the alerts themselves do.
 */
export function auditEvent(checked: CheckedEntry): Event {
  const { record, action, time } = checked;
  const named = namedIn(checked);
  const finding = alertEntry(checked, named);
  const { recordId, repository, actor, organization, entities } = named;
  const first = entities.entities.find(({ part }) => part !== 'origin');
  const principal = finding?.principal ?? first?.key ?? UNKNOWN_PRINCIPAL;
  const userAgent = textOf(record['user_agent']);
  const kind = classification(6003, GIT.get(action) ?? OPERATIONS.get(textOf(record['operation_type'])) ?? 99);
  const ocsf: ApiActivity = {
    ...kind,
    activity_name: kind.activity_id === 99 ? action : undefined,
    severity_id: 1,
    time,
    metadata: named.metadata,
    cloud: cloudOf(organization, idOf(record['org_id'])),
    api: {
      operation: action,
      service: { name: 'github' },
      request: requestOf(record),
    },
    actor: actorOf(actor, record),
    src_endpoint: originOf(record),
    http_request: userAgent === undefined ? undefined : { user_agent: userAgent },
    resources: repository === undefined ? undefined : [repositoryResource(repository, idOf(record['repo_id']))],
    ...(FAILED.test(action) ? { status_id: 2, status: 'Failure' } : { status_id: 1, status: 'Success' }),
    unmapped: named.unmapped,
  };
  return {
    id: eventId('github', 'audit', recordId),
    source: 'github',
    recordId,
    time,
    ocsf: finding?.ocsf ?? ocsf,
    entities: entities.entities,
    principal,
  };
}

function namedIn({ record, action, written }: CheckedEntry): Named {
  const actor = textOf(record['actor']);
  const organization = firstText(record['org']);
  const stated = firstText(record['repo']) ?? textOf(record['repository']);
  const repository = stated !== undefined && isRepositoryName(stated) ? stated : undefined;
  const entities = new EntityList();
  entities.add(userEntity(actor, 'actor', record['actor_is_bot'] === true));
  const nameId = textOf(record['external_identity_nameid']);
  // What the identity provider calls the person; an e-mail address or UPN as a rule.
  if (actor !== undefined && nameId !== undefined && /^[^\s@]+@[^\s@]+$/.test(nameId.slice(0, 320))) {
    entities.add({ kind: 'user', key: upnKey(nameId), part: 'actor', label: nameId });
  }
  const { ip } = parseAddress(record['actor_ip']);
  if (repository !== undefined) entities.add(repositoryEntity(repository));
  entities.add(organizationEntity(organization));
  entities.add(userEntity(textOf(record['user']), 'target'));
  if (ip !== undefined) entities.add({ kind: 'ip', key: ipKey(ip), part: 'origin', label: ip });
  const own = textOf(record['_document_id']);
  const recordId = own !== undefined && own.length <= LONGEST_ID ? own : recordHash(record);
  const metadata: Metadata = {
    version: OCSF_VERSION,
    product: PRODUCT,
    profiles: FINDING_PROFILES,
    uid: recordId,
    log_name: 'audit',
    event_code: action,
    original_time: written,
    tenant_uid: idOf(record['business_id']) ?? textOf(record['business']),
  };
  return { recordId, entities, repository, actor, organization, metadata, unmapped: remainder(record, MAPPED) };
}

/** Entries without an actor are GitHub's own deeds. */
function actorOf(actor: string | undefined, record: JsonObject): ApiActivity['actor'] {
  if (actor === undefined) return { app_name: 'GitHub' };
  return { user: { name: actor, uid: idOf(record['actor_id']), type_id: record['actor_is_bot'] === true ? 4 : 1 } };
}

function originOf(record: JsonObject): NetworkEndpoint {
  const { ip, name } = parseAddress(record['actor_ip']);
  if (ip === undefined) return name === undefined ? { svc_name: 'github.com' } : { domain: name };
  const country = textOf(objectOf(record['actor_location'])?.['country_code']);
  return { ip, location: country === undefined ? undefined : { country } };
}

function requestOf(record: JsonObject): { readonly uid: string } | undefined {
  const uid = textOf(record['request_id']);
  return uid === undefined ? undefined : { uid };
}
