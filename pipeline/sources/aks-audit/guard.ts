import { textOf, type JsonObject } from '../../../platform/json.ts';
import type { Event } from '../../timeline/event.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import { OCSF_VERSION, type ApiActivity } from '../../timeline/ocsf/types.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import type { GuardRequired } from './check.ts';
import { clusterOf } from './cluster.ts';
import { aroundLog, type GuardLine } from './forms.ts';

const PRODUCT = { name: 'Azure Kubernetes Service', vendor_name: 'Microsoft', feature: { name: 'guard' } };
const CLOUD_PROFILE: readonly string[] = ['cloud'];
const NO_PROFILE: readonly string[] = [];

/** The head of a line of klog: `I1120 10:11:12.123456       1 azure.go:101] `. https://github.com/kubernetes/klog */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{1,9} +\d{1,10} ([\w.-]{1,128}:\d{1,6})\] ?/;
const LONGEST_HEAD = 256;
const SEVERITIES: ReadonlyMap<string | undefined, ApiActivity['severity_id']> = new Map([
  ['W', 2],
  ['E', 3],
  ['F', 5],
]);

/**
 * A line of guard that passed its check, as an event. It is text for people: what it says of a caller stays in its message, and the
 * cluster stands for who acted.
 */
export function normaliseGuard(record: JsonObject, line: GuardLine, { log, time, written }: GuardRequired): Event {
  const cluster = clusterOf(line.cluster);
  const recordId = recordHash(record);
  const head = KLOG.exec(log.slice(0, LONGEST_HEAD));
  const entities = new EntityList();
  if (cluster.id !== '') entities.add({ kind: 'resource', key: cluster.key, part: 'target', label: cluster.name });
  const ocsf: ApiActivity = {
    ...classification(6003, 0),
    severity_id: SEVERITIES.get(head?.[1]) ?? 1,
    time,
    metadata: {
      version: OCSF_VERSION,
      product: PRODUCT,
      profiles: cluster.cloud === undefined ? NO_PROFILE : CLOUD_PROFILE,
      uid: recordId,
      event_code: head?.[2],
      log_name: 'guard',
      log_level: head?.[1],
      original_time: written,
    },
    cloud: cluster.cloud,
    api: { operation: 'guard', service: { name: 'guard' } },
    actor: { app_name: 'guard' },
    src_endpoint: { svc_name: 'guard', name: textOf(line.pod) },
    resources: cluster.resource === undefined ? undefined : [cluster.resource],
    message: head === null ? log : log.slice(head[0].length),
    unmapped: aroundLog(record),
  };
  return {
    id: eventId('aks-audit', recordId),
    source: 'aks-audit',
    recordId,
    time,
    ocsf,
    entities: entities.entities,
    principal: cluster.key,
  };
}
