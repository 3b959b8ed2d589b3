import { Correlator, type CorrelatedRules, type CorrelatorOptions } from '../detection/correlation/correlator.ts';
import type { Summary } from '../detection/correlation/group-state.ts';
import { incidentOf } from '../incidents/incident-of.ts';
import { IncidentGroups } from '../incidents/joining/incident-groups.ts';
import { MAX_KEPT_EVENTS, type StatefulAlert } from '../incidents/stateful-alerts.ts';
import { PostureConditions, type ConditionEpisode } from '../posture/posture-conditions.ts';
import type { PostureSummary } from '../posture/posture-summary.ts';
import type { Directory } from '../timeline/identity/directory.ts';
import type { Link } from '../timeline/identity/link.ts';
import type { Incident, IncidentAlert, IncidentGroup } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import { Identities } from './identities.ts';
import { RaisedAlerts, type Finding } from './raised-alerts.ts';

/** Alerts further apart than this are not joined, unless what is between them joins both: milliseconds. */
export const DEFAULT_HORIZON = 24 * 3_600_000;

export interface EngineOptions {
  readonly rules: CorrelatedRules;
  readonly directory?: Directory | undefined;
  readonly horizon?: number | undefined;
  readonly networks?: CorrelatorOptions<Observation>['networks'];
}

/** What became of alerts and incidents since it was last asked. */
export interface Changes {
  /** Alerts of stateful rules, new or changed. */
  readonly alerts: readonly StatefulAlert[];
  readonly withdrawnAlerts: readonly string[];
  readonly incidents: readonly Incident[];
  /** Incidents that are none any more, and which one took in their alerts. */
  readonly goneIncidents: readonly { readonly id: string; readonly into: string | undefined }[];
  /** What is weak or was, new or changed. */
  readonly conditions: readonly ConditionEpisode[];
  /** Ids. */
  readonly goneConditions: readonly string[];
}

/** A finding of a stateful rule, by which its alert is known when its events are not looked at any more. */
export interface KeptFinding extends Pick<Finding, 'key' | 'signal' | 'time'> {
  readonly eventIds: readonly string[];
}

/** What a forgetting engine no longer holds, and what is to be kept in place of it. */
export interface Forgotten {
  readonly observations: readonly string[];
  /** New, or changed. */
  readonly findings: readonly KeptFinding[];
  /** All there are. */
  readonly summaries: readonly Summary[];
  /** All links that are left, where some were dropped. */
  readonly links: readonly Link[] | undefined;
  /** Of what changed by forgetting; one that says nothing need not be kept. */
  readonly posture: readonly PostureSummary[];
}

/** What an engine is restored from. */
export interface Kept {
  readonly observations: readonly Observation[];
  readonly links: readonly Link[];
  readonly findings: readonly KeptFinding[];
  readonly summaries: readonly Summary[];
  readonly posture: readonly PostureSummary[];
}

/**
 * Joins observations across sources: who is behind them, what stateful rules make of them, which alerts they raise and which incidents
 * these are. In memory, without time or storage of its own. Everything it says is a function of the set of observations taken (and
 * of what it was told to forget): their order, and how often it was asked between, make no difference.
 */
export class CorrelationEngine {
  readonly #horizon: number;
  readonly #identities: Identities;
  readonly #correlator: Correlator<Observation>;
  readonly #alerts = new RaisedAlerts();
  readonly #groups: IncidentGroups;
  readonly #posture = new PostureConditions();
  readonly #observations = new Map<string, Observation>();
  readonly #standing = new Map<string, IncidentGroup>();
  readonly #incidents = new Map<string, Incident>();

  constructor({ rules, directory, horizon = DEFAULT_HORIZON, networks }: EngineOptions) {
    this.#horizon = horizon;
    this.#identities = new Identities(directory);
    this.#correlator = new Correlator<Observation>(rules, { names: this.#identities, networks });
    this.#groups = new IncidentGroups(this.#identities, { horizon });
  }

