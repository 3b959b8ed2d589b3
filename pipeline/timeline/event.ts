import type { Entity } from './entity.ts';
import type { OcsfEvent } from './ocsf/types.ts';

/** Where a record came from: one folder of `pipeline/sources` each; `json` for records that `scan` passes through as they are. */
export type SourceId =
  | 'azure-activity'
  | 'entra'
  | 'aks-audit'
  | 'cloudtrail'
  | 'defender'
  | 'security-hub'
  | 'github'
  | 'sarif'
  | 'trivy'
  | 'crosstrail'
  | 'json';

/** The source of what Crosstrail itself did as a response: no rule is asked about it. */
export const OWN_ACTIONS: SourceId = 'crosstrail';

/** The principal of events that do not say who acted: not one principal, but none. */
export const UNKNOWN_PRINCIPAL = 'unknown';

/** A record normalised to OCSF 1.8.0, with its entities. Immutable; the same record always gives the same event. */
export interface Event {
  /** `<source>/<record id>`, with more of the record where its own id is not unique. Deterministic; at most 256 ASCII characters. */
  readonly id: string;
  readonly source: SourceId;
  /** The record's own id, as its source names it (CloudTrail eventID, Kubernetes auditID, Entra properties.id, ...). */
  readonly recordId: string;
  /** When it happened: milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly ocsf: OcsfEvent;
  /** The entities named, actor first; at most MAX_ENTITIES, no key twice. */
  readonly entities: readonly Entity[];
  /** Key of the entity that acted: the partition key of the timeline. Never empty. */
  readonly principal: string;
  /** The same for all rows of one operation that its source writes in several (Azure's Start, Accept and Success). */
  readonly operation?: string | undefined;
}
