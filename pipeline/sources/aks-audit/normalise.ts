import { arrayOf, objectOf, textOf, type Json, type JsonObject } from '../../../platform/json.ts';
import { ipKey, kubernetesObjectKey, kubernetesUserKey } from '../../timeline/entity-keys.ts';
import type { Event } from '../../timeline/event.ts';
import { classification } from '../../timeline/ocsf/classification.ts';
import {
  OCSF_VERSION,
  type ApiActivity,
  type Metadata,
  type NetworkEndpoint,
  type ResourceDetails,
} from '../../timeline/ocsf/types.ts';
import { parseAddress } from '../shared/address.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId, recordHash } from '../shared/event-id.ts';
import { remainder } from '../shared/remainder.ts';
import type { AuditRequired } from './check.ts';
import { clusterOf, type Cluster } from './cluster.ts';
import { aroundLog, type AuditLine } from './forms.ts';
import { addSubjects, readCaller } from './identity.ts';
import { activityOf, apiOf, httpRequestOf, outcomeOf, targetOf, type Target } from './request.ts';

const AKS = { name: 'Azure Kubernetes Service', vendor_name: 'Microsoft' };
const KUBERNETES = { name: 'Kubernetes', vendor_name: 'Cloud Native Computing Foundation' };
const CLOUD_PROFILE: readonly string[] = ['cloud'];
const KINDS = {
  0: classification(6003, 0),
  1: classification(6003, 1),
  2: classification(6003, 2),
  3: classification(6003, 3),
  4: classification(6003, 4),
  99: classification(6003, 99),
};
const NO_PROFILE: readonly string[] = [];
/** Ids longer than any that an API server makes are an attacker's (the header `Audit-ID` sets it): the record's hash stands for them. */
const LONGEST_ID = 256;
const MAX_PROXIES = 16;
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings']);

const MAPPED: ReadonlySet<string> = new Set([
  ...['kind', 'apiVersion', 'level', 'auditID', 'requestURI', 'verb', 'user', 'sourceIPs', 'userAgent', 'objectRef'],
  ...['responseStatus', 'requestObject', 'responseObject', 'requestReceivedTimestamp', 'stage', 'stageTimestamp'],
]);

/**
 * An audit event that passed its check, as an event.
 * @param record as its source wrote it, with whatever stands around the audit event
 */
export function normaliseAudit(record: JsonObject, line: AuditLine, { audit, time, written }: AuditRequired): Event {
  const cluster = clusterOf(line.cluster);
  const own = textOf(audit.auditID);
  const recordId = own !== undefined && own.length <= LONGEST_ID ? own : recordHash(record);
  const target = targetOf(audit);
  const entities = new EntityList();
  const caller = readCaller(audit, cluster.id, entities);
  const origin = originOf(audit.sourceIPs);
  if (origin.ip !== undefined) entities.add({ kind: 'ip', key: ipKey(origin.ip), part: 'origin', label: origin.ip });
  addTargets(entities, cluster, target);
  if (target !== undefined && BINDINGS.has(target.resource)) addSubjects(audit, cluster.id, entities);
  const outcome = outcomeOf(audit);
  const verb = textOf(audit.verb);
  const kind = KINDS[activityOf(verb)];
  const ocsf: ApiActivity = {
    activity_id: kind.activity_id,
    category_uid: kind.category_uid,
    class_uid: kind.class_uid,
    type_uid: kind.type_uid,
    activity_name: kind.activity_id === 99 ? verb : undefined,
    severity_id: 1,
    time,
    metadata: metadataOf(audit, line, {
      recordId,
      written,
      profiles: cluster.cloud === undefined ? NO_PROFILE : CLOUD_PROFILE,
    }),
    cloud: cluster.cloud,
    api: apiOf(audit, target, recordId),
    actor: caller.actor,
    src_endpoint: origin,
    http_request: httpRequestOf(audit, target),
    resources: resourcesOf(cluster.resource, target),
    status_id: outcome.statusId,
    status: outcome.status,
    status_code: outcome.code,
    status_detail: outcome.detail,
    unmapped: unmappedOf(record, audit),
  };
  return {
    id: eventId('aks-audit', cluster.idPart, recordId, `${textOf(audit.stage) ?? '-'}@${written}`),
    source: 'aks-audit',
    recordId,
    time,
    ocsf,
    entities: entities.entities,
    principal: caller.principal ?? cluster.key,
    operation: own === undefined ? undefined : recordId,
  };
}

