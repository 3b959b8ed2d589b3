import { MAX_EXAMPLES, type FeedChanges } from '../copies/copy.ts';
import type { IndicatorTable } from './indicator-table.ts';

/** A source that had fewer may lose as many as it likes. */
const SMALL = 100;

/** Which values a source says that it did not, and the other way round. What it says of a value is not compared. */
export function changesOf(before: IndicatorTable, after: IndicatorTable): FeedChanges {
  const [added, withdrawn] = [missingIn(before, after), missingIn(after, before)];
  return {
    added: added.count,
    changed: 0,
    withdrawn: withdrawn.count,
    examples: { added: added.examples, changed: [], withdrawn: withdrawn.examples },
  };
}

/** Values of one table that are not in another. */
function missingIn(other: IndicatorTable, table: IndicatorTable): { count: number; examples: string[] } {
  const examples: string[] = [];
  let count = 0;
  for (const value of table.values()) {
    if (other.has(value)) continue;
    count += 1;
    if (examples.length < MAX_EXAMPLES) examples.push(value);
  }
  return { count, examples };
}

/** Why what a source says now is not to take the place of what it said: most of that is gone. */
export function objectionTo(before: IndicatorTable, after: IndicatorTable): string | undefined {
  if (before.size < SMALL || after.size * 2 >= before.size) return undefined;
  return `it has ${after.size} indicators and had ${before.size}: more than half are gone`;
}
