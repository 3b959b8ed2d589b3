import type { ReadRecord } from '../../timeline/read-record.ts';
import { readRuleTests, RuleTestFileError, testFileOf } from '../rule-test-file.ts';
import type { RuleSet } from '../rule-set.ts';
import type { ReadTestRecord } from '../rule-tests.ts';
import type { CompiledRule, RejectedRule } from '../rule.ts';
import { names } from './exception.ts';
import { lintException } from './lint-exception.ts';

/**
 * What is wrong with the exceptions of a rule set as seen from its rules and their tests; see {@link lintException}. Of tests that
 * cannot be used nothing is said.
 * @param read reads the record of a test as its source does
 */
export async function lintExceptions({ exceptions, rules }: RuleSet, read: ReadTestRecord): Promise<RejectedRule[]> {
  const firing = new Map<CompiledRule, readonly ReadRecord[]>();
  for (const rule of rules.filter((one) => exceptions.some((exception) => names(exception, one)))) {
    firing.set(rule, await firingRecords(rule, read));
  }
  return exceptions.flatMap((exception) => {
    const { file, line } = exception;
    const reasons = lintException(exception, rules, (rule) => firing.get(rule) ?? []);
    return reasons.map((reason) => ({ file, line, reason }));
  });
}

/** The records of a rule's tests on which it fires. */
async function firingRecords(rule: CompiledRule, read: ReadTestRecord): Promise<ReadRecord[]> {
  const file = await testFileOf(rule.file);
  if (file === undefined) return [];
  try {
    const tests = await readRuleTests(file);
    return tests.flatMap(({ records }) => records.flatMap((record) => firesOn(rule, () => read(record))));
  } catch (error) {
    if (error instanceof RuleTestFileError) return [];
    throw error;
  }
}

/** The record where the rule fires on it; none where it does not, or either fails. */
function firesOn(rule: CompiledRule, read: () => ReadRecord): ReadRecord[] {
  try {
    const record = read();
    return rule.matches(record) ? [record] : [];
  } catch {
    return [];
  }
}
