import type { RuleSet } from '../pipeline/detection/matching/rule-set.ts';
import { printable } from './terminal.ts';

/** What is told of the rules, and exceptions, of a set that cannot be used: for each a line that is safe to print. */
export function unusableRules({ rejected }: Pick<RuleSet, 'rejected'>): string[] {
  return rejected.map(({ kind = 'rule', file, line, reason }) => {
    const place = line === undefined ? file : `${file}:${line}`;
    return printable(`${kind} not used: ${place}: ${reason}`);
  });
}

/** What is told of the rules of a set whose evaluation failed: for each a line that is safe to print. */
export function failedRules({ rules, errors }: Pick<RuleSet, 'rules' | 'errors'>): string[] {
  return rules.flatMap(({ id, file }) => {
    const failed = errors.get(id);
    if (failed === undefined) return [];
    const records = failed.count === 1 ? 'a record' : `${failed.count} records`;
    return [printable(`rule ${id} (${file}) failed on ${records}, which it may have missed; first: ${failed.first}`)];
  });
}

/** The rules of a set that cannot be used; its exceptions are none. */
export const rejectedRules = ({ rejected }: Pick<RuleSet, 'rejected'>): RuleSet['rejected'] =>
  rejected.filter(({ kind }) => kind !== 'exception');
