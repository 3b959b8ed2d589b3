import { compareTexts } from '../../platform/compare-texts.ts';
import { alertId, windowStart, withSignal, type Alert, type RaisedSignal } from '../incidents/alert.ts';
import { MAX_KEPT_EVENTS, type StatefulAlert } from '../incidents/stateful-alerts.ts';
import type { IncidentAlert } from '../timeline/incident.ts';
import type { Observation } from '../timeline/observation.ts';
import type { Signal } from '../timeline/signal.ts';

/** What a stateful rule found: its signal, the time at which it was first true, and the events that it is made of. */
export interface Finding {
  /** Unique among what stands. */
  readonly key: string;
  readonly signal: Signal;
  readonly time: number;
  /** In order of time, then of id. */
  readonly events: readonly Observation[];
}

/** What became of the alerts of stateful rules. */
export interface AlertChanges {
  readonly written: readonly StatefulAlert[];
  readonly withdrawn: readonly string[];
}

/** An alert as it stands. */
interface Standing {
  alert: Alert;
  /** In order of time, then of id; no more than are kept. */
  events: Observation[];
}

/** The alerts that observations raise, by themselves and through stateful rules. The same observations in any order give the same. */
export class RaisedAlerts {
  readonly #single = new Map<string, Standing>();
  readonly #findings = new Map<string, { finding: Finding; alert: string }>();
  readonly #keysOfAlert = new Map<string, Set<string>>();
  readonly #stateful = new Map<string, Standing>();
  /** Keys of findings that are kept beside the observations, and of those that were and stand no more. */
  readonly #kept = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #dirtySingle = new Set<string>();
  readonly #dirtyStateful = new Set<string>();

  /** Adds the signals of an observation, which must be new. */
  add(observation: Observation): void {
    const signals = new Map(observation.signals.map((signal) => [signal.rule.id, signal]));
    for (const signal of signals.values()) {
      const raised: RaisedSignal = { signal, event: observation };
      const id = alertId(raised);
      const known = this.#single.get(id);
      const alert = withSignal(known?.alert, raised);
      if (known === undefined) this.#single.set(id, { alert, events: [observation] });
      else {
        known.alert = alert;
        insert(known.events, observation);
      }
      this.#dirtySingle.add(id);
    }
  }

  find(finding: Finding): void {
    this.lose(finding.key);
    const [first] = finding.events;
    if (first === undefined) return;
    const id = alertId({ signal: finding.signal, event: { ...first, time: finding.time } });
    this.#findings.set(finding.key, { finding, alert: id });
    const keys = this.#keysOfAlert.get(id);
    if (keys === undefined) this.#keysOfAlert.set(id, new Set([finding.key]));
    else keys.add(finding.key);
    this.#dirtyStateful.add(id);
  }

