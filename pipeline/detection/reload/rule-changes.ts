import { createHash } from 'node:crypto';
import type { RuleSources } from '../loading/load.ts';
import type { RuleSet } from '../matching/rule-set.ts';

/** What is written of each rule, correlation rule, filter and exception of a set: a hash of its text, by its id. */
export type WrittenRules = ReadonlyMap<string, string>;

interface Written {
  readonly id: string;
  readonly file: string;
  readonly line: number;
}

/** @param sources what the set was compiled from */
export function writtenRules(set: RuleSet, sources: RuleSources): WrittenRules {
  const byFile = new Map<string, Written[]>();
  for (const rule of [...set.rules, ...set.correlations, ...set.filters, ...set.exceptions]) {
    const others = byFile.get(rule.file);
    if (others === undefined) byFile.set(rule.file, [rule]);
    else others.push(rule);
  }
  const written = new Map<string, string>();
  for (const { file, text } of [...sources.rules, ...sources.exceptions]) {
    const rules = (byFile.get(file) ?? []).toSorted((one, other) => one.line - other.line);
    const lines = rules.length > 1 ? text.split('\n') : [];
    for (const [at, { id, line }] of rules.entries()) {
      const own = rules.length > 1 ? lines.slice(line - 1, (rules[at + 1]?.line ?? Infinity) - 1).join('\n') : text;
      written.set(id, createHash('sha256').update(own).digest('base64'));
    }
  }
  return written;
}

/** So many ids are named; of more, the number is told. */
const MAX_NAMED = 10;

/** What became of the rules of one set in the next, in a line. */
export function changesBetween(before: WrittenRules, after: WrittenRules): string {
  const added = [...after.keys()].filter((id) => !before.has(id));
  const removed = [...before.keys()].filter((id) => !after.has(id));
  const changed = [...after].filter(([id, text]) => before.has(id) && before.get(id) !== text).map(([id]) => id);
  const changes = [counted('added', added), counted('removed', removed), counted('changed', changed)].filter(Boolean);
  return changes.length > 0 ? changes.join(', ') : 'no rule differs';
}

function counted(what: string, ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const named = ids.slice(0, MAX_NAMED).join(', ');
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : '';
  return `${ids.length} ${what} (${named}${more})`;
}
