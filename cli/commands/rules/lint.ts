import { relative } from 'node:path';
import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { systemClock } from '../../../platform/clock.ts';
import { isBuiltin } from '../../../pipeline/detection/builtin.ts';
import { SEVERITIES, type Finding, type Severity } from '../../../pipeline/detection/lint/finding.ts';
import { lint, type LintReport } from '../../../pipeline/detection/lint/lint.ts';
import { readRecord, SOURCES } from '../../../pipeline/sources/registry.ts';
import { writer } from '../../output.ts';
import { withinAny } from '../../named-files.ts';
import { exceptionsOption, requireRules, rulesInUse, rulesOf, withRuleOptions, type RuleOptions } from '../../rules.ts';
import { printable, styled } from '../../terminal.ts';

interface Options extends RuleOptions {
  readonly strict: boolean;
  readonly exceptions: readonly string[];
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail rules lint` */
export function lintCommand(rules: Command): void {
  const command = rules
    .command('lint')
    .description(
      'what is wrong with rules: those that cannot be loaded, can never fire, or leave out what they must state',
    )
    .argument('[dir...]', 'only the rules in these directories (default: all that are in use)')
    .option(
      '--strict',
      'ask of every rule what the built-in ones state and test, and exit with 1 for warnings too',
      false,
    );
  withRuleOptions(command)
    .addOption(exceptionsOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (directories: string[], options: Options) => {
      process.exitCode = await run(directories, options);
    });
}

async function run(named: readonly string[], options: Options): Promise<number> {
  const inUse = await rulesInUse(await loadConfiguration(options.config), options);
  await requireRules(named);
  const all = named.length === 0;
  const isNamed = withinAny([...named, ...options.exceptions]);
  const report = await lint(await rulesOf({ ...inUse, directories: [...inUse.directories, ...named] }), {
    logsources: SOURCES.flatMap(({ logsources }) => logsources),
    read: readRecord,
    concerns: (file) => all || isNamed(file),
    demands: (file) => options.strict || isBuiltin(file),
    now: systemClock.now(),
  });
  const out = writer(process.stdout);
  if (options.format === 'ndjson') tellLines(report, out.line);
  else tellFiles(report, out.line);
  await out.end();
  const failing: readonly Severity[] = options.strict ? ['error', 'warning'] : ['error'];
  return report.findings.some(({ severity }) => failing.includes(severity)) ? 1 : 0;
}

type Write = (line: string) => void;

/** One JSON object a line: the findings, then one summary. */
function tellLines({ findings, rules, withoutContract }: LintReport, write: Write): void {
  for (const finding of findings) write(JSON.stringify({ type: 'finding', ...finding }));
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [`${severity}s`, countOf(findings, severity)]));
  write(JSON.stringify({ type: 'summary', rules, ...counts, withoutContract }));
}

const STYLES = { error: 'red', warning: 'yellow', note: 'dim' } as const satisfies Record<Severity, string>;

/** The findings by file, then what is to be known of many rules in a line, then the counts. */
function tellFiles({ findings, rules, withoutContract }: LintReport, write: Write): void {
  const [unread, others] = [true, false].map((wanted) =>
    findings.filter(({ code }) => (code === 'no-source') === wanted),
  );
  for (const [file, own] of Map.groupBy(others ?? [], (finding) => finding.file)) {
    write(styled('bold', printable(shownPath(file))));
    const width = Math.max(...own.map(({ line }) => String(line ?? '').length));
    for (const finding of own) write(lineOf(finding, width));
    write('');
  }
  if (unread !== undefined && unread.length > 0) {
    write(
      `${many(unread.length, 'rule')} for log sources that no source gives: they apply to logs read with --source json\n`,
    );
  }
  if (withoutContract > 0) {
    write(
      `${many(withoutContract, 'rule')} without crosstrail: (decision, owner, tests); what they raise goes by their level\n`,
    );
  }
  const counts = SEVERITIES.map((severity) => many(countOf(findings, severity), severity));
  write(`${many(rules, 'rule')}: ${counts.join(', ')}`);
}

function lineOf({ line, severity, message, code }: Finding, width: number): string {
  const place = String(line ?? '').padStart(width);
  const kind = styled(STYLES[severity], severity.padEnd('warning'.length));
  return `  ${place}  ${kind}  ${printable(message)}  ${styled('dim', code)}`;
}

const countOf = (findings: readonly Finding[], wanted: Severity): number =>
  findings.filter(({ severity }) => severity === wanted).length;

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** A path as it is shortest from here. */
function shownPath(file: string): string {
  const near = relative('.', file);
  return near.length < file.length ? near : file;
}
