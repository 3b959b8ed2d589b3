import type { Incident, IncidentGroup, IncidentPrincipal, PrincipalNames } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { LEVELS } from '../timeline/signal.ts';
import { cloudsOf } from './clouds.ts';
import { stronger } from './alert.ts';
import { graphOf } from './graph.ts';
import { MEDIUM, scoreOf } from './score.ts';
import { People } from './story/people.ts';
import { storyOf } from './story/story.ts';
import { tacticChain } from './tactic-chain.ts';
import { titleOf } from './title.ts';

const MOST_PRINCIPALS = 50;

/**
 * What alerts that belong together say: an incident with its score, title, story and graph. A function of the group and the names alone; the same
 * whatever the order of its lists.
 * @returns undefined where they are not worth an incident: all of them low or only counted, and under medium together
 */
export function incidentOf(group: IncidentGroup, names: PrincipalNames): Incident | undefined {
  const alerts = group.alerts.toSorted(
    (a, b) => a.alert.firstSeen - b.alert.firstSeen || (a.alert.id < b.alert.id ? -1 : 1),
  );
  if (alerts.length === 0) return undefined;
  const { score, severity, reasons, grounds } = scoreOf(alerts);
  const isRoutine = alerts.every(
    ({ alert }) => alert.decision === 'monitor' || LEVELS.indexOf(alert.severity) <= LEVELS.indexOf('low'),
  );
  if (isRoutine && score < MEDIUM) return undefined;

  const observations = inOrder([...alerts.flatMap(({ events }) => events), ...group.context]);
  const people = new People(observations, names);
  const story = storyOf({ ...group, alerts }, observations, people, names);
  // Whoever failed in all is whom it was tried with, not who did it.
  const acted = principalsOf(
    story.told.filter(({ action }) => action.outcome !== 'failure'),
    people,
    names,
  );
  const principals = acted.length > 0 ? acted : principalsOf(story.told, people, names);
  const { told } = story;
  const techniques = [...new Set(alerts.flatMap(({ alert }) => alert.techniques))];
  return {
    id: group.id,
    title: titleOf(story.steps, principals),
    severity,
    score,
    reasons,
    decision: alerts.map(({ alert }) => alert.decision).reduce(stronger),
    grounds,
    principals,
    clouds: cloudsOf(told.map(({ source }) => source)),
    sources: [...new Set(told.map(({ source }) => source))],
    techniques,
    tactics: tacticChain(techniques),
    firstSeen: alerts.reduce((first, { alert }) => Math.min(first, alert.firstSeen), Infinity),
    lastSeen: alerts.reduce((last, { alert }) => Math.max(last, alert.lastSeen), -Infinity),
    steps: story.steps.map(({ step }) => step),
    story: story.lines,
    graph: graphOf(story.steps, group.joins, people, names),
    joins: group.joins,
    alertIds: alerts.map(({ alert }) => alert.id),
    eventIds: [...new Set(told.map(({ recordId }) => recordId))],
  };
}

/** Each once, in order of time, then of id. */
function inOrder(observations: readonly Observation[]): Observation[] {
  const byId = new Map(observations.map((one) => [one.id, one]));
  return [...byId.values()].sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1));
}

/** Those who acted: people before workloads, those before shared names; of a kind in the order in which they were met. */
function principalsOf(told: readonly Observation[], people: People, names: PrincipalNames): IncidentPrincipal[] {
  const KINDS: readonly IncidentPrincipal['kind'][] = ['person', 'workload', 'unknown'];
  const met = [...new Set(told.map((one) => names.principalOf(one)))].map((id) => people.of(id));
  return met.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)).slice(0, MOST_PRINCIPALS);
}
