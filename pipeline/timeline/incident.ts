import type { Alert } from './alert.ts';
import type { IncidentContext } from './context.ts';
import type { SourceId } from './event.ts';
import type { Observation } from './observation.ts';
import type { Decision, Level } from './signal.ts';

/** An alert with the observations of all its events, in order of time, then of id. */
export interface IncidentAlert {
  readonly alert: Alert;
  readonly events: readonly Observation[];
}

/** Who is behind the keys that events name, as far as the links learned by now tell. */
export interface PrincipalNames {
  /** The key that stands for the principal behind an event: that of its credential first, then its own. */
  principalOf(event: Pick<Observation, 'principal' | 'entities'>): string;
  /** The key that stands for the principal of a key: itself, where nothing joins it. */
  resolve(key: string): string;
  /** All other keys of a principal, in order of key; credentials among them. */
  aliasesOf(principal: string): readonly string[];
  /** A name for people that a directory or an event of whatever incident gave the key. The same whatever the order in which they came. */
  labelOf?(key: string): string | undefined;
}

/** Why two alerts are in one incident. */
export interface Join {
  /** Alert ids, the smaller first. */
  readonly alerts: readonly [string, string];
  readonly by: 'principal' | 'session' | 'resource' | 'link';
  /** The key that both have. */
  readonly key: string;
}

/** Alerts that belong together, before it is said what they amount to. */
export interface IncidentGroup {
  /** Deterministic: of the earliest alert, by time of its first event, then by id. */
  readonly id: string;
  /** In order of first event, then of id. */
  readonly alerts: readonly IncidentAlert[];
  /** Enough of them to connect all alerts; in order of the alerts' ids. */
  readonly joins: readonly Join[];
  /** Events without alerts that tell how somebody came in: sign-ins and role sessions of its principals, in order of time. */
  readonly context: readonly Observation[];
}

export interface IncidentPrincipal {
  readonly id: string;
  /** A name for people: a user principal name, an e-mail address, the name of a service account. */
  readonly label: string;
  readonly kind: 'person' | 'workload' | 'unknown';
  readonly aliases: readonly string[];
}

/** One thing that somebody did; rows of one operation, and the same operation again and again, are one step. */
export interface IncidentStep {
  /** Event time of its first and of its last event, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly last: number;
  /** How many events. */
  readonly count: number;
  readonly source: SourceId;
  readonly principal: string;
  /** A sentence for people, without the time: who did what to what, from where. Of text from records only bounded, printable pieces. */
  readonly text: string;
  /** Event ids. At most 20, the earliest. */
  readonly eventIds: readonly string[];
  readonly alertIds: readonly string[];
  readonly techniques: readonly string[];
}

export interface GraphNode {
  /** A canonical key. */
  readonly id: string;
  readonly label: string;
  readonly kind: 'principal' | 'session' | 'credential' | 'address' | 'resource';
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `signed in`, `assumed`, `used`, or the operation. */
  readonly label: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
}

/** Part of a score. */
export interface ScoreReason {
  readonly what: string;
  readonly points: number;
  /** Set where it holds the sum of the others to a bound. */
  readonly bound?: true | undefined;
}

/** What the alerts of an incident amount to by themselves: what else is known of it counts in proportion. */
export interface Grounds {
  readonly points: number;
  /** Whether one of them is critical. */
  readonly critical: boolean;
  /** Whether all of them are only counted. */
  readonly counted: boolean;
}

/** One story: alerts that belong together, who is behind them, and what they did, step by step. A function of the alerts and links alone. */
export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly severity: Level;
  /** 0 to 100. */
  readonly score: number;
  /** What the score is made of, for people: `{ what: 'two clouds', points: 15 }`. */
  readonly reasons: readonly ScoreReason[];
  /** What is to be done about it: the strongest that one of its alerts asks for, and what is known of what it touches. */
  readonly decision: Decision;
  readonly grounds: Grounds;
  /** What is known beside the logs; undefined where nobody was asked. */
  readonly context?: IncidentContext | undefined;
  readonly principals: readonly IncidentPrincipal[];
  /** `Azure`, `Microsoft Entra`, `Kubernetes`, `AWS`, in the order in which they were met. */
  readonly clouds: readonly string[];
  readonly sources: readonly SourceId[];
  /** ATT&CK v19. In the order in which they were first seen. */
  readonly techniques: readonly string[];
  readonly tactics: readonly string[];
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly steps: readonly IncidentStep[];
  /** The steps as text for people: one line each, with time. */
  readonly story: readonly string[];
  readonly graph: { readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[] };
  readonly joins: readonly Join[];
  /** In order of first event. */
  readonly alertIds: readonly string[];
  /** The records' own ids, in order of event time. */
  readonly eventIds: readonly string[];
}
