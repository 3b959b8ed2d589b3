import type { EntityKind } from '../../timeline/entity.ts';
import { prefixOf } from '../../timeline/identity/key-traits.ts';
import { crosstrailKey } from '../../timeline/entity-keys.ts';
import type { Event } from '../../timeline/event.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import { OCSF_VERSION, type ApiActivity, type ResourceDetails } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId } from '../shared/event-id.ts';
import { parseTime } from '../shared/time.ts';
import { DEEDS, type OwnActionRecord } from './schema.ts';

const SERVICE = 'crosstrail';
const CHANGES: ReadonlySet<string> = new Set(['change-made', 'change-undone', 'undone']);
const STATUS = { success: 1, failure: 2 } as const;

/** What was done in a response, as an event: under whoever did it, and under all that it was done to. */
export function normalise(record: OwnActionRecord): Event {
  const { deed, evidence, actor, targets, action, summary, reason } = record;
  const entities = new EntityList();
  entities.add({ kind: kindOf(actor.key), ...actor, part: 'actor' });
  for (const target of targets) entities.add({ ...target, part: 'target' });
  const time = parseTime(record.time) ?? 0;
  const outcome = DEEDS[deed];
  const isChange = CHANGES.has(deed);
  const ocsf: ApiActivity = {
    ...(isChange ? classification(6003, 3) : classification(6003, 99)),
    ...(!isChange && { activity_name: deed }),
    severity_id: 1,
    time,
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Crosstrail', vendor_name: 'Crosstrail' },
      uid: evidence.hash,
      correlation_uid: record.response,
      event_code: deed,
      log_name: record.category,
      original_time: record.time,
    },
    actor: actor.key === crosstrailKey() ? { app_name: 'Crosstrail' } : { user: { uid: actor.key, name: actor.label } },
    api: { operation: action === undefined ? deed : `${action} ${deed}`, service: { name: SERVICE } },
    src_endpoint: { svc_name: SERVICE },
    resources: resourcesOf(targets),
    message: summary,
    ...(outcome !== undefined && { status_id: STATUS[outcome] }),
    status_detail: reason,
    unmapped: { evidence, incident: record.incident, step: record.step },
  };
  return {
    id: eventId(SERVICE, evidence.hash),
    source: SERVICE,
    recordId: evidence.hash,
    time,
    ocsf,
    entities: entities.entities,
    principal: actor.key,
    operation: record.step,
  };
}

const kindOf = (key: string): EntityKind => (prefixOf(key) === SERVICE ? 'application' : 'user');

function resourcesOf(targets: OwnActionRecord['targets']): ResourceDetails[] | undefined {
  const resources = targets.filter(({ kind }) => kind === 'resource');
  if (resources.length === 0) return undefined;
  return resources.map(({ key, label }) => ({ uid: key, name: label, role_id: 1 }));
}
