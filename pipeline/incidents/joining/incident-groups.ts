import { compareTexts } from '../../../platform/compare-texts.ts';
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { IncidentAlert, IncidentGroup, Join, PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { AlertJoins } from './alert-joins.ts';
import { componentsOf, type Component } from './components.ts';
import { GroupContext } from './group-context.ts';

const DAY = 24 * 3_600_000;

/** What is different since groups were last asked for. */
export interface GroupChanges {
  /** New groups, and those of which anything is different; in order of id. */
  readonly changed: readonly IncidentGroup[];
  /** Groups that are none any more, with the one that took in their earliest alert that still stands; in order of id. */
  readonly gone: readonly { readonly id: string; readonly into: string | undefined }[];
}

/**
 * Which alerts belong together. Two are joined when they share a key (`keysOfAlert`) within the horizon of each other; a group is what is
 * connected by joins. All is a function of the set of alerts that stand and of who is who: what was asked for between, the order in which they came and
 * how often make no difference. A change recomputes the keys and groups that it touches, and no others.
 */
export class IncidentGroups {
  readonly #names: PrincipalNames;
  readonly #horizon: number;
  readonly #joins: AlertJoins;
  readonly #context: GroupContext;
  readonly #told = new Map<string, IncidentGroup>();
  /** The groups in which an alert, and all that is connected with it, was last told of. */
  readonly #groupsOf = new Map<string, ReadonlySet<string>>();
  /** What was put or, where undefined, withdrawn since groups were last asked for. */
  readonly #dirty = new Map<string, IncidentAlert | undefined>();
  /** Principals of whom it is known otherwise how they came in. */
  readonly #entered = new Set<string>();
  /** Keys whose principal is another, and these principals, which have other keys. */
  readonly #renamed = new Set<string>();

  /** @param options `horizon`: how far apart two alerts may be to be joined, milliseconds; a day where it is not given */
  constructor(names: PrincipalNames, { horizon = DAY }: { readonly horizon?: number } = {}) {
    this.#names = names;
    this.#horizon = horizon;
    this.#joins = new AlertJoins(names, horizon);
    this.#context = new GroupContext(names);
  }

  /** Takes in an alert, in place of what was put under its id before. */
  put(alert: IncidentAlert): void {
    this.#dirty.set(alert.alert.id, alert);
  }

  /** Takes back an alert; one that never was is none. */
  withdraw(alertId: string): void {
    this.#dirty.set(alertId, undefined);
  }

  /** Takes in how somebody came in, for groups to tell of it. */
  context(observation: Observation): void {
    for (const principal of this.#context.add(observation)) this.#entered.add(principal);
  }

  /** To be told of keys whose principal is another now, and of the principals that they had. */
  principalsChanged(keys: Iterable<string>): void {
    const all = [...keys];
    for (const principal of this.#context.principalsChanged(all)) this.#entered.add(principal);
    for (const key of all) {
      this.#renamed.add(key).add(this.#names.resolve(key));
      for (const id of this.#joins.mentioning(key)) {
        const put = this.#joins.get(id);
        if (put !== undefined && !this.#dirty.has(id)) this.#dirty.set(id, put);
      }
    }
  }

  /** What changed since this was last called. */
  settle(): GroupChanges {
    const touched = this.#takeIn();
    const before = new Map<string, IncidentGroup>();
    const now = new Map<string, IncidentGroup>();
    for (const members of this.#connected(this.#around(touched, before))) {
      const groups = this.#groupsAmong(members);
      const ids = new Set(groups.map(({ id }) => id));
      for (const group of groups) {
        now.set(group.id, group);
        for (const { alert } of group.alerts) this.#groupsOf.set(alert.id, ids);
      }
    }
    return this.#tell(before, now);
  }

  /**
   * Drops what ended so long ago that nothing may still come that has to do with it; groups that are dropped stay as they were told.
   * To be called when all is settled.
   * @param before groups are dropped whose every alert ended before this time, milliseconds since 1970-01-01T00:00:00Z, and ways in of which
   * none that is left tells
   */
  forget(before: number): void {
    for (const [id, { alerts }] of this.#told) {
      if (alerts.some(({ alert }) => alert.lastSeen >= before)) continue;
      this.#told.delete(id);
      for (const { alert } of alerts) {
        this.#joins.remove(alert.id);
        this.#groupsOf.delete(alert.id);
      }
    }
    // What a group tells of stays, however long it goes on.
    const told = this.#told.values().flatMap(({ context }) => context.map(({ id }) => id));
    this.#context.forget(before, new Set(told));
  }

  /** Whether an event is needed for groups to tell how somebody came in. */
  holds(eventId: string): boolean {
    return this.#context.holds(eventId);
  }

  /** How many alerts and ways in are held. */
  get size(): number {
    return this.#joins.size + this.#context.size;
  }

  /** Takes in what was put and withdrawn. @returns the alerts that are other than before, or joined otherwise, or of which other is told */
  #takeIn(): Set<string> {
    const touched = new Set<string>();
    for (const [id, put] of this.#dirty) {
      touched.add(id);
      if (put === undefined) this.#joins.remove(id);
      else this.#joins.put(put);
    }
    this.#dirty.clear();
    for (const alert of this.#joins.settle()) touched.add(alert);
    for (const principals of [this.#entered, this.#renamed])
      for (const principal of principals) for (const alert of this.#joins.actedBy(principal)) touched.add(alert);
    this.#entered.clear();
    return touched;
  }

  /** All alerts that stand in the groups of those touched. @param before receives these groups as they were told */
  #around(touched: ReadonlySet<string>, before: Map<string, IncidentGroup>): ReadonlySet<string> {
    const alerts = new Set<string>();
    const add = (id: string) => this.#joins.get(id) !== undefined && alerts.add(id);
    for (const id of touched) {
      add(id);
      for (const group of this.#groupsOf.get(id) ?? []) {
        const told = before.has(group) ? undefined : this.#told.get(group);
        if (told === undefined) continue;
        before.set(group, told);
        for (const { alert } of told.alerts) add(alert.id);
      }
      if (!alerts.has(id)) this.#groupsOf.delete(id);
    }
    return alerts;
  }

  /** Alerts by what they are connected with, over joins of any kind. */
  *#connected(alerts: ReadonlySet<string>): Generator<ReadonlySet<string>> {
    const done = new Set<string>();
    for (const start of alerts) {
      if (done.has(start)) continue;
      const members = new Set([start]);
      for (const alert of members) {
        done.add(alert);
        for (const { alerts: ends } of this.#joins.at(alert)) for (const end of ends) members.add(end);
      }
      yield members;
    }
  }

  #groupsAmong(members: ReadonlySet<string>): IncidentGroup[] {
    const alerts = [...members].flatMap((id) => this.#joins.get(id)?.alert ?? []);
    const joins = new Set<Join>();
    for (const id of members) for (const join of this.#joins.at(id)) joins.add(join);
    return componentsOf(alerts, joins).map((component) => this.#groupOf(component));
  }

  #groupOf({ alerts: members, joins }: Component): IncidentGroup {
    const alerts = members.flatMap(({ id }) => this.#joins.get(id) ?? []).sort(byFirstEvent);
    const principals = new Set(members.flatMap(({ id }) => this.#joins.principalsOf(id)));
    const first = alerts[0]?.alert.firstSeen ?? 0;
    const last = alerts.reduce((latest, { alert }) => Math.max(latest, alert.lastSeen), first);
    const told = new Set(alerts.flatMap(({ events }) => events.map(({ id }) => id)));
    const context = this.#context.of(principals, first - this.#horizon, first, last, told);
    return { id: groupId(alerts[0]?.alert.id ?? ''), alerts, joins, context };
  }

  #tell(before: ReadonlyMap<string, IncidentGroup>, now: ReadonlyMap<string, IncidentGroup>): GroupChanges {
    const heirs = new Map<string, string>();
    const changed: IncidentGroup[] = [];
    for (const [id, group] of now) {
      for (const { alert } of group.alerts) heirs.set(alert.id, id);
      const told = this.#told.get(id);
      this.#told.set(id, group);
      if (told === undefined || this.#isRenamed(group) || !isDeepStrictEqual(told, group)) changed.push(group);
    }
    this.#renamed.clear();
    const gone: { id: string; into: string | undefined }[] = [];
    for (const [id, group] of before) {
      if (now.has(id)) continue;
      this.#told.delete(id);
      const left = group.alerts.find(({ alert }) => heirs.has(alert.id));
      gone.push({ id, into: left === undefined ? undefined : heirs.get(left.alert.id) });
    }
    return { changed: changed.sort(byId), gone: gone.sort(byId) };
  }

  /** Whether an event of a group names a key that is somebody else's now, or the one who acted has other keys. */
  #isRenamed({ alerts }: IncidentGroup): boolean {
    if (this.#renamed.size === 0) return false;
    return alerts.some(
      ({ alert: { id } }) =>
        this.#joins.principalsOf(id).some((principal) => this.#renamed.has(principal)) ||
        [...this.#joins.mentions(id)].some((key) => this.#renamed.has(key)),
    );
  }
}

/** The id of a group of alerts, made of its earliest alert. */
const groupId = (alertId: string): string =>
  `incident-${createHash('sha256')
    .update(JSON.stringify(['incident', alertId]))
    .digest('hex')
    .slice(0, 32)}`;

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => compareTexts(a.id, b.id);

const byFirstEvent = (a: IncidentAlert, b: IncidentAlert): number =>
  a.alert.firstSeen - b.alert.firstSeen || compareTexts(a.alert.id, b.alert.id);