  /** The finding of a key stands no more. */
  lose(key: string): void {
    const known = this.#findings.get(key);
    if (known === undefined) return;
    this.#findings.delete(key);
    if (this.#kept.delete(key)) this.#lost.add(key);
    const keys = this.#keysOfAlert.get(known.alert);
    keys?.delete(key);
    if (keys?.size === 0) this.#keysOfAlert.delete(known.alert);
    this.#dirtyStateful.add(known.alert);
  }

  /** What changed since this was last called: all alerts by id, undefined where there is none any more, and of stateful rules what is to be written. */
  takeChanges(): { changed: ReadonlyMap<string, IncidentAlert | undefined>; stateful: AlertChanges } {
    const changed = new Map<string, IncidentAlert | undefined>();
    for (const id of this.#dirtySingle) changed.set(id, incidentAlert(this.#single.get(id)));
    this.#dirtySingle.clear();
    const written: StatefulAlert[] = [];
    const withdrawn = new Map<string, Standing>();
    for (const id of this.#dirtyStateful) {
      const before = this.#stateful.get(id);
      const made = this.#make(id);
      changed.set(id, incidentAlert(made?.standing));
      if (made !== undefined) {
        this.#stateful.set(id, made.standing);
        written.push({ alert: made.standing.alert, start: made.start, events: made.standing.events, replaces: [] });
      } else if (before !== undefined) {
        this.#stateful.delete(id);
        withdrawn.set(id, before);
      }
    }
    this.#dirtyStateful.clear();
    return {
      changed,
      stateful: {
        written: written.map((one) => ({ ...one, replaces: replacedBy(one, withdrawn) })),
        withdrawn: [...withdrawn.keys()],
      },
    };
  }

  findings(): Finding[] {
    return [...this.#findings.values()]
      .map(({ finding }) => finding)
      .sort((a, b) => a.time - b.time || compareTexts(a.key, b.key));
  }

  /** All that stand, in order of first event, then of id. */
  all(): IncidentAlert[] {
    return [...this.#single.values(), ...this.#stateful.values()]
      .map(({ alert, events }) => ({ alert, events: [...events] }))
      .sort((a, b) => a.alert.firstSeen - b.alert.firstSeen || compareTexts(a.alert.id, b.alert.id));
  }

  /** Findings that began before a time, as far as they were not given yet or changed since: what they are made of may be forgotten, they are to be kept. */
  takeOld(before: number): Finding[] {
    const old: Finding[] = [];
    for (const [key, { finding }] of this.#findings) {
      if (this.#kept.has(key) || (finding.events[0]?.time ?? 0) >= before) continue;
      this.#kept.add(key);
      old.push(finding);
    }
    return old;
  }

  /** Keys of those given by `takeOld` that stand no more, each once. */
  takeLost(most: number): readonly string[] {
    const lost: string[] = [];
    for (const key of this.#lost) {
      if (lost.length >= most) break;
      this.#lost.delete(key);
      if (!this.#findings.has(key)) lost.push(key);
    }
    return lost;
  }

  /** Takes back what `takeOld` gave, after a restart. */
  restore(finding: Finding): void {
    this.find(finding);
    this.#kept.add(finding.key);
  }

  /** Drops an alert without a word: it is too old to change. */
  forget(id: string): void {
    this.#single.delete(id);
    this.#stateful.delete(id);
    for (const key of this.#keysOfAlert.get(id) ?? []) {
      this.#findings.delete(key);
      if (this.#kept.delete(key)) this.#lost.add(key);
    }
    this.#keysOfAlert.delete(id);
  }

  #make(id: string): { standing: Standing; start: number } | undefined {
    const findings = [...(this.#keysOfAlert.get(id) ?? [])].flatMap((key) => this.#findings.get(key)?.finding ?? []);
    const [first] = findings.sort((a, b) => a.time - b.time || compareTexts(a.key, b.key));
    const [earliest] = first?.events ?? [];
    if (first === undefined || earliest === undefined) return undefined;
    const events = new Map(findings.flatMap((finding) => finding.events.map((event) => [event.id, event] as const)));
    let alert: Alert | undefined;
    for (const event of events.values()) alert = withSignal(alert, { signal: first.signal, event });
    if (alert === undefined) return undefined;
    const start = windowStart({ signal: first.signal, event: { ...earliest, time: first.time } });
    const kept = [...events.values()].sort(byTime).slice(0, MAX_KEPT_EVENTS);
    return { standing: { alert: { ...alert, id }, events: kept }, start };
  }
}

const byTime = (a: Observation, b: Observation): number => a.time - b.time || compareTexts(a.id, b.id);

/** Puts an event in its place; of more than are kept, the earliest stay. */
function insert(events: Observation[], event: Observation): void {
  const at = events.findLastIndex((one) => byTime(one, event) <= 0) + 1;
  if (at >= MAX_KEPT_EVENTS) return;
  events.splice(at, 0, event);
  events.length = Math.min(events.length, MAX_KEPT_EVENTS);
}

const incidentAlert = (standing: Standing | undefined): IncidentAlert | undefined =>
  standing && { alert: standing.alert, events: [...standing.events] };

/** Of the alerts withdrawn at the same time, those of the same rule that have an event of this one: somebody may have been told of them. */
function replacedBy({ alert, events }: StatefulAlert, withdrawn: ReadonlyMap<string, Standing>): readonly string[] {
  const ids = new Set(events.map(({ id }) => id));
  return [...withdrawn]
    .filter(([, before]) => before.alert.rule.id === alert.rule.id && before.events.some(({ id }) => ids.has(id)))
    .map(([id]) => id);
}
