import { z } from 'zod';
import { isObject, parseJson, type JsonObject } from '../../platform/json.ts';
import type { LogSource, ReadRecord } from '../timeline/read-record.ts';
import { compileRules, readText } from './load.ts';
import { missingStatements } from './rule-contract.ts';
import { readDocuments } from './rule-documents.ts';
import { takesIn } from './log-source.ts';
import type { RuleSet } from './rule-set.ts';

/** One test of a rule: a record, and whether the rule fires on it. Stands in `<rule>.tests.yml`, a list of these. */
export interface RuleTest {
  readonly name: string;
  readonly fires: boolean;
  /** The record as its source writes it. */
  readonly record: JsonObject;
}

export interface RuleTestResult {
  readonly name: string;
  readonly passed: boolean;
  /** Why the test failed. */
  readonly reason?: string | undefined;
}

/** What the tests of one file of rules gave. The file is good where it has no problem and each test passed. */
export interface RuleTestReport {
  readonly file: string;
  /** What is wrong beside the results: rules that cannot be used or leave out what the project asks, tests that are missing. */
  readonly problems: readonly string[];
  readonly tests: readonly RuleTestResult[];
}

const testFile = z.array(
  z.strictObject({
    name: z.string().min(1),
    fires: z.boolean(),
    record: z.custom<JsonObject>(isObject, 'expected a record: a map'),
  }),
  'expected a list of tests, each with name, fires and record',
);

/**
 * Runs the tests beside files of rules.
 * @param files of rules; the tests of `x.yml` are in `x.tests.yml`
 * @param read reads a record as its source does, throwing where the record is rejected
 */
export async function runRuleTests(
  files: readonly string[],
  read: (record: JsonObject) => ReadRecord,
): Promise<RuleTestReport[]> {
  const reports: RuleTestReport[] = [];
  for (const file of files) reports.push(await runFile(file, read));
  return reports;
}

async function runFile(file: string, read: (record: JsonObject) => ReadRecord): Promise<RuleTestReport> {
  try {
    const source = { file, text: await readText(file) };
    const rules = compileRules([source]);
    const tests = await readTests(file.replace(/\.ya?ml$/i, '.tests.yml'));
    const problems = [
      ...rules.rejected.map(({ line, reason }) => (line === undefined ? reason : `line ${line}: ${reason}`)),
      ...readDocuments(source)
        .documents.flatMap(missingStatements)
        .map((statement) => `the rule does not state: ${statement}`),
      ...[true, false]
        .filter((fires) => !tests.some((test) => test.fires === fires))
        .map((fires) => `no test on which the rule ${fires ? 'fires' : 'does not fire'}`),
    ];
    return { file, problems, tests: tests.map((test) => runTest(rules, test, read)) };
  } catch (error) {
    return { file, problems: [error instanceof Error ? error.message : String(error)], tests: [] };
  }
}

/** @throws Error where the file is missing or holds no tests */
async function readTests(file: string): Promise<RuleTest[]> {
  const { documents, rejected } = readDocuments({ file, text: await readText(file) });
  const [unreadable] = rejected;
  if (unreadable !== undefined) throw new Error(`${file}:${unreadable.line ?? 1}: ${unreadable.reason}`);
  return documents.flatMap(({ value, lineOf }) => {
    const result = testFile.safeParse(value);
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    const path = (issue?.path ?? []).map((step) => (typeof step === 'symbol' ? String(step) : step));
    throw new Error(`${file}:${lineOf(path)}: ${issue?.message ?? 'unusable'}`);
  });
}

function runTest(rules: RuleSet, test: RuleTest, read: (record: JsonObject) => ReadRecord): RuleTestResult {
  const { name } = test;
  try {
    // Through JSON, as records come, so that the test holds nothing that only YAML can say.
    const record = parseJson(JSON.stringify(test.record));
    const found = read(isObject(record) ? record : {});
    const fired = rules.match(found).length > 0;
    if (rules.errors.size > 0) return { name, passed: false, reason: 'the evaluation of the rule failed' };
    if (fired === test.fires) return { name, passed: true };
    return { name, passed: false, reason: fired ? 'fires, and should not' : whySilent(rules, found.logsource) };
  } catch (error) {
    return {
      name,
      passed: false,
      reason: `the record is rejected: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function whySilent({ rules }: RuleSet, logsource: LogSource): string {
  if (rules.some((rule) => takesIn(rule.logsource, logsource))) return 'does not fire, and should';
  return `does not fire: the record's log source (${named(logsource)}) is not the rule's`;
}

function named(logsource: LogSource): string {
  return Object.entries(logsource)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}