  /** Takes in an observation. @returns false where it was known */
  take(observation: Observation): boolean {
    if (this.#observations.has(observation.id)) return false;
    this.#observations.set(observation.id, observation);
    this.#identities.learn(observation.links);
    this.#identities.note(observation);
    if (observation.matches.length > 0) this.#correlator.addMatches(observation, observation.matches);
    if (observation.signals.length > 0) this.#alerts.add(observation);
    if (observation.posture.length > 0) this.#posture.take(observation);
    if (observation.entry === true) this.#groups.context(observation);
    return true;
  }

  /** Takes in links alone, of events that have no other part in anything. */
  learn(links: readonly Link[]): void {
    this.#identities.learn(links);
  }

  /** Keys of findings that are kept and stand no more, each once. */
  takeLostFindings(most: number): readonly string[] {
    return this.#alerts.takeLost(most);
  }

  /** Links learned since this was last called. */
  takeLinks(): readonly Link[] {
    return this.#identities.takeFresh();
  }

  /**
   * What changed since this was last called.
   * @param decided event time up to which nothing more is expected: of what is absent or in proportion, only what lies before counts
   */
  settle(decided = Infinity): Changes {
    const { keys, observations } = this.#identities.takeChanges();
    if (keys.length > 0) {
      this.#correlator.regroup(observations);
      this.#groups.principalsChanged(keys);
    }
    const { found, withdrawn } = this.#correlator.settle(decided);
    for (const key of withdrawn) this.#alerts.lose(key);
    for (const finding of found) this.#alerts.find(finding);
    const { changed, stateful } = this.#alerts.takeChanges();
    for (const [id, alert] of changed) {
      if (alert === undefined) this.#groups.withdraw(id);
      else this.#groups.put(alert);
    }
    const posture = this.#posture.settle();
    return {
      alerts: stateful.written,
      withdrawnAlerts: stateful.withdrawn,
      ...this.#settleIncidents(stateful.written),
      conditions: posture.changed,
      goneConditions: posture.gone,
    };
  }

  #settleIncidents(written: readonly StatefulAlert[]): Pick<Changes, 'incidents' | 'goneIncidents'> {
    const { changed, gone } = this.#groups.settle();
    const incidents: Incident[] = [];
    const goneIncidents: { id: string; into: string | undefined }[] = [];
    for (const { id, into } of gone) {
      const heir = into ?? heirOf(this.#standing.get(id), changed, written);
      this.#standing.delete(id);
      if (this.#incidents.delete(id)) goneIncidents.push({ id, into: heir });
    }
    for (const group of changed) {
      this.#standing.set(group.id, group);
      const incident = incidentOf(group, this.#identities);
      if (incident !== undefined) {
        this.#incidents.set(group.id, incident);
        incidents.push(incident);
      } else if (this.#incidents.delete(group.id)) goneIncidents.push({ id: group.id, into: undefined });
    }
    return { incidents, goneIncidents };
  }

  /** What is weak or was, as far as it is not forgotten. */
  conditions(): readonly ConditionEpisode[] {
    return this.#posture.all();
  }

  /** Everything of the stateful rules and incidents that stands, in order of first event, then of id. */
  incidents(): Incident[] {
    return [...this.#incidents.values()].sort((a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1));
  }

  /** What stateful rules found and stands, in order of time, then of key. */
  findings(): readonly Finding[] {
    return this.#alerts.findings();
  }

  /** All alerts that stand, in order of first event, then of id. */
  alerts(): IncidentAlert[] {
    return this.#alerts.all();
  }

  /** How many observations are held. */
  get size(): number {
    return this.#observations.size;
  }

  get links(): number {
    return this.#identities.size;
  }

  /** An observation that is held. */
  get(id: string): Observation | undefined {
    return this.#observations.get(id);
  }

  /**
   * Drops what nothing that may still come can change. To be called when all that was taken is settled.
   * @param before event time up to which nothing more is expected, milliseconds since 1970-01-01T00:00:00Z
   */
  forget(before: number): Forgotten {
    const old = before - this.#horizon;
    for (const [id, group] of this.#standing) {
      if (group.alerts.some(({ alert }) => alert.lastSeen >= old)) continue;
      for (const { alert } of group.alerts) this.#alerts.forget(alert.id);
      this.#standing.delete(id);
      this.#incidents.delete(id);
    }
    this.#groups.forget(old);
    const findings = this.#alerts.takeOld(before).map(({ events, key, signal, time }) => ({
      ...{ key, signal, time },
      eventIds: events.slice(0, MAX_KEPT_EVENTS).map(({ id }) => id),
    }));
    const summaries = this.#correlator.forget(before);
    const posture = this.#posture.forget(before);
    const observations = this.#forgetObservations(before);
    const links = this.#identities.forgetLinks(before) === 0 ? undefined : this.#identities.links();
    return { observations, findings, summaries, links, posture };
  }

  #forgetObservations(before: number): string[] {
    const needed = new Set(
      [...this.#standing.values()].flatMap(({ alerts }) => alerts.flatMap(({ events }) => events.map(({ id }) => id))),
    );
    const forgotten: string[] = [];
    for (const [id, observation] of this.#observations) {
      if (observation.time >= before - this.#spanOf(observation) || needed.has(id)) continue;
      if (this.#correlator.holds(id) || this.#groups.holds(id)) continue;
      this.#observations.delete(id);
      this.#identities.forget(observation);
      forgotten.push(id);
    }
    return forgotten;
  }

  /** A watermark by which `forget` leaves about so many observations, of those that no alert holds. */
  timeToKeep(most: number): number {
    const times = Float64Array.from(this.#observations.values(), (one) => one.time + this.#spanOf(one)).sort();
    return times[Math.max(0, times.length - Math.ceil(most * 0.9))] ?? -Infinity;
  }

  /** For how long an observation may have a part in something, when no alert that stands and no stateful rule holds it. */
  #spanOf({ id, signals }: Observation): number {
    return signals.length > 0 || this.#groups.holds(id) ? this.#horizon : 0;
  }

  /** Takes back what was kept, before anything else is taken. */
  restore({ observations, links, findings, summaries, posture }: Kept): void {
    this.#correlator.restore(summaries);
    this.#posture.restore(posture);
    this.learn(links);
    this.takeLinks();
    for (const observation of observations.toSorted((a, b) => a.time - b.time)) this.take(observation);
    for (const { eventIds, ...finding } of findings) {
      const events = eventIds.flatMap((id) => this.#observations.get(id) ?? []);
      this.#alerts.restore({ ...finding, events });
    }
  }
}

/** Of an incident whose alerts are no more, the one that has an alert which took the place of one of them: what people said of it holds there. */
function heirOf(
  gone: IncidentGroup | undefined,
  changed: readonly IncidentGroup[],
  written: readonly StatefulAlert[],
): string | undefined {
  const before = new Set(gone?.alerts.map(({ alert }) => alert.id));
  const heirs = new Set(
    written.filter(({ replaces }) => replaces.some((id) => before.has(id))).map(({ alert }) => alert.id),
  );
  return changed.find(({ alerts }) => alerts.some(({ alert }) => heirs.has(alert.id)))?.id;
}
