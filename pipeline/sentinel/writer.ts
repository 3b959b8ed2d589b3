import type { ArmClient } from '../../platform/azure/arm.ts';
import type { Level } from '../timeline/signal.ts';
import type { SentinelIncident } from './incident.ts';

/** A next step for whoever works on the incident. */
export interface NextStep {
  /** The same for the same step of an incident, whenever it is suggested: the name of a playbook. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
}

/** What is to stand in an incident. */
export interface IncidentAdditions {
  /** The living comment, in the HTML that Sentinel shows; under 30,000 characters, see `cutSections`. */
  readonly comment: string;
  /** Labels that it is to have beside those that it has. */
  readonly labels: readonly string[];
  /** How bad Crosstrail holds it to be; undefined where it says nothing of it. What becomes of it the configuration decides. */
  readonly severity?: Level | undefined;
  /** The most urgent first. */
  readonly tasks: readonly NextStep[];
}

/** What became of each part. `refused`: the service did not take it, and the note says why; the other parts were tried all the same. */
export type Outcome = 'written' | 'unchanged' | 'left-out' | 'refused';

export interface WriteReport {
  readonly comment: Outcome;
  readonly incident: Outcome;
  readonly tasks: { readonly written: number; readonly unchanged: number; readonly leftOut: number };
  /** Whether the incident is not there any more, or went into another: nothing more was written. */
  readonly gone: boolean;
  /** What was not done and why, for people. */
  readonly notes: readonly string[];
}

/** Writes what Crosstrail knows into one incident of Sentinel. Safe to run again: what stands there already is not written anew. */
export interface IncidentWriter {
  /** @throws ArmError where the service cannot be asked at all, or wants to be asked later */
  write(incident: SentinelIncident, additions: IncidentAdditions): Promise<WriteReport>;
}

export interface WriterOptions {
  readonly arm: ArmClient;
  /** Whether the severity of incidents may be changed: never, only raised, or set either way. */
  readonly severity: 'never' | 'raise' | 'set';
  readonly tasks: boolean;
}