interface Named {
  readonly recordId: string;
  readonly written: string;
  readonly profiles: readonly string[];
}

function metadataOf(audit: JsonObject, line: AuditLine, { recordId, written, profiles }: Named): Metadata {
  return {
    version: OCSF_VERSION,
    product: line.category === undefined ? KUBERNETES : AKS,
    profiles,
    uid: recordId,
    correlation_uid: textOf(audit.auditID)?.slice(0, LONGEST_ID),
    event_code: textOf(audit.stage),
    log_name: line.category ?? 'audit',
    log_level: textOf(audit.level),
    log_version: textOf(audit.apiVersion),
    original_time: written,
    is_truncated: line.isTruncated ? true : undefined,
  };
}

/** The first address is the client's, the others those of proxies on the way. */
function originOf(value: Json | undefined): NetworkEndpoint {
  const addresses = arrayOf(value);
  const { ip, port, name } = parseAddress(addresses?.[0]);
  if (ip === undefined) return name === undefined ? { svc_name: 'kube-apiserver' } : { domain: name };
  return {
    ip,
    port,
    intermediate_ips: addresses !== undefined && addresses.length > 1 ? proxiesOf(addresses) : undefined,
  };
}

function proxiesOf(addresses: readonly Json[]): string[] | undefined {
  const proxies: string[] = [];
  for (let i = 1; i < addresses.length && i <= MAX_PROXIES; i++) {
    const { ip } = parseAddress(addresses[i]);
    if (ip !== undefined) proxies.push(ip);
  }
  return proxies.length === 0 ? undefined : proxies;
}

function addTargets(entities: EntityList, cluster: Cluster, target: Target | undefined): void {
  if (target !== undefined) {
    const { path, namespace, name, resource } = target;
    entities.add({
      kind: 'resource',
      key: kubernetesObjectKey(cluster.id, path),
      part: 'target',
      label: name ?? resource,
    });
    if (name !== undefined && namespace !== undefined && path.startsWith(`${namespace}/serviceaccounts/`)) {
      const username = `system:serviceaccount:${namespace}:${name}`;
      entities.add({
        kind: 'service-account',
        key: kubernetesUserKey(cluster.id, username),
        part: 'target',
        label: username,
      });
    }
  }
  if (cluster.id !== '') entities.add({ kind: 'resource', key: cluster.key, part: 'target', label: cluster.name });
}

function resourcesOf(cluster: ResourceDetails | undefined, target: Target | undefined): ResourceDetails[] | undefined {
  if (target === undefined) return cluster === undefined ? undefined : [cluster];
  const { path, name, namespace, resource, apiVersion, uid } = target;
  const object: ResourceDetails = {
    uid: path,
    uid_alt: uid,
    name,
    namespace,
    type: resource,
    version: apiVersion,
    role_id: 1,
  };
  return cluster === undefined ? [object] : [object, cluster];
}

/** What of the audit event has no place in OCSF (its annotations, whom it impersonates), and what stood around it under `record`. */
function unmappedOf(record: JsonObject, audit: JsonObject): JsonObject | undefined {
  const rest = remainder(audit, MAPPED);
  const extra = objectOf(audit.user)?.extra;
  const around = record === audit ? undefined : aroundLog(record);
  if (extra === undefined && around === undefined) return rest;
  const all = rest ?? {};
  if (extra !== undefined) all.user = { extra };
  if (around !== undefined) all.record = around;
  return all;
}
