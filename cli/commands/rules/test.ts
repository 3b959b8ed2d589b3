import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { builtinRules } from '../../../pipeline/detection/builtin.ts';
import { junitXml } from '../../../pipeline/detection/testing/junit.ts';
import type { RuleSet } from '../../../pipeline/detection/matching/rule-set.ts';
import { RuleTester, type RuleTestReport } from '../../../pipeline/detection/testing/rule-tests.ts';
import { readRecord } from '../../../pipeline/sources/registry.ts';
import { writer } from '../../output.ts';
import { rulesInUse, rulesOf, withRuleOptions, type RuleOptions } from '../../rules.ts';
import { filesUnderTest, type FilesUnderTest } from '../../rule-tests/files-under-test.ts';
import { lineReport, tableReport } from '../../rule-tests/reports.ts';
import { testProgress } from '../../rule-tests/progress.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { sourceOf, withSourceOptions, type SourceOptions } from '../../scan/source-option.ts';

interface Options extends SourceOptions, RuleOptions {
  readonly filter?: string;
  readonly junit?: string;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail rules test [dir|file...]` */
export function testCommand(rules: Command): void {
  const command = rules
    .command('test')
    .description(
      'run the tests that stand beside rules, on raw records, and show what comes out otherwise than expected',
    )
    .argument('[place...]', 'only the rules in these directories or files (default: all that are in use)')
    .option(
      '--filter <text>',
      'only tests that have the text in their name, in the title or id of a rule, or in the file',
    )
    .option('--junit <file>', 'write the results as JUnit XML too, for a build server');
  withRuleOptions(withSourceOptions(command))
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (places: string[], options: Options) => {
      process.exitCode = await run(places, options);
    });
}

async function run(named: readonly string[], options: Options): Promise<number> {
  const source = sourceOf(options);
  // Without exceptions: what they suppress is not what a rule says.
  const inUse = { ...(await rulesInUse(await loadConfiguration(options.config), options)), exceptions: [] };
  const places = [...(inUse.builtin ? [builtinRules()] : []), ...inUse.directories];
  const under = await filesUnderTest(named.length === 0 ? places : named);
  // Beside the rules in use, for rules may refer to others; one that is under test takes the place of the one in use.
  const set = await rulesOf({ ...inUse, replacements: named.length === 0 ? [] : under.places });
  const tester = new RuleTester(set, (record) => readRecord(record, source));
  const started = performance.now();
  const reports = await reportsOf(under, tester, set, options.filter);
  const seconds = (performance.now() - started) / 1000;
  const out = writer(process.stdout);
  const report = options.format === 'ndjson' ? lineReport : tableReport;
  report(reports, under.orphans.map(shown), seconds, out.line);
  await out.end();
  if (options.junit !== undefined) await writeJunit(options.junit, reports);
  if (reports.some(({ problems }) => problems.length > 0) || under.orphans.length > 0) return 2;
  return reports.some(({ tests }) => tests.some(({ passed }) => !passed)) ? 1 : 0;
}

/** Of the files, those with tests that are wanted; all of them, where all tests are. */
async function reportsOf(
  { ruleFiles }: FilesUnderTest,
  tester: RuleTester,
  set: RuleSet,
  filter: string | undefined,
): Promise<RuleTestReport[]> {
  const progress = testProgress(process.stderr, ruleFiles.length);
  const reports: RuleTestReport[] = [];
  const contains = (text: string): boolean => filter === undefined || text.toLowerCase().includes(filter.toLowerCase());
  const named = new Set(
    [...set.rules, ...set.correlations]
      .filter(({ id, title }) => contains(id) || contains(title))
      .map(({ file }) => file),
  );
  for (const file of ruleFiles) {
    const whole = named.has(file) || contains(shown(file));
    const report = await tester.run(file, whole ? () => true : contains);
    if (whole || report.tests.length > 0) reports.push(withShownPaths(report));
    progress.show(report);
  }
  progress.end();
  if (reports.length === 0)
    throw new UnusableInputError(`no test has '${filter ?? ''}' in its name, its rule or its file`);
  return reports;
}

function withShownPaths({ file, testFile, problems, ...report }: RuleTestReport): RuleTestReport {
  return {
    ...report,
    file: shown(file),
    testFile: testFile && shown(testFile),
    problems: problems.map((problem) => ({ ...problem, file: shown(problem.file) })),
  };
}

/** As seen from here, where that is shorter. */
function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.length < file.length ? path : file;
}

async function writeJunit(file: string, reports: readonly RuleTestReport[]): Promise<void> {
  await writeFile(file, junitXml(reports)).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new UnusableInputError(`the report cannot be written to ${file}: ${why}`, { cause: error });
  });
}
