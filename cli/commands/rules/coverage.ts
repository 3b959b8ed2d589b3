import { writeFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { navigatorLayer } from '../../../pipeline/detection/attack/navigator-layer.ts';
import { TACTICS } from '../../../pipeline/timeline/attack/tactics.ts';
import {
  coverageOf,
  type Coverage,
  type CoverageCounts,
  type CoverageStatus,
  type CoveredTechnique,
} from '../../../pipeline/detection/attack/coverage.ts';
import { connectedSources, type ConnectableSource } from '../../connected-sources.ts';
import { writer } from '../../output.ts';
import { unusableRules } from '../../rule-reports.ts';
import { namedRules, withRuleOptions, type RuleOptions } from '../../rules.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { printable, styled, table, type Column } from '../../terminal.ts';

interface Options extends RuleOptions {
  readonly connected?: readonly string[];
  readonly withoutRule: boolean;
  readonly navigator?: string;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail rules coverage` */
export function coverageCommand(rules: Command): void {
  const command = rules
    .command('coverage')
    .description('techniques of ATT&CK that have a rule, those whose rules get no records, and those without a rule')
    .argument('[dir...]', 'only the rules in these directories (default: all that are in use)')
    .option(
      '--connected <source...>',
      'the sources that send records (default: sources.connected of the configuration, else all that Crosstrail reads)',
    )
    .option('--without-rule', 'list the techniques without a rule too', false)
    .option('--navigator <file>', 'write a layer for ATT&CK Navigator; - for standard output, in place of all else');
  withRuleOptions(command)
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (directories: string[], options: Options) => {
      process.exitCode = await run(directories, options);
    });
}

async function run(directories: readonly string[], options: Options): Promise<number> {
  const configuration = await loadConfiguration(options.config);
  const sources =
    options.connected === undefined
      ? connectedSources(configuration.sources.connected, 'sources.connected of the configuration')
      : connectedSources(
          options.connected.flatMap((ids) => ids.split(',')),
          '--connected',
        );
  const { rules, correlations, rejected } = await namedRules(directories, configuration, options);
  // From here on, nothing that a rule says can move the cursor.
  const printed = [...rules, ...correlations].map((rule) => ({
    ...rule,
    id: printable(rule.id),
    title: printable(rule.title),
  }));
  const coverage = coverageOf(printed, sources);
  if (options.navigator !== undefined) await writeLayer(options.navigator, coverage);
  if (options.navigator !== '-') {
    const out = writer(process.stdout);
    if (options.format === 'ndjson') tellLines(coverage, options, out.line);
    else tellTables(coverage, sources, options, out.line);
    await out.end();
  }
  for (const notice of unusableRules({ rejected })) process.stderr.write(`crosstrail: ${notice}\n`);
  return rejected.length > 0 ? 2 : 0;
}

async function writeLayer(file: string, coverage: Coverage): Promise<void> {
  const layer = `${JSON.stringify(navigatorLayer(coverage), undefined, 2)}\n`;
  if (file === '-') {
    const out = writer(process.stdout);
    out.line(layer.trimEnd());
    await out.end();
    return;
  }
  await writeFile(file, layer).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnusableInputError(`the layer cannot be written: ${reason}; name a file that can be`, { cause: error });
  });
}

type Write = (line: string) => void;

/** One JSON object a line: the techniques, then one summary. */
function tellLines(coverage: Coverage, { withoutRule }: Options, write: Write): void {
  const { techniques, counts, rules, withoutTechnique } = coverage;
  for (const technique of techniques) {
    if (withoutRule || technique.status !== 'no-rule') write(JSON.stringify({ type: 'technique', ...technique }));
  }
  write(JSON.stringify({ type: 'summary', techniques: counts, rules, withoutTechnique }));
}

function tellTables(
  coverage: Coverage,
  sources: readonly ConnectableSource[],
  { withoutRule }: Options,
  write: Write,
): void {
  const rows = rowsOf(coverage.techniques).filter(({ technique: { status } }) => withoutRule || status !== 'no-rule');
  if (rows.length > 0) write(`${table(rows, TECHNIQUE_COLUMNS)}\n`);
  const ofMatrix = { name: 'cloud matrix', counts: coverage.counts };
  write(
    `${table([...coverage.tactics.map(({ tactic, counts }) => ({ name: tactic.name, counts })), ofMatrix], TACTIC_COLUMNS)}\n`,
  );
  const { connected, 'not-connected': not, 'no-source': none } = coverage.rules;
  const ids = sources.filter((source) => source.connected).map(({ id }) => id);
  write(
    `${styled('bold', `${connected + not + none} rules`)}: ${connected} with their source connected ` +
      `(${ids.join(', ') || 'no source'}), ${not} without, ${none} of log sources that Crosstrail does not read; ` +
      `${coverage.withoutTechnique} name no technique`,
  );
}

interface Row {
  readonly tactic: string;
  readonly technique: CoveredTechnique;
}

/** A row for each tactic of each technique, in the order of the matrix, and last what is not of the cloud matrix. */
function rowsOf(techniques: readonly CoveredTechnique[]): Row[] {
  const ofTactics = TACTICS.flatMap(({ shortName, name }) =>
    techniques.filter(({ tactics }) => tactics.includes(shortName)).map((technique) => ({ tactic: name, technique })),
  );
  const others = techniques.filter(({ tactics }) => tactics.length === 0);
  return [...ofTactics, ...others.map((technique) => ({ tactic: 'not of the cloud', technique }))];
}

const LOOKS = {
  connected: { text: 'connected', style: 'green' },
  'not-connected': { text: 'not connected', style: 'yellow' },
  'no-rule': { text: 'no rule', style: 'dim' },
} as const satisfies Record<CoverageStatus, object>;

const TECHNIQUE_COLUMNS: readonly Column<Row>[] = [
  { title: 'TACTIC', cell: ({ tactic }) => tactic },
  { title: 'TECHNIQUE', cell: ({ technique: { id } }) => id, whole: true },
  { title: 'NAME', cell: ({ technique: { name = '' } }) => name },
  {
    title: 'SOURCE',
    cell: ({ technique: { status } }) => LOOKS[status].text,
    style: ({ technique: { status } }, text) => styled(LOOKS[status].style, text),
  },
  { title: 'RULES', cell: ({ technique: { rules } }) => String(rules.length), right: true },
  { title: 'RULE', cell: ({ technique: { rules } }) => shownRules(rules), max: 70 },
];

const shownRules = (rules: CoveredTechnique['rules']): string =>
  rules.length <= 1 ? (rules[0]?.title ?? '') : `${rules[0]?.title ?? ''} and ${rules.length - 1} more`;

interface TacticRow {
  readonly name: string;
  readonly counts: CoverageCounts;
}

const countColumn = (title: string, count: (counts: CoverageCounts) => number): Column<TacticRow> => ({
  title,
  cell: ({ counts }) => String(count(counts)),
  right: true,
});

const TACTIC_COLUMNS: readonly Column<TacticRow>[] = [
  { title: 'TACTIC', cell: ({ name }) => name },
  countColumn('CONNECTED', ({ connected }) => connected),
  countColumn('NOT CONNECTED', ({ 'not-connected': not }) => not),
  countColumn('NO RULE', ({ 'no-rule': none }) => none),
  countColumn('TECHNIQUES', ({ connected, 'not-connected': not, 'no-rule': none }) => connected + not + none),
];
