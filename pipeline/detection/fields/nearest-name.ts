/** Names longer than any that is known are like none. */
const LONGEST = 200;

/**
 * The name that is most like another: the same but for case and separators, or as a last step of a path, or with few letters
 * changed; undefined where none is. Bounded by the known names, however long the other is.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const wanted = plain(name);
  const wantedEnd = plain(lastStep(name));
  const limit = Math.min(3, Math.floor(wanted.length / 3));
  let nearest: string | undefined;
  let smallest = limit + 1;
  for (const candidate of known) {
    const whole = distance(wanted, plain(candidate), smallest);
    // A known field of the same name elsewhere in the record is as near as one with a letter changed.
    const found = Math.min(whole, plain(lastStep(candidate)) === wantedEnd ? 1 : Infinity);
    if (found < smallest) [nearest, smallest] = [candidate, found];
  }
  return nearest;
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[-_ ]/g, '');
const lastStep = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The Levenshtein distance of two texts; some number at or over `limit` where it is at or over it. */
function distance(one: string, other: string, limit: number): number {
  if (Math.abs(one.length - other.length) >= limit) return limit;
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= other.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (one[line - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return row[other.length] ?? limit;
}
