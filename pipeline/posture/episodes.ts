import type { PostureChange } from '../timeline/posture-change.ts';
import type { PostureMark } from './posture-mark.ts';

/** One time that something was weak: from the change that made it so to the one that undid it. */
export interface Episode {
  readonly part?: string | undefined;
  /** What the change did that made it weak. */
  readonly what: string;
  /** The change that made it weak. */
  readonly since: PostureMark;
  /** The latest change that did so again, where there is one. */
  readonly again?: PostureMark | undefined;
  /** The change that undid it; undefined while it stands. */
  readonly undone?: (PostureMark & { readonly what: string }) | undefined;
}

/** What one event changes of one resource and condition. */
export interface Entry {
  readonly mark: PostureMark;
  /** The same for all rows of one operation. */
  readonly operation: string | undefined;
  readonly changes: readonly PostureChange[];
}

/** What stands, by part, and the parts that other names mean. */
export interface Standing {
  readonly open: Map<string, Episode>;
  readonly names: Map<string, Set<string>>;
}

/** The part of a change that has none: the resource itself. */
const WHOLE = '';

/** The operations of which a row says that they were refused. */
export const refusedOperations = (entries: readonly Entry[]): ReadonlySet<string> =>
  new Set(
    entries.flatMap(({ operation, changes }) =>
      operation !== undefined && changes.some(({ stage }) => stage === 'refused') ? [operation] : [],
    ),
  );

/** More other names of parts than this are not kept of one condition of one resource: the first learned go. */
const MOST_NAMES = 1000;

/** Learns which parts other names mean from now on. */
function learnNames(names: Map<string, Set<string>>, changes: readonly PostureChange[]): void {
  for (const { part, also } of changes) {
    if (also === undefined || part === undefined) continue;
    const known = names.get(also);
    if (known === undefined) names.set(also, new Set([part]));
    else known.add(part);
  }
  for (const first of names.keys()) {
    if (names.size <= MOST_NAMES) return;
    names.delete(first);
  }
}

/**
 * Takes what stands from before the entry to after it. One event gives a part one verdict: what it makes weak, it does not also mend, so that a
 * group written anew with an open rule stays open since it first was.
 * @returns the episodes that it ends
 */
export function advance(standing: Standing, entry: Entry, refused: ReadonlySet<string>): readonly Episode[] {
  const { open, names } = standing;
  const { mark, operation } = entry;
  const isVoid = operation !== undefined && refused.has(operation);
  const changes = entry.changes.filter(({ stage }) => stage === undefined || (stage === 'requested' && !isVoid));
  learnNames(names, changes);
  const namedBy = (name: string): Iterable<string> => names.get(name) ?? [name];
  const weakened = new Map<string, string>();
  for (const { weakened: weak, part = WHOLE, what } of changes)
    if (weak) for (const each of namedBy(part)) weakened.set(each, what);
  const ended: Episode[] = [];
  for (const { weakened: weak, part, what } of changes) {
    if (weak) continue;
    for (const each of part === undefined ? [...open.keys()] : [part, ...namedBy(part)]) {
      const episode = weakened.has(each) ? undefined : open.get(each);
      if (episode === undefined) continue;
      open.delete(each);
      ended.push({ ...episode, undone: { ...mark, what } });
    }
  }
  for (const [part, what] of weakened) {
    const episode = open.get(part);
    if (episode !== undefined) open.set(part, { ...episode, again: mark });
    else open.set(part, { ...(part !== WHOLE && { part }), what, since: mark });
  }
  return ended;
}
