import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { techniqueProblems } from '../pipeline/detection/attack/technique-tags.ts';
import { loadRules, ruleFiles } from '../pipeline/detection/load.ts';
import { runRuleTests } from '../pipeline/detection/rule-tests.ts';
import { readRecord } from '../pipeline/sources/registry.ts';

const directory = import.meta.dirname;
const results = await runRuleTests(await ruleFiles(directory), readRecord);
const reports = results.map((report) => ({ ...report, file: relative(directory, report.file) }));

describe.each(reports)('$file', ({ file, problems, tests }) => {
  it('is a rule as the project asks for', () => {
    expect(problems, file).toEqual([]);
  });

  it.each(tests)('$name', ({ passed, reason }) => {
    expect(passed, reason).toBe(true);
  });
});

describe('the rules together', () => {
  it('load, each under an id of its own', async () => {
    const { rules, rejected } = await loadRules([directory]);
    expect(rejected).toEqual([]);
    expect(rules.length).toBe(reports.length);
  });

  it('carry tactics and techniques of ATT&CK v19', async () => {
    const { rules } = await loadRules([directory]);
    expect(rules.flatMap(({ file, tags }) => techniqueProblems(tags).map((problem) => [file, problem]))).toEqual([]);
  });
});
