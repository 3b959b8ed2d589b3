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
  readonly #graph = new IdentityGraph();
  readonly #links = new Map<string, Link>();
  /** Ids of the observations that name a key as their principal or credential. */
  readonly #named = new Map<string, Set<string>>();
  readonly #labels = new Labels();
  #fresh: Link[] = [];

  constructor(directory?: Directory) {
    for (const link of directory?.links ?? []) this.#graph.add(link);
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

function actingKeys({ principal, entities }: Observation): ReadonlySet<string> {
  const keys = new Set([principal]);
  for (const { part, key } of entities) if (part === 'credential') keys.add(key);
  return keys;
}
