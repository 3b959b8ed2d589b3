import type { ReadRecord } from '../../timeline/read-record.ts';
import { overdueOf, type Exception } from '../exceptions/exception.ts';
import { lintException } from '../exceptions/lint-exception.ts';
import { readRuleTests, RuleTestFileError, testFileOf } from '../testing/rule-test-file.ts';
import type { ReadTestRecord } from '../testing/rule-tests.ts';
import type { CompiledRule } from '../rule.ts';
import type { Finding, Severity } from './finding.ts';

/**
 * What is wrong with exceptions, as seen from the rules and from today.
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export async function exceptionFindings(
  exceptions: readonly Exception[],
  rules: readonly CompiledRule[],
  read: ReadTestRecord,
  now: number,
): Promise<Finding[]> {
  if (exceptions.length === 0) return [];
  const records = await firingRecords(rules, read);
  return exceptions.flatMap((exception) => {
    const { file, line, id } = exception;
    const finding = (severity: Severity, message: string): Finding => {
      return { file, line, rule: id, severity, code: 'exception', message };
    };
    const problems = lintException(exception, rules, (rule) => records.get(rule) ?? []);
    const overdue = overdueOf(exception, now);
    return [
      ...problems.map((message) => finding('error', message)),
      ...(overdue === undefined ? [] : [finding('warning', `it ${overdue}`)]),
    ];
  });
}

/** The records on which each rule fires, of those in its tests that are to fire. */
async function firingRecords(
  rules: readonly CompiledRule[],
  read: ReadTestRecord,
): Promise<ReadonlyMap<CompiledRule, readonly ReadRecord[]>> {
  const found = new Map<CompiledRule, readonly ReadRecord[]>();
  for (const [file, own] of Map.groupBy(rules, (rule) => rule.file)) {
    const records = (await testedRecords(file)).flatMap((record) => {
      try {
        return [read(record)];
      } catch {
        return []; // that the test fails, `rules test` tells
      }
    });
    for (const rule of own)
      found.set(
        rule,
        records.filter((record) => fires(rule, record)),
      );
  }
  return found;
}

async function testedRecords(file: string) {
  const testFile = await testFileOf(file);
  if (testFile === undefined) return [];
  try {
    const tests = await readRuleTests(testFile);
    return tests.filter(({ expected }) => expected !== false).flatMap(({ records }) => records);
  } catch (error) {
    if (error instanceof RuleTestFileError) return [];
    throw error;
  }
}

function fires(rule: CompiledRule, record: ReadRecord): boolean {
  try {
    return rule.matches(record);
  } catch {
    return false;
  }
}
