/** One way from a key to another. */
export interface Step<Via> {
  readonly key: string;
  /** Over 0, at most 1. */
  readonly confidence: number;
  readonly by: Via;
}

/** The surest way to a key. */
export interface Path<Via> {
  readonly key: string;
  readonly confidence: number;
  readonly path: readonly Via[];
}

interface Reached<Via> {
  readonly key: string;
  readonly confidence: number;
  readonly hops: number;
  readonly from: Reached<Via> | undefined;
  readonly by: Via | undefined;
}

/**
 * The surest way from one key to every key that can be reached: the greatest product of confidences, of those the fewest steps, of those
 * the smallest keys. Surest first; the start itself is left out. (Dijkstra's algorithm; a step never makes a way surer.)
 */
export function bestPaths<Via>(start: string, stepsFrom: (key: string) => Iterable<Step<Via>>): Path<Via>[] {
  const done = new Set<string>();
  const paths: Path<Via>[] = [];
  const waiting: Reached<Via>[] = [];
  push(waiting, { key: start, confidence: 1, hops: 0, from: undefined, by: undefined });
  for (let next = pop(waiting); next !== undefined; next = pop(waiting)) {
    if (done.has(next.key)) continue;
    done.add(next.key);
    if (next.from !== undefined) paths.push({ key: next.key, confidence: next.confidence, path: wayTo(next) });
    for (const { key, confidence, by } of stepsFrom(next.key)) {
      if (!done.has(key))
        push(waiting, { key, confidence: next.confidence * confidence, hops: next.hops + 1, from: next, by });
    }
  }
  return paths;
}

function wayTo<Via>(reached: Reached<Via>): Via[] {
  const way: Via[] = [];
  for (let at: Reached<Via> | undefined = reached; at !== undefined; at = at.from)
    if (at.by !== undefined) way.push(at.by);
  return way.reverse();
}

function isBefore<Via>(a: Reached<Via>, b: Reached<Via>): boolean {
  if (a.confidence !== b.confidence) return a.confidence > b.confidence;
  if (a.hops !== b.hops) return a.hops < b.hops;
  if (a.key !== b.key) return a.key < b.key;
  return (a.from?.key ?? '') < (b.from?.key ?? '');
}

/** A binary heap, best first. */
function push<Via>(heap: Reached<Via>[], item: Reached<Via>): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop<Via>(heap: Reached<Via>[]): Reached<Via> | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    const [left, right] = [heap[child], heap[child + 1]];
    if (left === undefined) break;
    if (right !== undefined && isBefore(right, left)) child++;
    const best = heap[child];
    if (best === undefined || !isBefore(best, last)) break;
    heap[at] = best;
    at = child;
  }
  heap[at] = last;
  return first;
}
