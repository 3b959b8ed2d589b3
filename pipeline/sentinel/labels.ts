import { arrayOf, objectOf, textOf, type Json } from '../../platform/json.ts';
import { printable } from '../../platform/printable.ts';

const MAX_LABEL = 100;
/** More labels than this Crosstrail does not add to: an incident with so many has been written to by a loop. */
const MOST_LABELS = 100;

/**
 * The labels of an incident with those that it is to have, none taken away, those that are there as they were written. Sentinel compares them without case.
 * @param labels `properties.labels` as it was read
 * @returns undefined where it has them all
 */
export function mergedLabels(labels: Json | undefined, wanted: readonly string[]): Json[] | undefined {
  const present = [...(arrayOf(labels) ?? [])];
  const known = new Set(present.map((label) => (textOf(objectOf(label)?.['labelName']) ?? '').toLowerCase()));
  const added = wanted.flatMap((name) => {
    const label = printable(name).trim().slice(0, MAX_LABEL);
    if (label === '' || known.has(label.toLowerCase())) return [];
    known.add(label.toLowerCase());
    return [{ labelName: label }];
  });
  const all = [...present, ...added.slice(0, Math.max(MOST_LABELS - present.length, 0))];
  return all.length === present.length ? undefined : all;
}
