import type { Clock } from '../platform/clock.ts';
import type { Tables } from '../platform/storage/ports.ts';
import { keptIdentities } from './correlation/kept-identities.ts';
import { isId } from './incidents/story/people.ts';
import type { IdentityReader } from './sentinel/identities.ts';
import type { Directory } from './timeline/identity/directory.ts';
import { IdentityGraph } from './timeline/identity/identity-graph.ts';
import { isIdentity } from './timeline/identity/key-traits.ts';

/** What was read is used for so long: milliseconds. */
const USED_FOR = 60_000;
/** A name that more keys end with than this names nobody. */
const MOST_CALLED = 20;

/** Who is who as the deployment has learned it: read from the state of correlation, at most once a minute. */
export class KnownIdentities {
  readonly #tables: Tables;
  readonly #directory: Directory | undefined;
  readonly #clock: Clock;
  #read: { readonly at: number; readonly reader: Promise<IdentityReader> } | undefined;

  constructor(tables: Tables, directory: Directory | undefined, clock: Clock) {
    this.#tables = tables;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** @throws whatever storage throws */
  async reader(): Promise<IdentityReader> {
    const now = this.#clock.now();
    if (this.#read === undefined || now - this.#read.at > USED_FOR) {
      const reader = this.#load();
      const made = { at: now, reader };
      this.#read = made;
      reader.catch(() => {
        if (this.#read === made) this.#read = undefined;
      });
    }
    return this.#read.reader;
  }

  async #load(): Promise<IdentityReader> {
    const { links, entities } = await keptIdentities(this.#tables);
    const graph = new IdentityGraph();
    for (const link of [...(this.#directory?.links ?? []), ...links]) graph.add(link);
    const labels = new Map<string, string>();
    for (const { key, label } of entities) {
      const known = labels.get(key);
      // The smaller of two, so that the order in which they came makes no difference; ids name nobody.
      if (label !== undefined && !isId(label) && (known === undefined || label < known)) labels.set(key, label);
    }
    const called = namesOf([...graph.keys(), ...labels.keys()], labels);
    return {
      resolve: (key) => graph.resolve(key),
      membersOf: (key) => graph.membersOf(key),
      labelOf: (key) => labelOf(graph.membersOf(key), labels),
      called: (name) => called.get(name.toLowerCase()) ?? [],
    };
  }
}

/** The name that somebody signs in with, else any other. */
function labelOf(keys: readonly string[], labels: ReadonlyMap<string, string>): string | undefined {
  const upns = keys.filter((key) => key.startsWith('upn:')).sort();
  return upns[0]?.slice('upn:'.length) ?? keys.toSorted().flatMap((key) => labels.get(key) ?? [])[0];
}

/** Keys of identities by the last part of their key, the part before `@`, and their label; lower case. */
function namesOf(keys: readonly string[], labels: ReadonlyMap<string, string>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const key of new Set(keys)) {
    if (!isIdentity(key)) continue;
    const last = key.slice(Math.max(key.lastIndexOf('/'), key.lastIndexOf(':'), key.lastIndexOf('|')) + 1);
    const of = [last, labels.get(key) ?? last].map((name) => name.toLowerCase());
    for (const name of new Set([...of, ...of.map((each) => each.split('@')[0] ?? '')])) {
      const known = names.get(name);
      if (known === undefined) names.set(name, [key]);
      else if (known.length < MOST_CALLED) known.push(key);
    }
  }
  return names;
}
