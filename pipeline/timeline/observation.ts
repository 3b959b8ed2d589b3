import type { Entity } from './entity.ts';
import type { SourceId } from './event.ts';
import type { Link } from './identity/link.ts';
import type { PostureChange } from './posture-change.ts';
import type { Signal } from './signal.ts';

/** A rule that fired on an event, and the texts of the fields that stateful rules need of it, by the name they give the field. */
export interface RuleMatch {
  readonly rule: string;
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** Where an action came from. */
export interface ActionOrigin {
  /** IP address in canonical text. */
  readonly ip?: string | undefined;
  readonly asn?: number | undefined;
  readonly country?: string | undefined;
  readonly city?: string | undefined;
  /** Degrees. */
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
  /** The user agent, cut to 200 characters. */
  readonly client?: string | undefined;
}

/** What somebody did, in a few fields of the OCSF event. */
export interface Action {
  /** The operation as its source names it (`CreateAccessKey`, `Microsoft.Compute/…/write`, `Sign-in activity`, `create pods/exec`). */
  readonly operation: string;
  /** OCSF `class_uid` and `activity_id`. */
  readonly classUid: number;
  readonly activityId: number;
  readonly outcome: 'success' | 'failure' | 'unknown';
  /** The service or application it was done to (`sts.amazonaws.com`, the name of an application). */
  readonly service?: string | undefined;
  /** How somebody signed in, where the event is a sign-in and says so (`deviceCode`, `SAML`). */
  readonly method?: string | undefined;
  /** AWS account, Azure subscription, Entra tenant or ARM id of the cluster. */
  readonly account?: string | undefined;
  readonly from?: ActionOrigin | undefined;
}

/**
 * The few fields of an event that joining it with others needs: what stateful rules, identities and incidents are made of. Plain data,
 * immutable; the same event always gives the same observation.
 */
export interface Observation {
  /** The event's. */
  readonly id: string;
  readonly source: SourceId;
  readonly recordId: string;
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** Key of the entity that acted, as the event itself says. */
  readonly principal: string;
  /** The same for all rows of one operation that its source writes in several. */
  readonly operation?: string | undefined;
  readonly entities: readonly Entity[];
  readonly action: Action;
  /** Those that raise alerts: none that an exception suppresses. */
  readonly signals: readonly Signal[];
  /** Of rules that stateful rules name. */
  readonly matches: readonly RuleMatch[];
  readonly links: readonly Link[];
  readonly posture: readonly PostureChange[];
  /** Whether it tells how somebody came in: a person signed in, or a workload of another cloud took on a role. */
  readonly entry?: true | undefined;
}
