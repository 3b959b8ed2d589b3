/** Each way to take one member of each list, in order; no more than `most`. None where a list is empty. */
export function combinations<T>(lists: readonly (readonly T[])[], most: number): readonly (readonly T[])[] {
  let found: readonly (readonly T[])[] = [[]];
  for (const list of lists) {
    found = found.flatMap((before) => list.slice(0, most).map((member) => [...before, member])).slice(0, most);
  }
  return found;
}
