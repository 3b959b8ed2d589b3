import { objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { githubRepositoryKey } from '../../timeline/entity-keys.ts';
import type { Event } from '../../timeline/event.ts';
import { OCSF_VERSION, type Metadata } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { digest, eventId } from '../shared/event-id.ts';
import { FINDING_PROFILES, type FindingBase } from '../shared/finding-event.ts';
import { parseTime } from '../shared/time.ts';
import { remainder } from '../shared/remainder.ts';
import { vulnerabilityEntity } from '../shared/vulnerability.ts';
import { alertState } from './alert-state.ts';
import type { CheckedAlert } from './check.ts';
import { codeScanningAlert } from './code-scanning.ts';
import { dependabotAlert } from './dependabot.ts';
import type { AlertKind } from './forms.ts';
import {
  cloudOf,
  idOf,
  organizationEntity,
  ownerOf,
  PRODUCT,
  repositoryEntity,
  repositoryResource,
  userEntity,
} from './parties.ts';
import { secretScanningAlert } from './secret-scanning.ts';

const DESCRIBE = {
  dependabot: dependabotAlert,
  'code-scanning': codeScanningAlert,
  'secret-scanning': secretScanningAlert,
} as const;

/** What webhooks call the events of each kind, for `metadata.event_code`. */
const WEBHOOKS: Readonly<Record<AlertKind, string>> = {
  dependabot: 'dependabot_alert',
  'code-scanning': 'code_scanning_alert',
  'secret-scanning': 'secret_scanning_alert',
};

/** Members of alerts that have a place in the event, or are addresses of the API. */
const MAPPED: ReadonlySet<string> = new Set([
  ...['number', 'state', 'created_at', 'updated_at', 'html_url', 'url', 'repository', 'secret', 'secret_type'],
  ...['secret_type_display_name', 'rule', 'tool', 'instances_url', 'locations_url', 'security_vulnerability'],
]);

/** The id of an alert, the same in alerts and in the audit log: `contoso-example/shop/dependabot/12`. */
export const alertUid = (repository: string, kind: AlertKind, number: number): string =>
  `${repository.toLowerCase()}/${kind}/${number}`;

/** An alert, as an event. Its principal is the repository, whoever changed the alert. */
export function alertEvent(checked: CheckedAlert): Event {
  const { kind, record, alert, action, repository, number, time, written } = checked;
  const described = DESCRIBE[kind](alert, record);
  const uid = alertUid(repository, kind, number);
  const asset = repositoryEntity(repository);
  const sender = objectOf(record['sender']);
  const organization = objectOf(record['organization']);
  const entities = new EntityList();
  entities.add(userEntity(textOf(sender?.['login']), 'actor', sender?.['type'] === 'Bot'));
  entities.add(asset);
  for (const cve of described.cves) entities.add(vulnerabilityEntity(cve));
  entities.add(organizationEntity(textOf(organization?.['login'])));
  const stated = textOf(alert['state']) ?? textOf(alert['resolution']) ?? 'open';
  const base: FindingBase = {
    state: alertState(alert, action),
    severity: described.severity,
    time,
    metadata: metadataOf(checked, uid),
    cloud: cloudOf(textOf(organization?.['login']) ?? ownerOf(repository), idOf(organization?.['id'])),
    finding_info: {
      uid,
      title: described.title,
      desc: described.description,
      types: [kind],
      analytic: described.analytic,
      src_url: textOf(alert['html_url']),
      created_time: parseTime(alert['created_at']),
      modified_time: parseTime(alert['updated_at']),
      tags: described.tags,
    },
    resources: [repositoryResource(repository, idOf(objectOf(record['repository'])?.['id']))],
    message: described.message,
    status_code: stated,
    status_detail: reasonOf(alert),
    unmapped: unmappedOf(record, alert),
  };
  // A branch that an alert is found in anew changes neither its number nor always its times.
  const ref = textOf(record['ref']);
  return {
    id: eventId(
      'github',
      ...repository.toLowerCase().split('/'),
      kind,
      String(number),
      action ?? stated,
      ref === undefined ? written : `${written}-${digest(ref).slice(0, 8)}`,
    ),
    source: 'github',
    recordId: uid,
    time,
    ocsf: described.event(base),
    entities: entities.entities,
    principal: githubRepositoryKey(repository),
  };
}

/** Why somebody decided that nothing is to be done, in GitHub's word and theirs. */
function reasonOf(alert: JsonObject): string | undefined {
  const reason = textOf(alert['dismissed_reason']) ?? textOf(alert['resolution']);
  const comment = textOf(alert['dismissed_comment']) ?? textOf(alert['resolution_comment']);
  return [reason, comment?.slice(0, 1000)].filter((text) => text !== undefined).join(': ') || undefined;
}

function metadataOf({ kind, action, written }: CheckedAlert, uid: string): Metadata {
  const name = WEBHOOKS[kind];
  return {
    version: OCSF_VERSION,
    product: PRODUCT,
    profiles: FINDING_PROFILES,
    uid,
    log_name: name,
    event_code: action === undefined ? name : `${name}.${action}`,
    original_time: written,
  };
}

/** Of the alert what has no place in OCSF; of what stands around it who changed it and where, not the descriptions of repository and organization. */
function unmappedOf(record: JsonObject, alert: JsonObject): JsonObject | undefined {
  const rest: Record<string, Json | undefined> = { alert: remainder(alert, MAPPED) };
  if (alert !== record) {
    rest['ref'] = record['ref'];
    rest['commit_oid'] = record['commit_oid'];
    rest['sender'] = textOf(objectOf(record['sender'])?.['login']);
  }
  const entries = Object.entries(rest).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
