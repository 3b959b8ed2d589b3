import type { IncidentGroup, IncidentStep, PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { LEVELS } from '../../timeline/signal.ts';
import { deedsOf, phraseOf, type Deed } from './deed.ts';
import { inOneNetwork } from './origin.ts';
import type { People } from './people.ts';
import type { Phrase } from './phrase.ts';
import { sentenceOf, type Told } from './sentence.ts';
import { isRoleTaken, isSignIn } from './sign-in.ts';

/** No story has more steps: of longer ones the gravest are told, and how many are left out. */
export const MOST_STEPS = 120;
const MOST_EVENT_IDS = 20;

/** A step, and what titles and graphs are made of. */
export interface ToldStep {
  readonly deed: Deed;
  readonly phrase: Phrase;
  readonly step: IncidentStep;
}

export interface Story {
  /** In order of time. */
  readonly steps: readonly ToldStep[];
  /** The events that the story is made of, those of steps that are left out too; in order of time. */
  readonly told: readonly Observation[];
  /** One line a step, with its time; last, how many steps are left out. */
  readonly lines: readonly string[];
}

/**
 * What happened, step by step: the events of the alerts, and how those who caused them came in.
 * @param observations all of the group, each once, in order of time, then of id
 */
export function storyOf(
  group: IncidentGroup,
  observations: readonly Observation[],
  people: People,
  names: PrincipalNames,
): Story {
  const alertsOf = new Map<string, IncidentGroup['alerts'][number][]>();
  for (const one of group.alerts) {
    for (const { id } of one.events) {
      const known = alertsOf.get(id);
      if (known === undefined) alertsOf.set(id, [one]);
      else known.push(one);
    }
  }
  const told = observations.filter(tellsEntry(observations, alertsOf, names));
  const deeds = deedsOf(told, alertsOf, names);
  const kept = gravest(deeds);
  const isNew = newNetworks(observations, names);
  const sofar: Told = { as: new Map(), where: new Map(), from: new Map() };
  const steps = kept.map((deed) => {
    const phrase = phraseOf(deed, people);
    const first = deed.operations[0]?.told;
    const text = sentenceOf(deed, phrase, people, sofar, first !== undefined && isNew.has(first.id));
    return { deed, phrase, step: stepOf(deed, text) };
  });
  const lines = steps.map(({ step }) => `${shownTime(step.time)}  ${step.text}`);
  const left = deeds.length - kept.length;
  if (left > 0) lines.push(`and ${left} more ${left === 1 ? 'step' : 'steps'} of lesser weight`);
  return { steps, told, lines };
}

/** UTC, to the second. */
const shownTime = (time: number): string => new Date(time).toISOString().replace('T', ' ').slice(0, 19);

function stepOf({ operations, principal, alerts, time, last }: Deed, text: string): IncidentStep {
  const events = operations.flatMap(({ rows }) => rows);
  return {
    time,
    last,
    count: events.length,
    source: events[0]?.source ?? 'json',
    principal,
    text,
    eventIds: events.slice(0, MOST_EVENT_IDS).map(({ id }) => id),
    alertIds: alerts.map(({ alert }) => alert.id),
    techniques: [...new Set(alerts.flatMap(({ alert }) => alert.techniques))],
  };
}

const gravity = ({ alerts }: Deed): number =>
  alerts.reduce((most, { alert }) => Math.max(most, LEVELS.indexOf(alert.severity)), -1);

/** As many as a story may have, the gravest first chosen, of those the earliest; in order of time. */
function gravest(deeds: readonly Deed[]): readonly Deed[] {
  if (deeds.length <= MOST_STEPS) return deeds;
  const kept = new Set(deeds.toSorted((a, b) => gravity(b) - gravity(a)).slice(0, MOST_STEPS));
  return deeds.filter((deed) => kept.has(deed));
}

/**
 * Which events are told: those of alerts, and of the sign-ins and roles taken around them those that show how somebody came in: from an
 * address, or with a session or credential, of the alerts. Where there is none for a principal, the last sign-in that succeeded before its first alert.
 */
function tellsEntry(
  observations: readonly Observation[],
  alertsOf: ReadonlyMap<string, unknown>,
  names: PrincipalNames,
): (observation: Observation) => boolean {
  const marks = new Map<string, Set<string>>();
  const first = new Map<string, number>();
  for (const one of observations) {
    if (!alertsOf.has(one.id)) continue;
    const principal = names.principalOf(one);
    const known = marks.get(principal) ?? new Set();
    for (const { key, part } of one.entities) if (part === 'credential' || isAddress(key)) known.add(key);
    marks.set(principal, known);
    if (!first.has(principal)) first.set(principal, one.time);
  }
  const shares = (one: Observation) => {
    const of = marks.get(names.principalOf(one));
    return of !== undefined && one.entities.some(({ key }) => of.has(key));
  };
  const entries = new Set<string>();
  const shown = new Set<string>();
  const fallback = new Map<string, string>();
  for (const one of observations) {
    if (!isSignIn(one) && !isRoleTaken(one)) continue;
    const principal = names.principalOf(one);
    if (alertsOf.has(one.id) || shares(one)) {
      entries.add(one.id);
      shown.add(principal);
    } else if (one.action.outcome === 'success' && one.time <= (first.get(principal) ?? -Infinity)) {
      fallback.set(principal, one.id);
    }
  }
  for (const [principal, id] of fallback) if (!shown.has(principal)) entries.add(id);
  return ({ id }) => alertsOf.has(id) || entries.has(id);
}

const isAddress = (key: string): boolean => key.startsWith('ip:');

/** Of somebody who signs in from so many networks none is new. */
const MOST_NETWORKS = 50;

/** Ids of sign-ins that came from a network from which their principal had not signed in before, as far as is known here. */
function newNetworks(observations: readonly Observation[], names: PrincipalNames): ReadonlySet<string> {
  const isNew = new Set<string>();
  const seen = new Map<string, Observation[]>();
  for (const one of observations) {
    const { from, outcome } = one.action;
    if (!isSignIn(one) || from?.ip === undefined) continue;
    const principal = names.principalOf(one);
    const before = seen.get(principal) ?? [];
    const same = before.map(({ action }) => action.from && inOneNetwork(action.from, from));
    if (same.includes(false) && !same.includes(true) && before.length < MOST_NETWORKS) isNew.add(one.id);
    // A try that failed may be anybody's.
    if (outcome === 'success' && !same.includes(true) && before.length < MOST_NETWORKS)
      seen.set(principal, [...before, one]);
  }
  return isNew;
}
