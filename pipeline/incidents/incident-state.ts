import type { Incident } from '../timeline/incident.ts';
import { LEVELS, type Level } from '../timeline/signal.ts';

/** How far people are with an incident. */
export type IncidentState = 'open' | 'acknowledged' | 'contained' | 'closed';

/** The most urgent first. */
export const INCIDENT_STATES: readonly IncidentState[] = ['open', 'acknowledged', 'contained', 'closed'];

/** What a closed incident was. */
export type Verdict = 'true-positive' | 'benign' | 'false-positive';

export const VERDICTS: readonly Verdict[] = ['true-positive', 'benign', 'false-positive'];

/** What an incident held when it was closed. */
export interface Seen {
  readonly alerts: readonly string[];
  /** Ids of the rules of these alerts. */
  readonly rules: readonly string[];
  readonly severity: Level;
}

/** The state that a person gave an incident. */
export interface Review {
  readonly state: IncidentState;
  readonly by: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
  readonly note?: string | undefined;
  /** Of the incident as that person saw it. */
  readonly revision: number;
  /** Of a closed one. */
  readonly closed?: { readonly verdict: Verdict; readonly seen: Seen } | undefined;
}

/** What people made of an incident, and of those that it took in. */
export interface Reviewed {
  /** The first revision in which there was such an incident. */
  readonly since: number;
  /** Oldest first. */
  readonly reviews: readonly Review[];
  /** Each with the revision in which it went into this one. */
  readonly merged: readonly { readonly revision: number; readonly reviewed: Reviewed }[];
}

/** Where an incident stands. */
export interface Standing {
  readonly state: IncidentState;
  /** Of a closed one. */
  readonly verdict?: Verdict | undefined;
  /** What opened it again after it was closed. */
  readonly reopened?: string | undefined;
}

/** From which states a person can bring an incident to a state. */
const FROM: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  open: ['acknowledged', 'contained', 'closed'],
  acknowledged: ['open'],
  contained: ['open', 'acknowledged'],
  closed: ['open', 'acknowledged', 'contained'],
};

/** Whether a person can bring an incident from one state to another. */
export const canBecome = (from: IncidentState, to: IncidentState): boolean => FROM[to].includes(from);

/**
 * The reviews that decide where an incident stands; undefined for one that nobody looked at. A review of an incident decides for all that
 * it had taken in by then. What was taken in later keeps its own say. An incident that is only the new name of one, because an earlier alert
 * was found, has no say of its own until somebody reviews it.
 */
export function decidingReviews({ since, reviews, merged }: Reviewed): readonly (Review | undefined)[] {
  const last = reviews.at(-1);
  const later = merged.filter(({ revision }) => last === undefined || revision > last.revision);
  const theirs = later.flatMap(({ reviewed }) => decidingReviews(reviewed));
  const renamed = last === undefined && later.length > 0 && later.every(({ revision }) => revision <= since);
  return renamed ? theirs : [last, ...theirs];
}

/** Alerts that nobody saw who closed the incident; none where it is not closed. */
export function unseenAlerts(
  incident: Pick<Incident, 'alertIds'>,
  deciding: readonly (Review | undefined)[],
): string[] {
  const seen = deciding.map((review) => review?.closed?.seen);
  if (seen.includes(undefined)) return [];
  const known = new Set(seen.flatMap((each) => each?.alerts ?? []));
  return incident.alertIds.filter((id) => !known.has(id));
}

/**
 * Where an incident stands by the reviews that decide: at the most urgent of their states. Closed ones are open again where an alert joined
 * that nobody saw at closing; where all were closed as benign or as false positives, only if the severity rose or a new rule joined with it.
 * @param ruleOf the rule of an alert that nobody saw; undefined where it is not known, which counts as new
 */
export function standingOf(
  incident: Pick<Incident, 'alertIds' | 'severity'>,
  deciding: readonly (Review | undefined)[],
  ruleOf: (alertId: string) => { readonly id: string; readonly title: string } | undefined,
): Standing {
  const states = deciding.map((review) => review?.state ?? 'open');
  const state = INCIDENT_STATES.find((each) => states.includes(each)) ?? 'open';
  if (state !== 'closed') return { state };
  const closings = deciding.flatMap((review) => review?.closed ?? []);
  const reopened = reopening(incident, closings, unseenAlerts(incident, deciding), ruleOf);
  if (reopened !== undefined) return { state: 'open', reopened };
  return { state, verdict: VERDICTS.find((verdict) => closings.some((closing) => closing.verdict === verdict)) };
}

function reopening(
  { severity }: Pick<Incident, 'severity'>,
  closings: readonly NonNullable<Review['closed']>[],
  unseen: readonly string[],
  ruleOf: Parameters<typeof standingOf>[2],
): string | undefined {
  const [first] = unseen;
  if (first === undefined) return undefined;
  const joined = `${unseen.length === 1 ? 'an alert' : `${unseen.length} alerts`} joined after it was closed`;
  const worst = LEVELS.findLast((level) => closings.some(({ seen }) => seen.severity === level)) ?? severity;
  if (LEVELS.indexOf(severity) > LEVELS.indexOf(worst)) {
    return `${joined}, and its severity rose from ${worst} to ${severity}`;
  }
  const rules = new Set(closings.flatMap(({ seen }) => seen.rules));
  const fresh = unseen.find((id) => !rules.has(ruleOf(id)?.id ?? ''));
  if (fresh !== undefined) {
    const rule = ruleOf(fresh);
    return rule === undefined ? `${joined}: ${fresh}` : `${joined}, by a rule that had no part in it: ${rule.title}`;
  }
  return closings.some(({ verdict }) => verdict === 'true-positive') ? joined : undefined;
}
