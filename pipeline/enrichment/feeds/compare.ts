import { compareTexts } from '../../../platform/compare-texts.ts';
import { MAX_EXAMPLES, type FeedChanges } from '../copies/copy.ts';

/** Why a feed that lost most of its rows is not taken: somebody cut it off, or it is another. */
export const lessThanHalf = (before: number, after: number): string | undefined =>
  after * 2 < before
    ? `it has ${after} rows, and the copy that is kept has ${before}: more than half are gone`
    : undefined;

/** The entries of a feed, by id. */
export interface Entries<V> {
  get(id: string): V | undefined;
  all(): Iterable<readonly [id: string, entry: V]>;
}

/** What is told of an entry, where it is among the weightiest. */
export interface Told {
  readonly weight: number;
  readonly text: () => string;
}

/** So many entries are compared in one piece. */
const PIECE = 5000;

/**
 * What differs between two versions, in pieces.
 * @param entry what is told of one that was added or withdrawn
 * @param edit what is told of one that stayed; undefined where nothing of it changed
 */
export function* changesBetween<V>(
  before: Entries<V>,
  after: Entries<V>,
  entry: (id: string, value: V) => Told,
  edit: (id: string, was: V, is: V) => Told | undefined,
): Generator<void, FeedChanges> {
  const [added, changed, withdrawn] = [new Weightiest(), new Weightiest(), new Weightiest()];
  let compared = 0;
  for (const [id, is] of after.all()) {
    if (++compared % PIECE === 0) yield;
    const was = before.get(id);
    const told = was === undefined ? entry(id, is) : edit(id, was, is);
    if (told !== undefined) (was === undefined ? added : changed).add(told);
  }
  for (const [id, was] of before.all()) {
    if (++compared % PIECE === 0) yield;
    if (after.get(id) === undefined) withdrawn.add(entry(id, was));
  }
  return {
    added: added.count,
    changed: changed.count,
    withdrawn: withdrawn.count,
    examples: { added: added.texts(), changed: changed.texts(), withdrawn: withdrawn.texts() },
  };
}

/** Counts all and keeps the weightiest, of which there are so few that looking through them costs nothing. */
class Weightiest {
  count = 0;
  readonly #kept: { readonly weight: number; readonly text: string }[] = [];

  add({ weight, text }: Told): void {
    this.count++;
    if (this.#kept.length === MAX_EXAMPLES && weight < (this.#kept.at(-1)?.weight ?? 0)) return;
    this.#kept.push({ weight, text: text() });
    this.#kept.sort((one, other) => other.weight - one.weight || compareTexts(one.text, other.text));
    this.#kept.length = Math.min(this.#kept.length, MAX_EXAMPLES);
  }

  texts(): string[] {
    return this.#kept.map(({ text }) => text.slice(0, 300));
  }
}
