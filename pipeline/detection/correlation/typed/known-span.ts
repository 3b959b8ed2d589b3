/** Since when something has been known, and when it was met last; event times. */
export interface KnownSpan {
  readonly since: number;
  readonly last: number;
}

/** What is known after something was met once more: where it was away for longer than `memory`, it is known anew. */
export function metAgain(known: KnownSpan | undefined, time: number, memory: number): KnownSpan {
  return { since: known !== undefined && time - known.last <= memory ? known.since : time, last: time };
}

/** What is known of one thing by two accounts of it. */
export function joinedSpans(one: KnownSpan | undefined, other: KnownSpan, memory: number): KnownSpan {
  if (one === undefined) return other;
  const [earlier, later] = one.since <= other.since ? [one, other] : [other, one];
  if (later.since - earlier.last > memory) return later;
  return { since: earlier.since, last: Math.max(earlier.last, later.last) };
}
