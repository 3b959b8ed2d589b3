import type { PrincipalNames } from '../../timeline/incident.ts';
import type { Observation } from '../../timeline/observation.ts';

/** How many of them a group names: those nearest to its alerts. */
const MAX_CONTEXT = 50;
const HOUR = 3_600_000;

/** How people and workloads came in, by who they are, so that a group of alerts can tell of it. Of the same again within an hour the earliest. */
export class GroupContext {
  readonly #names: PrincipalNames;
  readonly #entries = new Map<string, Observation>();
  readonly #events = new Set<string>();
  /** Ids of entries by each key that tells whose they are. */
  readonly #byKey = new Map<string, Set<string>>();
  readonly #byPrincipal = new Map<string, Set<string>>();
  readonly #principals = new Map<string, string>();

  constructor(names: PrincipalNames) {
    this.#names = names;
  }

  /** @returns those of whom something else is known now */
  add(observation: Observation): string[] {
    const id = likenessOf(observation);
    const known = this.#entries.get(id);
    if (known !== undefined && !isBefore(observation, known)) return [];
    const touched = known === undefined ? [] : this.#drop(id, known);
    this.#entries.set(id, observation);
    this.#events.add(observation.id);
    for (const key of keysOf(observation)) listIn(this.#byKey, key, id);
    return [...touched, this.#assign(id, observation)];
  }

  /** Reads again whose the entries are that name one of these keys. @returns whose they were and are */
  principalsChanged(keys: Iterable<string>): Set<string> {
    const touched = new Set<string>();
    for (const key of keys) {
      for (const id of this.#byKey.get(key) ?? []) {
        const observation = this.#entries.get(id);
        const before = this.#principals.get(id);
        if (observation === undefined || before === undefined) continue;
        const now = this.#assign(id, observation);
        if (now !== before) touched.add(before).add(now);
      }
    }
    return touched;
  }

  /**
   * How principals came in between two times, in order of time, then of id.
   * @param without ids of events that are told of anyway
   */
  of(
    principals: Iterable<string>,
    from: number,
    first: number,
    last: number,
    without: ReadonlySet<string>,
  ): Observation[] {
    const found: Observation[] = [];
    for (const principal of principals) {
      for (const id of this.#byPrincipal.get(principal) ?? []) {
        const entry = this.#entries.get(id);
        if (entry !== undefined && entry.time >= from && entry.time <= last && !without.has(entry.id))
          found.push(entry);
      }
    }
    // What came before the first alert tells how it began, the latest of that first.
    const distance = ({ time }: Observation) => Math.abs(time - first);
    return found
      .sort((a, b) => distance(a) - distance(b) || (isBefore(a, b) ? -1 : 1))
      .slice(0, MAX_CONTEXT)
      .sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  /** Whether an event is one of the entries: not where it is left out for another that is like it. */
  holds(eventId: string): boolean {
    return this.#events.has(eventId);
  }

  /** Drops what is older. @param but ids of events that stay */
  forget(before: number, but: ReadonlySet<string>): void {
    for (const [id, observation] of this.#entries) {
      if (observation.time < before && !but.has(observation.id)) this.#drop(id, observation);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  #drop(id: string, observation: Observation): string[] {
    this.#entries.delete(id);
    this.#events.delete(observation.id);
    for (const key of keysOf(observation)) unlist(this.#byKey, key, id);
    const principal = this.#principals.get(id);
    this.#principals.delete(id);
    if (principal === undefined) return [];
    unlist(this.#byPrincipal, principal, id);
    return [principal];
  }

  #assign(id: string, observation: Observation): string {
    const before = this.#principals.get(id);
    const principal = this.#names.principalOf(observation);
    if (before !== undefined && before !== principal) unlist(this.#byPrincipal, before, id);
    this.#principals.set(id, principal);
    listIn(this.#byPrincipal, principal, id);
    return principal;
  }
}

/** What is the same again: the same way in, by the same one, from the same address, within an hour of the clock. */
function likenessOf({ time, principal, entities, action }: Observation): string {
  const { operation, service, method, from } = action;
  const roles = entities.filter(({ kind }) => kind === 'role').map(({ key }) => key);
  return JSON.stringify([
    principal,
    operation,
    service,
    method,
    from?.ip,
    from?.client,
    roles,
    Math.floor(time / HOUR),
  ]);
}

/** The keys that tell whose an event is. */
export const keysOf = ({ principal, entities }: Observation): string[] => [
  principal,
  ...entities.filter(({ part }) => part === 'credential').map(({ key }) => key),
];

const isBefore = (a: Observation, b: Observation): boolean => a.time < b.time || (a.time === b.time && a.id < b.id);

function listIn(lists: Map<string, Set<string>>, key: string, id: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, new Set([id]));
  else list.add(id);
}

function unlist(lists: Map<string, Set<string>>, key: string, id: string): void {
  const list = lists.get(key);
  list?.delete(id);
  if (list?.size === 0) lists.delete(key);
}
