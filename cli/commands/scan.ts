import { Option, type Command } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { loadConfiguration } from '../../platform/configuration.ts';
import { exceptionNotices } from '../../pipeline/detection/exceptions/exception.ts';
import type { RuleSet } from '../../pipeline/detection/matching/rule-set.ts';
import { parseDirectory, type Directory } from '../../pipeline/timeline/identity/directory.ts';
import { LEVELS, type Level } from '../../pipeline/timeline/signal.ts';
import { filesOf } from '../scan/files.ts';
import { ndjsonFormat, ocsfFormat, tableFormat, type Format } from '../scan/formats.ts';
import { progressOf } from '../scan/progress.ts';
import { readSnapshot } from '../scan/feeds.ts';
import { scanKnowledge } from '../scan/knowledge.ts';
import { scan, type ScanResult } from '../scan/scan.ts';
import { sourceOf, withSourceOptions, type SourceOptions } from '../scan/source-option.ts';
import { failedRules, unusableRules } from '../rule-reports.ts';
import { exceptionsOption, rulesInUse, rulesOf, withRuleOptions, type RuleOptions } from '../rules.ts';
import { writer } from '../output.ts';
import { printable } from '../terminal.ts';

interface Options extends SourceOptions, RuleOptions {
  readonly kev?: string;
  readonly epss?: string;
  readonly assets?: readonly string[];
  readonly feeds?: string;
  readonly directory?: string;
  readonly format: 'table' | 'ndjson' | 'ocsf';
  readonly failOn?: Level;
}

/** `crosstrail scan <path>...` */
export function scanCommand(program: Command): void {
  const command = program
    .command('scan')
    .description('read log files through the whole pipeline, without any service, and show what the rules find')
    .argument('<path...>', 'files, directories, or - for standard input');
  withRuleOptions(withSourceOptions(command))
    .addOption(exceptionsOption())
    .option(
      '--kev <file>',
      'CISA’s catalogue of known exploited vulnerabilities (JSON), added to events that name a CVE',
    )
    .option('--epss <file>', 'FIRST’s exploit prediction scores (CSV, also gzip), added likewise')
    .option(
      '--feeds <folder>',
      'a folder of copies that crosstrail feeds update --folder keeps; --kev and --epss count before them',
    )
    .option(
      '--assets <file...>',
      'inventories of what there is, whose, and how important (JSON or CSV), beside those of the configuration',
    )
    .option(
      '--directory <file>',
      'a directory snapshot: users, service principals, managed identities (JSON or CSV), by which principals are joined',
    )
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson', 'ocsf']).default('table'))
    .addOption(
      new Option('--fail-on <level>', 'exit with 1 where an alert or incident is of this level or worse').choices(
        LEVELS,
      ),
    )
    .action(async (paths: string[], options: Options) => {
      process.exitCode = await run(paths, options);
    });
}

async function run(paths: readonly string[], options: Options): Promise<number> {
  const source = sourceOf(options);
  const files = await filesOf(paths);
  const configuration = await loadConfiguration(options.config);
  const ruleSet = await rulesOf(await rulesInUse(configuration, options));
  const out = writer(process.stdout);
  const format = formatOf(options.format, out.line);
  const progress = progressOf(process.stderr, files.length);
  const listener = { ...format.listener, progress: progress.show };
  const directory = await directoryOf(options.directory ?? configuration.identity.directory);
  const { horizon, networks } = configuration.correlation;
  const result = await scan(files, ruleSet, listener, {
    source,
    knowledge: await scanKnowledge(configuration, options),
    correlation: { directory, horizon, networks },
  });
  progress.end();
  format.finish(result, ruleSet);
  await out.end();
  const notices = [
    ...unusableRules(ruleSet),
    ...failedRules(ruleSet),
    ...exceptionReports(ruleSet).map(printable),
    ...untimedRecords(result),
  ];
  for (const notice of notices) process.stderr.write(`crosstrail: ${notice}\n`);
  for (const file of result.unreadable) process.stderr.write(`crosstrail: ${printable(file)} could not be read\n`);
  if (ruleSet.rejected.length > 0 || result.unreadable.length > 0) return 2;
  const { failOn } = options;
  if (failOn === undefined) return 0;
  const found = [...result.alerts, ...result.incidents];
  return found.some(({ severity }) => LEVELS.indexOf(severity) >= LEVELS.indexOf(failOn)) ? 1 : 0;
}

/** What correlations could not take. */
function untimedRecords({ untimed }: ScanResult): string[] {
  if (untimed === 0) return [];
  const records = untimed === 1 ? '1 record says' : `${untimed} records say`;
  return [`${records} no time, and took no part in correlations; name the field that does with --time-field`];
}

/** What the owners of exceptions are to be told. */
function exceptionReports({ exceptions, exceptionErrors }: RuleSet): string[] {
  const failures = [...exceptionErrors].map(
    ([id, { count, first }]) =>
      `the exception ${id} failed on ${count} records, and suppressed nothing of them; first: ${first}`,
  );
  return [...exceptionNotices(exceptions, systemClock.now()), ...failures];
}

const directoryOf = async (file: string | undefined): Promise<Directory | undefined> =>
  file === undefined ? undefined : readSnapshot(file, parseDirectory);

function formatOf(name: Options['format'], write: (line: string) => void): Format {
  if (name === 'ndjson') return ndjsonFormat(write);
  return name === 'ocsf' ? ocsfFormat(write) : tableFormat(write);
}
