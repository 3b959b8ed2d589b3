import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { IncidentAlert, IncidentGroup, Join, PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';
import { keysOfAlert, type AlertKey } from './alert-keys.ts';
import { componentsOf, type Component } from './components.ts';
import { GroupContext } from './group-context.ts';
import { joinsOfKey } from './key-joins.ts';

const DAY = 24 * 3_600_000;

/** What is different since groups were last asked for. */
export interface GroupChanges {
  /** New groups, and those of which anything is different; in order of id. */
  readonly changed: readonly IncidentGroup[];
  /** Groups that are none any more, with the one that took in their earliest alert that still stands; in order of id. */
  readonly gone: readonly { readonly id: string; readonly into: string | undefined }[];
}

/** An alert as it was put, and how it may be joined. */
interface Held {
  readonly put: IncidentAlert;
  readonly keys: readonly AlertKey[];
}

/** Where the joins of a key lie: by each alert that they have at an end. */
type JoinsByAlert = ReadonlyMap<string, readonly Join[]>;

/**
 * Which alerts belong together. Two are joined when they share a key (`keysOfAlert`) within the horizon of each other; a group is what is
 * connected by joins. All is a function of the set of alerts that stand and of who is who: what was asked for between, the order in which they came and
 * how often make no difference. A change recomputes the keys and groups that it touches, and no others.
 */
export class IncidentGroups {
  readonly #names: PrincipalNames;
  readonly #horizon: number;
  readonly #context: GroupContext;
  readonly #alerts = new Map<string, Held>();
  /** Ids of alerts by every key that their events name. */
  readonly #mentions = new Map<string, Set<string>>();
  /** By what is compared, then by side and alert. */
  readonly #entries = new Map<string, Map<string, AlertKey>>();
  readonly #joins = new Map<string, JoinsByAlert>();
  /** The groups in which an alert, or what it was connected with, was last told of. */
  readonly #told = new Map<string, IncidentGroup>();
  readonly #groupsOf = new Map<string, ReadonlySet<string>>();
  /** Alerts that were put or withdrawn, or whose events may be somebody else's, since groups were last asked for. */
  readonly #dirty = new Map<string, IncidentAlert | undefined>();
  readonly #touchedPrincipals = new Set<string>();
  /** Principals that have other keys than when groups were last asked for. */
  readonly #renamed = new Set<string>();

  constructor(names: PrincipalNames, { horizon = DAY }: { readonly horizon?: number } = {}) {
    this.#names = names;
    this.#horizon = horizon;
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
    for (const principal of this.#context.add(observation)) this.#touchedPrincipals.add(principal);
  }

  /** To be told of keys whose principal is another now, and of the principals that they had. */
  principalsChanged(keys: Iterable<string>): void {
    const all = [...keys];
    for (const principal of this.#context.principalsChanged(all)) this.#touchedPrincipals.add(principal);
    for (const key of all) {
      this.#renamed.add(key).add(this.#names.resolve(key));
      for (const id of this.#mentions.get(key) ?? []) {
        const held = this.#alerts.get(id);
        if (held !== undefined && !this.#dirty.has(id)) this.#dirty.set(id, held.put);
      }
    }
  }

  /** What changed since this was last called. */
  settle(): GroupChanges {
    const touched = this.#takeIn();
    for (const principal of new Set([...this.#touchedPrincipals, ...this.#renamed])) {
      for (const { alert, side } of this.#entries.get(principal)?.values() ?? [])
        if (side === 'acted') touched.add(alert);
    }
    this.#touchedPrincipals.clear();
    const { alerts, before } = this.#around(touched);
    const now = new Map<string, IncidentGroup>();
    for (const members of this.#connected(alerts)) {
      const groups = componentsOf(members, this.#joinsAmong(members)).map((component) => this.#groupOf(component));
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
   * @param before what is connected is dropped when all of it ended before this time, milliseconds since 1970-01-01T00:00:00Z
   */
  forget(before: number): void {
    const seen = new Set<string>();
    for (const id of [...this.#alerts.keys()]) {
      const groups = this.#groupsOf.get(id);
      if (groups === undefined || seen.has(id)) continue;
      const alerts = this.#alertsOf(groups);
      for (const alert of alerts) seen.add(alert);
      if (alerts.some((alert) => (this.#alerts.get(alert)?.put.alert.lastSeen ?? before) >= before)) continue;
      for (const alert of alerts) {
        this.#remove(alert);
        this.#groupsOf.delete(alert);
      }
      for (const group of groups) this.#told.delete(group);
    }
    this.#context.forget(before - this.#horizon);
  }

  /** How many alerts and ways in are held. */
  get size(): number {
    return this.#alerts.size + this.#context.size;
  }

  /** Takes in what was put and withdrawn. @returns the alerts that are other than before, or joined otherwise */
  #takeIn(): Set<string> {
    const touched = new Set<string>();
    const keys = new Set<string>();
    for (const [id, put] of this.#dirty) {
      if (put === undefined && !this.#alerts.has(id)) continue;
      touched.add(id);
      for (const { id: key } of this.#alerts.get(id)?.keys ?? []) keys.add(key);
      this.#remove(id);
      if (put === undefined) continue;
      const held: Held = { put, keys: keysOfAlert(put, this.#names) };
      this.#alerts.set(id, held);
      for (const mention of mentionsOf(put)) setIn(this.#mentions, mention, id);
      for (const key of held.keys) {
        keys.add(key.id);
        const entries = this.#entries.get(key.id) ?? new Map<string, AlertKey>();
        this.#entries.set(key.id, entries.set(`${key.side} ${id}`, key));
      }
    }
    this.#dirty.clear();
    for (const key of keys) for (const alert of this.#joinAnew(key)) touched.add(alert);
    return touched;
  }

  #remove(id: string): void {
    const held = this.#alerts.get(id);
    if (held === undefined) return;
    this.#alerts.delete(id);
    for (const mention of mentionsOf(held.put)) {
      const ids = this.#mentions.get(mention);
      ids?.delete(id);
      if (ids?.size === 0) this.#mentions.delete(mention);
    }
    for (const { id: key, side } of held.keys) {
      const entries = this.#entries.get(key);
      entries?.delete(`${side} ${id}`);
      if (entries?.size !== 0) continue;
      this.#entries.delete(key);
      this.#joins.delete(key);
    }
  }

  /** Works out again what a key joins. @returns the alerts that it joins otherwise than before */
  #joinAnew(key: string): Set<string> {
    const before = this.#joins.get(key) ?? new Map<string, readonly Join[]>();
    const now = new Map<string, Join[]>();
    for (const join of joinsOfKey(this.#entries.get(key)?.values() ?? [], this.#horizon)) {
      for (const alert of join.alerts) {
        const joins = now.get(alert);
        if (joins === undefined) now.set(alert, [join]);
        else joins.push(join);
      }
    }
    if (now.size === 0) this.#joins.delete(key);
    else this.#joins.set(key, now);
    const touched = new Set<string>();
    for (const alert of new Set([...before.keys(), ...now.keys()])) {
      if (!isDeepStrictEqual(before.get(alert), now.get(alert))) touched.add(alert);
    }
    return touched;
  }

  /** All alerts that stand in the groups of those touched, and these groups as they were told. */
  #around(touched: ReadonlySet<string>): { alerts: ReadonlySet<string>; before: ReadonlyMap<string, IncidentGroup> } {
    const before = new Map<string, IncidentGroup>();
    const alerts = new Set<string>();
    for (const id of touched) {
      if (this.#alerts.has(id)) alerts.add(id);
      for (const group of this.#groupsOf.get(id) ?? []) {
        const told = before.has(group) ? undefined : this.#told.get(group);
        if (told === undefined) continue;
        before.set(group, told);
        for (const { alert } of told.alerts) if (this.#alerts.has(alert.id)) alerts.add(alert.id);
      }
      if (!this.#alerts.has(id)) this.#groupsOf.delete(id);
    }
    return { alerts, before };
  }

  /** Alerts by what they are connected with, over joins of any kind. */
  *#connected(alerts: ReadonlySet<string>): Generator<Set<string>> {
    const done = new Set<string>();
    for (const start of alerts) {
      if (done.has(start)) continue;
      const members = new Set([start]);
      for (const alert of members) {
        done.add(alert);
        for (const join of this.#joinsAt(alert)) for (const end of join.alerts) members.add(end);
      }
      yield members;
    }
  }

  *#joinsAt(alert: string): Generator<Join> {
    for (const { id } of this.#alerts.get(alert)?.keys ?? []) yield* this.#joins.get(id)?.get(alert) ?? [];
  }

  *#joinsAmong(alerts: Iterable<string>): Generator<Join> {
    for (const alert of alerts) for (const join of this.#joinsAt(alert)) if (join.alerts[0] === alert) yield join;
  }

  #alertsOf(groups: Iterable<string>): string[] {
    return [...groups].flatMap((group) => this.#told.get(group)?.alerts.map(({ alert }) => alert.id) ?? []);
  }

  #groupOf({ alerts: ids, joins }: Component): IncidentGroup {
    const alerts = ids.flatMap((id) => this.#alerts.get(id)?.put ?? []).sort(byFirstEvent);
    const principals = new Set<string>();
    for (const id of ids) {
      for (const { side, alike, key } of this.#alerts.get(id)?.keys ?? [])
        if (side === 'acted' && alike === 'principal') principals.add(key);
    }
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
    return alerts.some(({ alert: { id } }) => {
      const held = this.#alerts.get(id);
      if (held === undefined) return false;
      return (
        held.keys.some(({ id: key, side }) => side === 'acted' && this.#renamed.has(key)) ||
        [...mentionsOf(held.put)].some((key) => this.#renamed.has(key))
      );
    });
  }
}

/** The id of a group of alerts, made of its earliest alert. */
const groupId = (alertId: string): string =>
  `incident-${createHash('sha256')
    .update(JSON.stringify(['incident', alertId]))
    .digest('hex')
    .slice(0, 32)}`;

/** Every key whose principal an alert's joins may depend on. */
function mentionsOf({ events }: IncidentAlert): Set<string> {
  const keys = new Set<string>();
  for (const { principal, entities } of events) {
    keys.add(principal);
    for (const { key, kind } of entities) if (kind !== 'ip') keys.add(key);
  }
  return keys;
}

function setIn(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => compare(a.id, b.id);

const byFirstEvent = (a: IncidentAlert, b: IncidentAlert): number =>
  a.alert.firstSeen - b.alert.firstSeen || compare(a.alert.id, b.alert.id);
