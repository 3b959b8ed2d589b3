import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../../platform/configuration.ts';
import type { CorrelationRule } from '../../../pipeline/detection/correlation/correlation-rule.ts';
import type { CompiledRule } from '../../../pipeline/detection/rule.ts';
import { unusableRules } from '../../rule-reports.ts';
import { namedRules, withRuleOptions, type RuleOptions } from '../../rules.ts';
import { writer } from '../../output.ts';
import { styledLevel, table } from '../../terminal.ts';

interface Options extends RuleOptions {
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail rules list` */
export function listCommand(rules: Command): void {
  const command = rules
    .command('list')
    .description('rules that are in use, and those that cannot be used and why')
    .argument('[dir...]', 'only the rules in these directories (default: all that are in use)');
  withRuleOptions(command)
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (directories: string[], { format, ...options }: Options) => {
      const set = await namedRules(directories, await loadConfiguration(options.config), options);
      const rules = [...set.rules, ...set.correlations];
      const out = writer(process.stdout);
      if (format === 'ndjson') {
        for (const rule of rules) {
          const { kind, id, title, level, decision, owner, techniques, file } = rule;
          const source = rule.kind === 'correlation' ? { rules: rule.rules } : { logsource: rule.logsource };
          out.line(
            JSON.stringify({ type: 'rule', kind, id, title, level, decision, owner, ...source, techniques, file }),
          );
        }
      } else if (rules.length === 0) out.line('no rules');
      else {
        out.line(
          table(rules, [
            { title: 'LEVEL', cell: ({ level }) => level, style: ({ level }, text) => styledLevel(level, text) },
            { title: 'RULE', cell: ({ title }) => title, max: 70 },
            { title: 'SOURCE', cell: shownSource },
            { title: 'DECISION', cell: ({ decision }) => decision },
            { title: 'ATT&CK', cell: ({ techniques }) => techniques.join(' '), max: 40 },
          ]),
        );
      }
      await out.end();
      for (const notice of unusableRules(set)) process.stderr.write(`crosstrail: ${notice}\n`);
      if (set.rejected.length > 0) process.exitCode = 2;
    });
}

function shownSource(rule: CompiledRule | CorrelationRule): string {
  if (rule.kind === 'correlation') return `${rule.type} of ${rule.rules.length}`;
  const { product, service, category } = rule.logsource;
  return `${product ?? category ?? 'any'}/${service ?? '*'}`;
}
