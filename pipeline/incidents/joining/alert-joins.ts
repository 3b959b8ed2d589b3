import type { IncidentAlert, Join, PrincipalNames } from '../../timeline/incident.ts';
import { keysOfAlert, type AlertKey } from './alert-keys.ts';
import { joinsOfKey } from './key-joins.ts';

/** An alert as it was put, and how it may be joined. */
interface Held {
  readonly put: IncidentAlert;
  readonly keys: readonly AlertKey[];
  /** Every key whose principal these may depend on. */
  readonly mentions: ReadonlySet<string>;
}

/** Joins of one key by each alert that they have at an end; of each two alerts there is one. */
type JoinsByAlert = Map<string, Map<string, Join>>;

/** Alerts by the keys that join them. What is put or removed changes no joins but those of its keys, when these are next worked out. */
export class AlertJoins {
  readonly #names: PrincipalNames;
  readonly #horizon: number;
  readonly #alerts = new Map<string, Held>();
  readonly #mentions = new Map<string, Set<string>>();
  /** By what is compared, then by side and alert. */
  readonly #entries = new Map<string, Map<string, AlertKey>>();
  readonly #joins = new Map<string, JoinsByAlert>();
  readonly #changedKeys = new Set<string>();

  constructor(names: PrincipalNames, horizon: number) {
    this.#names = names;
    this.#horizon = horizon;
  }

  get size(): number {
    return this.#alerts.size;
  }

  get(id: string): IncidentAlert | undefined {
    return this.#alerts.get(id)?.put;
  }

  put(put: IncidentAlert): void {
    const { id } = put.alert;
    this.remove(id);
    const held: Held = { put, keys: keysOfAlert(put, this.#names), mentions: mentionsOf(put) };
    this.#alerts.set(id, held);
    for (const mention of held.mentions) {
      const ids = this.#mentions.get(mention);
      if (ids === undefined) this.#mentions.set(mention, new Set([id]));
      else ids.add(id);
    }
    for (const key of held.keys) {
      this.#changedKeys.add(key.id);
      const entries = this.#entries.get(key.id) ?? new Map<string, AlertKey>();
      this.#entries.set(key.id, entries.set(`${key.side} ${id}`, key));
    }
  }

  remove(id: string): void {
    const held = this.#alerts.get(id);
    if (held === undefined) return;
    this.#alerts.delete(id);
    for (const mention of held.mentions) {
      const ids = this.#mentions.get(mention);
      ids?.delete(id);
      if (ids?.size === 0) this.#mentions.delete(mention);
    }
    for (const { id: key, side } of held.keys) {
      this.#changedKeys.add(key);
      const entries = this.#entries.get(key);
      entries?.delete(`${side} ${id}`);
      if (entries?.size === 0) this.#entries.delete(key);
    }
  }

  /** Alerts whose events name a key. */
  mentioning(key: string): Iterable<string> {
    return this.#mentions.get(key) ?? [];
  }

  mentions(id: string): ReadonlySet<string> {
    return this.#alerts.get(id)?.mentions ?? new Set();
  }

  /** Alerts whose events a principal did. */
  *actedBy(principal: string): Generator<string> {
    for (const { alert, side } of this.#entries.get(principal)?.values() ?? []) if (side === 'acted') yield alert;
  }

  /** Whose events an alert is of, where it is known and not too many. */
  principalsOf(id: string): string[] {
    const keys = this.#alerts.get(id)?.keys ?? [];
    return keys.flatMap(({ side, alike, key }) => (side === 'acted' && alike === 'principal' ? [key] : []));
  }

  /** Works out the joins of keys of which anything changed. @returns the alerts that are joined otherwise than before */
  settle(): Set<string> {
    const touched = new Set<string>();
    for (const key of this.#changedKeys) {
      const before = this.#joins.get(key);
      const now = this.#joinsOf(key, before);
      if (now.size === 0) this.#joins.delete(key);
      else this.#joins.set(key, now);
      for (const [alert, joins] of now) if (!isSame(before?.get(alert), joins)) touched.add(alert);
      for (const alert of before?.keys() ?? []) if (!now.has(alert)) touched.add(alert);
    }
    this.#changedKeys.clear();
    return touched;
  }

  /** @param before what did not change is kept as it is, for whoever compares */
  #joinsOf(key: string, before: JoinsByAlert | undefined): JoinsByAlert {
    const now: JoinsByAlert = new Map();
    for (const made of joinsOfKey(this.#entries.get(key)?.values() ?? [], this.#horizon)) {
      const [one, other] = made.alerts;
      const known = before?.get(one)?.get(other);
      const join = known?.by === made.by && known.key === made.key ? known : made;
      // Of several of one key the first: alerts that are joined as alike are no less so for being linked too.
      if (now.get(one)?.has(other) === true) continue;
      for (const [end, far] of [made.alerts, [other, one]] as const) {
        const joins = now.get(end);
        if (joins === undefined) now.set(end, new Map([[far, join]]));
        else joins.set(far, join);
      }
    }
    return now;
  }

  /** The joins that an alert has at an end. */
  *at(id: string): Generator<Join> {
    for (const key of new Set(this.#alerts.get(id)?.keys.map((each) => each.id)))
      yield* this.#joins.get(key)?.get(id)?.values() ?? [];
  }
}

function isSame(before: ReadonlyMap<string, Join> | undefined, now: ReadonlyMap<string, Join>): boolean {
  if (before?.size !== now.size) return false;
  for (const [alert, join] of now) if (before.get(alert) !== join) return false;
  return true;
}

function mentionsOf({ events }: IncidentAlert): Set<string> {
  const keys = new Set<string>();
  for (const { principal, entities } of events) {
    keys.add(principal);
    for (const { key, kind } of entities) if (kind !== 'ip') keys.add(key);
  }
  return keys;
}
