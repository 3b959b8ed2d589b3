import type { PrincipalNames } from '../timeline/incident.ts';
import type { Directory } from '../timeline/identity/directory.ts';
import { IdentityGraph } from '../timeline/identity/identity-graph.ts';
import type { Link } from '../timeline/identity/link.ts';
import { principalOf } from '../timeline/identity/links-of.ts';
import type { Observation } from '../timeline/observation.ts';
import { Labels } from './labels.ts';

/** What says the same of the same two keys is one link, whatever it was learned from. */
export const linkId = ({ kind, one, other }: Link): string => `${kind}\n${one}\n${other}`;

/** Who is behind the keys that events name, as learned from observations and from the directory. */
export class Identities implements PrincipalNames {
  #graph = new IdentityGraph();
  readonly #directory: readonly Link[];
  readonly #links = new Map<string, Link>();
  /** Ids of the observations that name a key as their principal or credential. */
  readonly #named = new Map<string, Set<string>>();
  readonly #labels = new Labels();
  #fresh: Link[] = [];

  constructor(directory?: Directory) {
    this.#directory = directory?.links ?? [];
    for (const link of this.#directory) this.#graph.add(link);
  }

  /** How many links are known, those of the directory aside. */
  get size(): number {
    return this.#links.size;
  }

  learn(links: readonly Link[]): void {
    for (const link of links) {
      const id = linkId(link);
      if (this.#links.has(id)) continue;
      this.#links.set(id, link);
      this.#fresh.push(link);
      this.#graph.add(link);
    }
  }

  /** Notes whom an observation names, so that it can be read again when they turn out to be somebody else. */
  note(observation: Observation): void {
    for (const key of actingKeys(observation)) {
      const ids = this.#named.get(key);
      if (ids === undefined) this.#named.set(key, new Set([observation.id]));
      else ids.add(observation.id);
    }
    this.#labels.note(observation);
  }

  labelOf(key: string): string | undefined {
    return this.#labels.of(key);
  }

  forget(observation: Observation): void {
    for (const key of actingKeys(observation)) {
      const ids = this.#named.get(key);
      ids?.delete(observation.id);
      if (ids?.size === 0) this.#named.delete(key);
    }
    this.#labels.forget(observation);
  }

  /**
   * Drops the links of sessions and tokens that have ended since, once there are enough of them: not those by which it is known whose an observation
   * is that is held. To be called when all changes were taken.
   * @param before event time up to which nothing more is expected
   * @returns how many went
   */
  forgetLinks(before: number): number {
    const ended = this.#unused([...this.#links.values()].filter((link) => endOf(link) < before));
    if (ended.length < LEAST_ENDED || ended.length < this.#links.size * LEAST_SHARE_ENDED) return 0;
    for (const link of ended) this.#links.delete(linkId(link));
    this.#graph = new IdentityGraph();
    for (const link of this.#directory) this.#graph.add(link);
    for (const link of this.#links.values()) this.#graph.add(link);
    this.#graph.takeChanges();
    return ended.length;
  }

  /** Of links, those that do not lead from what an observation names to whom it belongs. */
  #unused(links: readonly Link[]): readonly Link[] {
    const byHeld = Map.groupBy(links, ({ other }) => other);
    const used = new Set(this.#named.keys().filter((key) => byHeld.has(key)));
    for (const key of used) for (const { one } of byHeld.get(key) ?? []) used.add(one);
    return links.filter(({ other }) => !used.has(other));
  }

  /** All links but those of the directory. */
  links(): Link[] {
    return [...this.#links.values()];
  }

  /** Links learned since this was last called. */
  takeFresh(): readonly Link[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Keys whose principal or name changed since this was last called, and the observations whose principal may have. */
  takeChanges(): { keys: readonly string[]; observations: ReadonlySet<string> } {
    // Whom a key left is another now too: without an alias.
    const keys = [...new Set(this.#graph.takeChanges().flatMap(({ key, from }) => [key, from]))];
    const observations = new Set(keys.flatMap((key) => [...(this.#named.get(key) ?? [])]));
    const named = [...this.#labels.takeChanged()].flatMap((key) => [key, this.#graph.resolve(key)]);
    return { keys: [...new Set([...keys, ...named])], observations };
  }

  principalOf(event: Pick<Observation, 'principal' | 'entities'>): string {
    return principalOf(event, (key) => this.#graph.resolve(key));
  }

  resolve(key: string): string {
    return this.#graph.resolve(key);
  }

  aliasesOf(principal: string): readonly string[] {
    return this.#graph
      .membersOf(principal)
      .filter((key) => key !== principal)
      .sort();
  }
}

const DAY = 86_400_000;

/**
 * For how long what carries a credential may be used, and is looked at after: sessions of STS last 36 hours at most, tokens of Entra 28, sign-in
 * sessions of Entra as long as somebody uses them, whose events name the user beside. Source: the references of STS GetSessionToken and of Entra's
 * token lifetimes.
 */
const LIFETIMES: readonly (readonly [prefix: string, time: number])[] = [
  ['aws-key:ASIA', 4 * DAY],
  ['entra-token:', 4 * DAY],
  ['entra-session:', 30 * DAY],
];

/** The graph is made anew for no fewer ended links than these, so that it seldom is. */
const LEAST_ENDED = 1000;
const LEAST_SHARE_ENDED = 0.2;

/** When a link is of no more use, by event time. */
function endOf({ one, other, evidence }: Link): number {
  const lifetimes = LIFETIMES.filter(([prefix]) => one.startsWith(prefix) || other.startsWith(prefix));
  return lifetimes.length === 0 ? Infinity : evidence.time + Math.min(...lifetimes.map(([, time]) => time));
}

function actingKeys({ principal, entities }: Observation): ReadonlySet<string> {
  const keys = new Set([principal]);
  for (const { part, key } of entities) if (part === 'credential') keys.add(key);
  return keys;
}
