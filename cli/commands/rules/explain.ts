import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { explain } from '../../../pipeline/detection/explain/explain.ts';
import { explainCorrelation } from '../../../pipeline/detection/explain/explain-correlation.ts';
import type { ReadRecord } from '../../../pipeline/timeline/read-record.ts';
import { explanationLines } from '../../explanation-text.ts';
import { isFile, ruleNamed, ruleOfFile } from '../../find-rule.ts';
import { writer } from '../../output.ts';
import { exceptionsOption, rulesInUse, rulesOf, withRuleOptions, type RuleOptions } from '../../rules.ts';
import type { Place } from '../../scan/read-file.ts';
import { recordAt } from '../../scan/record-at.ts';
import { sourceOf, withSourceOptions, type SourceOptions } from '../../scan/source-option.ts';
import { printable, shownTime } from '../../terminal.ts';

interface Options extends SourceOptions, RuleOptions {
  readonly id?: string;
  readonly record: string;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail rules explain <rule> <record>` */
export function explainCommand(rules: Command): void {
  const command = rules
    .command('explain')
    .description(
      'which selections of a rule match a record and which do not, on which fields and values; exits with 1 where it does not fire',
    )
    .argument('<rule>', 'id, name or title of a rule in use, or a file of rules')
    .argument('<record>', 'a file that holds the record, or - for standard input')
    .option('--id <id>', 'the rule of this id, name or title in the file of rules (default: its first)')
    .option('--record <n>', 'the number of the record within its file, from 0, or its own id', '0');
  withRuleOptions(withSourceOptions(command))
    .addOption(exceptionsOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (rule: string, file: string, options: Options) => {
      process.exitCode = await run(rule, file, options);
    });
}

async function run(name: string, file: string, options: Options): Promise<number> {
  const source = sourceOf(options);
  const fromFile = await isFile(name);
  const inUse = await rulesInUse(await loadConfiguration(options.config), options);
  const set = await rulesOf({ ...inUse, replacements: fromFile ? [name] : [] });
  const rule = fromFile ? ruleOfFile(name, options.id, set) : ruleNamed(name, set);
  const { read, place } = await recordAt(file, options.record, source);
  const explanation = rule.kind === 'correlation' ? explainCorrelation(rule, read, set) : explain(rule, read);
  const suppressed = set.match(read).find((signal) => signal.rule.id === rule.id)?.suppressed;
  const out = writer(process.stdout);
  if (options.format === 'ndjson') {
    const { id, recordId, time, principal } = read.event;
    const record = { origin: place, id, recordId, time: new Date(time).toISOString(), principal };
    out.line(JSON.stringify({ type: 'explanation', record, ...explanation, suppressed }));
  } else {
    const [title = '', ...lines] = explanationLines(explanation);
    for (const line of [title, recordLine(read, place), ...lines]) out.line(line);
    if (suppressed !== undefined)
      out.line(`The signal is suppressed by the exception ${printable(suppressed.exception)}.`);
  }
  await out.end();
  return explanation.fires ? 0 : 1;
}

function recordLine({ event }: ReadRecord, { file, record }: Place): string {
  const { id, time, principal } = event;
  return printable(`${file} record ${record}: ${id}, ${shownTime(time)} UTC, ${principal}`);
}
