import type { RuleSet } from '../matching/rule-set.ts';

/** So many are named at a time. */
const MAX_NAMED = 20;

/**
 * What there is to say of the rules and exceptions of a set that have begun to fail: of each once.
 * @param told ids of those of which it was said; those of which it is said now are added
 */
export function failureNotices(set: RuleSet, told: Set<string>): string[] {
  const begun = [...set.errors, ...set.exceptionErrors].filter(([id]) => !told.has(id));
  if (begun.length === 0) return [];
  for (const [id] of begun) told.add(id);
  const files = new Map([...set.rules, ...set.exceptions].map(({ id, file }) => [id, file]));
  const notices = begun.slice(0, MAX_NAMED).map(([id, { first }]) => {
    const costs = set.exceptionErrors.has(id) ? 'and then suppresses nothing' : 'and may miss what it is for';
    return `rules: ${id} (${files.get(id) ?? ''}) fails, ${costs}; first: ${first}`;
  });
  const more = begun.length - notices.length;
  return more > 0 ? [...notices, `rules: ${more} more fail; the health endpoint names them`] : notices;
}
