import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../../platform/configuration.ts';
import type { BeforeAfter } from '../../../pipeline/detection/backtest/compare.ts';
import { readText } from '../../../pipeline/detection/loading/rule-files.ts';
import type { RuleSet } from '../../../pipeline/detection/matching/rule-set.ts';
import { backtest, type BacktestResult } from '../../backtest/backtest.ts';
import { ndjsonBacktest } from '../../backtest/ndjson.ts';
import { tableBacktest } from '../../backtest/table.ts';
import { writer } from '../../output.ts';
import { unusableRules } from '../../rule-reports.ts';
import {
  exceptionsOption,
  oneMore,
  requireRules,
  rulesInUse,
  rulesOf,
  withRuleOptions,
  type RuleOptions,
} from '../../rules.ts';
import { filesOf } from '../../scan/files.ts';
import { progressOf } from '../../scan/progress.ts';
import { sourceOf, withSourceOptions, type SourceOptions } from '../../scan/source-option.ts';
import { printable } from '../../terminal.ts';

interface Options extends SourceOptions, RuleOptions {
  readonly base: readonly string[];
  readonly format: 'table' | 'ndjson';
  readonly failOnChange: boolean;
}

/** `crosstrail rules backtest <rules> <logs...>` */
export function backtestCommand(rules: Command): void {
  const command = rules
    .command('backtest')
    .description('what a change of rules would have raised, and what it would have stopped raising')
    .argument(
      '<rules>',
      'the changed rules, a file or a directory: each takes the place of the rule of its id among those in use, or is new',
    )
    .argument('<logs...>', 'log files or directories, or - for standard input')
    .addOption(
      new Option(
        '--base <dir>',
        'compare with these rules in place of those in use; rules that are missing in <rules> are then removed (repeatable)',
      )
        .argParser(oneMore)
        .default([])
        .conflicts(['rules', 'builtin']),
    );
  withRuleOptions(withSourceOptions(command))
    .addOption(exceptionsOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .option('--fail-on-change', 'exit with 1 where an alert is added, gone, or raised otherwise', false)
    .action(async (changed: string, logs: string[], options: Options) => {
      process.exitCode = await run(changed, logs, options);
    });
}

async function run(changed: string, logs: readonly string[], options: Options): Promise<number> {
  const source = sourceOf(options);
  const files = await filesOf(logs);
  const sets = await ruleSets(changed, options);
  const out = writer(process.stdout);
  const progress = progressOf(process.stderr, files.length);
  const result = await backtest(files, sets, { source, code: await codeOf(sets), progress: progress.show });
  progress.end();
  (options.format === 'ndjson' ? ndjsonBacktest : tableBacktest)(result, out.line);
  await out.end();
  for (const problem of problemsOf(result)) process.stderr.write(`crosstrail: ${printable(problem)}\n`);
  if (isUnusable(result)) return 2;
  return options.failOnChange && result.changes.some(raisesOtherwise) ? 1 : 0;
}

/** The rules before and after the change. @throws UnusableInputError where there are none to read */
async function ruleSets(changed: string, options: Options): Promise<BeforeAfter<RuleSet>> {
  const inUse = await rulesInUse(await loadConfiguration(options.config), options);
  await requireRules([changed]);
  if (options.base.length > 0) {
    const before = await rulesOf({ ...inUse, builtin: false, directories: options.base });
    return { before, after: await rulesOf({ ...inUse, builtin: false, directories: [changed] }) };
  }
  return { before: await rulesOf(inUse), after: await rulesOf({ ...inUse, replacements: [changed] }) };
}

/** The text of the rules in TypeScript, by file. */
async function codeOf({ before, after }: BeforeAfter<RuleSet>): Promise<ReadonlyMap<string, string>> {
  const code = new Map<string, string>();
  for (const { kind, file } of [...before.rules, ...after.rules]) {
    if (kind === 'typescript' && !code.has(file)) code.set(file, await readText(file));
  }
  return code;
}

function problemsOf({ rules, unreadable }: BacktestResult): string[] {
  const rejected = [...unusableRules(rules.before), ...unusableRules(rules.after)];
  return [...new Set(rejected), ...unreadable.map((file) => `${file} could not be read`)];
}

const isUnusable = ({ rules, unreadable }: BacktestResult): boolean =>
  rules.before.rejected.length + rules.after.rejected.length + unreadable.length > 0;

const raisesOtherwise = ({ added, gone, changed }: BacktestResult['changes'][number]): boolean =>
  added.length + gone.length + changed.length > 0;
