/**
 * OCSF 1.8.0: the event classes that sources map their records to. The interfaces come from the schema's own files
 * (`scripts/ocsf-generate.ts`), numbered values with their captions, deprecated attributes left out.
 *
 * Where things go:
 * - kind: `...classification(6003, 2)` gives class, category, activity and type. `severity_id`: 1 where the record says none.
 * - record: `metadata.original_event_uid` is the record's own id, `metadata.uid` the event's; `metadata.original_time` the
 *   time as the record wrote it (text), `time` and every other time milliseconds (a `_dt` twin in text needs the profile
 *   `datetime`); `metadata.logged_time` when the source logged it, `metadata.event_code` what the source calls the kind
 *   of record, `metadata.correlation_uid`, `metadata.tenant_uid`, `metadata.log_name` (a log category),
 *   `metadata.product` {name or uid, vendor_name, feature}. Cut short: `metadata.is_truncated`, with
 *   `untruncated_size` in kilobytes.
 * - profiles: `metadata.profiles` names those used, or their attributes are violations. `cloud` brings `cloud` (required
 *   then, with its `provider`), `api` outside API Activity, and provider, region, zone and cloud_partition of resources;
 *   `host` brings `device` (and `actor` on findings and the base event); `security_control` brings action, disposition, attacks,
 *   policy, risk and, outside Detection Finding and Incident Finding, confidence; `osint` and `incident` their own.
 * - account: `cloud.account` {uid, name, type_id: 10 AWS Account, 13 Azure Subscription}, `cloud.region`,
 *   `cloud.org` {uid, ou_uid}, `cloud.cloud_partition` (`aws-cn`). There is no `cloud.project_uid` any more.
 * - actor: `actor.user` {uid, uid_alt, name, type_id, account, email_addr}; `actor.app_uid` and `app_name` of the client
 *   application (`invoked_by` is deprecated); `actor.session` {uid, uid_alt, issuer, credential_uid (an access key id),
 *   is_mfa, created_time, expiration_time}; `actor.idp` {uid, name, issuer, tenant_uid}; `actor.authorizations[]`
 *   {decision, policy}. `user.credential_uid` is deprecated: `user.programmatic_credentials[]` {uid, type}.
 *   Authentication has its own `user` (required), `session`, `is_mfa`, `auth_protocol_id`, `authentication_token`.
 * - origin: `src_endpoint` {ip, port, hostname, domain, svc_name, uid, location, autonomous_system {number, name}}, at
 *   least one of them that names it; `ip` takes an address only, so `AWS Internal` or a service's name is `svc_name`
 *   or `domain`; `location` wants a city, country, region or postal_code, not lat and long alone. `http_request.user_agent`. Authentication needs a `service` or a `dst_endpoint` besides.
 * - call: `api` {operation, service.name, version, request {uid is required, data}, response {code (a number), error,
 *   error_message, message, data}}; `request.data` and `response.data` take any JSON.
 * - outcome: `status_id` 1 Success, 2 Failure; `status_code` and `status_detail` are the record's own text.
 * - targets: `resources[]` {uid, name, type, namespace, group, owner (a user), region, cloud_partition, role_id: 1 Target,
 *   labels, tags, data}. User Access Management wants `privileges[]`, Group Management `group`, Entity Management `entity`.
 * - findings: `finding_info` {uid, title, types[], analytic, attacks[], attack_graph, related_events[]}, `evidences[]`,
 *   `resources[]`; `enrichments[]` {name, value (text), data (any JSON)} on every class.
 * - captions (`activity_name`, `status`, `type_name` ...) are optional; where given they must be the caption of their
 *   number, and are free only beside 99. Whatever has no place goes under `unmapped`.
 */
import type {
  AccountChange,
  ApiActivity,
  ApplicationSecurityPostureFinding,
  Authentication,
  BaseEvent,
  ComplianceFinding,
  DetectionFinding,
  EntityManagement,
  GroupManagement,
  IncidentFinding,
  UserAccess,
  VulnerabilityFinding,
} from './types.generated.ts';

export type * from './types.generated.ts';

export const OCSF_VERSION = '1.8.0';

/** Any event of the classes in use; `class_uid` tells which. */
export type OcsfEvent =
  | AccountChange
  | ApiActivity
  | ApplicationSecurityPostureFinding
  | Authentication
  | BaseEvent
  | ComplianceFinding
  | DetectionFinding
  | EntityManagement
  | GroupManagement
  | IncidentFinding
  | UserAccess
  | VulnerabilityFinding;
