import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { techniqueProblems } from '../pipeline/detection/attack/technique-tags.ts';
import { loadRules, ruleFiles } from '../pipeline/detection/loading/load.ts';
import { readText } from '../pipeline/detection/loading/rule-files.ts';
import { missingStatements } from '../pipeline/detection/lint/rule-contract.ts';
import { readDocuments, type RuleDocument } from '../pipeline/detection/loading/rule-documents.ts';
import { RuleTester, testProblems } from '../pipeline/detection/testing/rule-tests.ts';
import { importRule, TYPESCRIPT_RULE_FILE } from '../pipeline/detection/typescript/typescript-rule.ts';
import { readRecord } from '../pipeline/sources/registry.ts';

const directory = import.meta.dirname;
const files = await ruleFiles(directory);
const set = await loadRules([directory]);
const tester = new RuleTester(set, readRecord);
const reports = await Promise.all(
  files.map(async (file) => ({ ...(await tester.run(file)), name: relative(directory, file) })),
);

async function documentsOf(file: string): Promise<readonly RuleDocument[]> {
  const source = { file, text: await readText(file) };
  if (!TYPESCRIPT_RULE_FILE.test(file)) return readDocuments(source).documents;
  const imported = await importRule(source);
  return 'document' in imported ? [imported.document] : [];
}

describe.each(reports)('$name', ({ file, problems, tests }) => {
  it('is a rule as the project asks for', async () => {
    expect(problems).toEqual([]);
    expect((await documentsOf(file)).flatMap(missingStatements)).toEqual([]);
    expect(await testProblems(file)).toEqual([]);
  });

  it.each(tests)('$name', ({ passed, failure }) => {
    expect(failure).toBeUndefined();
    expect(passed).toBe(true);
  });
});

describe('the rules together', () => {
  it('load, each under an id of its own', () => {
    expect(set.rejected).toEqual([]);
    const ids = [...set.rules, ...set.correlations].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set([...set.rules, ...set.correlations].map(({ file }) => file)).size).toBe(files.length);
  });

  it('carry tactics and techniques of ATT&CK v19', () => {
    expect(
      [...set.rules, ...set.correlations].flatMap(({ file, tags }) =>
        techniqueProblems(tags).map((problem) => [file, problem]),
      ),
    ).toEqual([]);
  });
});
