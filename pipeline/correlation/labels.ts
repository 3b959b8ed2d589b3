import { isIdentity } from '../timeline/identity/key-traits.ts';
import type { Observation } from '../timeline/observation.ts';

interface Named {
  readonly id: string;
  readonly time: number;
  readonly label: string;
}

/** The names that observations give one key, and the one that counts; undefined where it is to be looked for anew. */
interface Names {
  readonly all: Map<string, Named>;
  best: Named | undefined;
}

/** Names for people, by key: of those that the observations held give, that of the earliest. So their order makes no difference. */
export class Labels {
  readonly #names = new Map<string, Names>();
  #changed = new Set<string>();

  note({ id, time, entities }: Observation): void {
    for (const { key, label } of entities) {
      if (label === undefined || !isIdentity(key)) continue;
      const named: Named = { id, time, label };
      const names = this.#names.get(key) ?? { all: new Map<string, Named>(), best: undefined };
      const before = this.of(key);
      names.all.set(id, named);
      if (names.best === undefined || isEarlier(named, names.best)) names.best = named;
      this.#names.set(key, names);
      if (this.of(key) !== before) this.#changed.add(key);
    }
  }

  forget({ id, entities }: Observation): void {
    for (const { key } of entities) {
      const names = this.#names.get(key);
      if (names?.all.delete(id) !== true) continue;
      if (names.best?.id === id) names.best = undefined;
      if (names.all.size === 0) this.#names.delete(key);
    }
  }

  of(key: string): string | undefined {
    const names = this.#names.get(key);
    if (names === undefined) return undefined;
    for (const named of names.best === undefined ? names.all.values() : []) {
      if (names.best === undefined || isEarlier(named, names.best)) names.best = named;
    }
    return names.best?.label;
  }

  /** Keys that were given another name since this was last called. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}

const isEarlier = (one: Named, other: Named): boolean =>
  one.time < other.time || (one.time === other.time && one.id < other.id);
