import type { JsonObject } from '../../platform/json.ts';
import type { SourceId } from '../../pipeline/timeline/event.ts';

/** The sources that chains have records of. */
export type ChainSource = Extract<SourceId, 'entra' | 'azure-activity' | 'aks-audit' | 'cloudtrail'>;

/** One record of a chain, as its source writes it. */
export interface ChainRecord {
  readonly source: ChainSource;
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  readonly record: JsonObject;
}

/** What the one incident of a chain is to say. */
export interface ChainExpectation {
  /** Principals that it has among its own: user principal names of people, names of applications, user names of a cluster. */
  readonly principals: readonly [string, ...string[]];
  readonly clouds: readonly string[];
  /** Operations of the attack on which a rule is to fire, in order of time, each as its source names it. */
  readonly steps: readonly string[];
  /** ATT&CK v19: techniques that the alerts carry among others. */
  readonly techniques: readonly string[];
}

/** An attack, from the first sign-in to what it was for, as the records that it leaves behind. */
export interface Chain {
  /** In the form of a file name. */
  readonly name: string;
  /** In order of event time. */
  readonly records: readonly ChainRecord[];
  /** A directory snapshot (`pipeline/timeline/identity/directory.ts`), where logs alone do not tell who is who. */
  readonly directory?: JsonObject | undefined;
  readonly expected: ChainExpectation;
}
