import type { Action, Plan } from '../../playbooks/contract/action.ts';
import type { Connections } from '../../playbooks/contract/connections.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Storage } from '../../platform/storage/ports.ts';
import type { Incident } from '../timeline/incident.ts';
import type { ApprovalRules } from './approval/decide.ts';
import type { EvidenceEntry } from './evidence.ts';
import type { Response } from './response.ts';

/** What responses stand on. */
export interface ResponsePorts {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly actions: ReadonlyMap<string, Action>;
  readonly connections: Connections;
  /** One's own egress, in CIDR notation. */
  readonly ownEgress: readonly string[];
  /** The incident of an id, or the one that it went into; undefined where there is none. */
  readonly incidentOf: (id: string) => Promise<Incident | undefined>;
  /** Why nothing more is to be begun about an incident, in words that fit after `not done, for`; undefined where it stands. */
  readonly whyOver?: ((incident: string) => Promise<string | undefined>) | undefined;
  /** Who may approve. */
  readonly approvers: ApprovalRules;
  /** Puts what was done on the timeline; undefined where there is none, as at a desk. May be given the same again. */
  readonly tell?: ((entries: readonly EvidenceEntry[]) => Promise<void>) | undefined;
  /** Notes, before anything is done, what audit logs will say of it, so that detections know one's own work; undefined where nothing detects. */
  readonly noteFootprint?: ((action: Action, plan: Plan, at: number) => Promise<void>) | undefined;
  /** Whether another process works on responses, and this one only asks it to: a deployment acts by its own identity, not by that of whoever is at the command. */
  readonly remote?: boolean | undefined;
  /** Tells people that they are asked. May tell the same again after a crash. Where it throws an ActionError of kind `busy`, it is asked to later. */
  readonly ask?: ((response: Response) => Promise<void>) | undefined;
  /** Is given a response after it was worked on; may be given the same again. */
  readonly worked?: ((response: Response) => Promise<void>) | undefined;
  /** Is shown each entry of the evidence, in order; after a crash the same may come again. */
  readonly show?: ((entry: EvidenceEntry) => void) | undefined;
}

/** Messages are ids of responses to be worked on. */
export const RESPONSE_QUEUE = 'responses';
