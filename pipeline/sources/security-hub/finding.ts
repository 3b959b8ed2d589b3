import type { JsonObject } from '../../../platform/json.ts';
import { MAX_ENTITIES, type Entity } from '../../timeline/entity.ts';
import { awsAccountKey } from '../../timeline/entity-keys.ts';
import { UNKNOWN_PRINCIPAL, type Event } from '../../timeline/event.ts';
import {
  OCSF_VERSION,
  type Compliance,
  type Evidences,
  type FindingInfo,
  type OcsfEvent,
  type Product,
  type Remediation,
  type Vulnerability,
} from '../../timeline/ocsf/types.ts';
import { place } from '../shared/aws-place.ts';
import { EntityList } from '../shared/entity-list.ts';
import { eventId } from '../shared/event-id.ts';
import {
  complianceFinding,
  detectionFinding,
  FINDING_PROFILES,
  vulnerabilityFinding,
  type FindingBase,
} from '../shared/finding-event.ts';
import type { FindingState, SeverityId } from '../shared/finding-state.ts';
import { vulnerabilityEntity } from '../shared/vulnerability.ts';
import type { AwsResource } from './resources.ts';

/** What a finding is about beside its resources. */
export type Matter =
  | { readonly is: 'vulnerability'; readonly vulnerabilities: readonly Vulnerability[] }
  | { readonly is: 'setting'; readonly compliance: Compliance }
  | {
      readonly is: 'threat';
      /** Who is said to have acted, each once, and the credentials that they used. */
      readonly actors: readonly Entity[];
      readonly origins: readonly Entity[];
      readonly evidences: readonly Evidences[];
    };

/** A finding in whichever format of AWS, as far as an event needs it. */
export interface AwsFinding {
  /** The same for all that is told of one finding, in all formats. */
  readonly id: string;
  readonly info: Omit<FindingInfo, 'uid'> & { readonly title: string };
  readonly time: number;
  readonly originalTime: string;
  readonly state: FindingState;
  readonly severity: SeverityId;
  readonly product: Product;
  /** What its product calls this kind of finding. */
  readonly type: string | undefined;
  readonly account: string;
  readonly region: string;
  /** In the order of the finding: the first is what it is about. */
  readonly resources: readonly AwsResource[];
  readonly matter: Matter;
  readonly remediation: Remediation | undefined;
  readonly statusCode: string | undefined;
  readonly statusDetail?: string | undefined;
  readonly unmapped: JsonObject | undefined;
}

/** A finding as an event: Vulnerability, Compliance or Detection Finding. */
export function findingEvent(finding: AwsFinding): Event {
  const { id, time, state, severity, account, region, resources, matter } = finding;
  const entities = new EntityList();
  const principal = addEntities(finding, entities);
  const base: FindingBase = {
    state,
    severity,
    time,
    metadata: {
      version: OCSF_VERSION,
      product: finding.product,
      profiles: FINDING_PROFILES,
      uid: id,
      event_code: finding.type,
      log_name: 'Security Hub',
      original_time: finding.originalTime,
    },
    cloud: place(account, region).cloud,
    finding_info: { uid: id, ...finding.info },
    resources: resources.length === 0 ? undefined : resources.map(({ details }) => details),
    status_code: finding.statusCode,
    status_detail: finding.statusDetail,
    unmapped: finding.unmapped,
  };
  return {
    id: eventId('security-hub', id, String(time), state.status.status, String(severity)),
    source: 'security-hub',
    recordId: id,
    time,
    ocsf: ocsfOf(base, matter, finding.remediation),
    entities: entities.entities,
    principal,
  };
}

function ocsfOf(base: FindingBase, matter: Matter, remediation: Remediation | undefined): OcsfEvent {
  switch (matter.is) {
    case 'vulnerability':
      return vulnerabilityFinding(base, matter.vulnerabilities, remediation);
    case 'setting':
      return complianceFinding(base, matter.compliance, remediation);
    case 'threat':
      return detectionFinding(base, matter.evidences.length === 0 ? undefined : matter.evidences, remediation);
  }
}

/** Adds who acted, what it is about, and where it came from. @returns the key of whoever acted, or else of what it is about */
function addEntities({ account, resources, matter }: AwsFinding, entities: EntityList): string {
  const actors = matter.is === 'threat' ? matter.actors : [];
  for (const actor of actors) entities.add(actor);
  for (const resource of resources) {
    // Room is left for where it came from and for what it is vulnerable to.
    for (const entity of resource.entities) if (entities.entities.length < MAX_ENTITIES / 2) entities.add(entity);
  }
  const own: Entity | undefined =
    account === '' ? undefined : { kind: 'account', key: awsAccountKey(account), part: 'target', label: account };
  const asset = resources[0]?.entities[0] ?? own;
  entities.add(asset);
  if (matter.is === 'threat') for (const origin of matter.origins) entities.add(origin);
  if (matter.is === 'vulnerability') {
    for (const { cve } of matter.vulnerabilities) if (cve !== undefined) entities.add(vulnerabilityEntity(cve.uid));
  }
  const [actor, another] = actors.filter(({ part }) => part === 'actor');
  return (another === undefined ? actor?.key : undefined) ?? asset?.key ?? UNKNOWN_PRINCIPAL;
}
