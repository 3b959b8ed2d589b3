import { Option, type Command } from 'commander';
import { rulesOf, typescriptOption } from '../../rules.ts';
import { writer } from '../../output.ts';
import { styledLevel, table } from '../../terminal.ts';

interface Options {
  readonly format: 'table' | 'ndjson';
  readonly typescript: boolean;
}

/** `crosstrail rules list` */
export function listCommand(rules: Command): void {
  rules
    .command('list')
    .description('rules that are in use, and those that cannot be used and why')
    .argument('[dir...]', 'directories of rules (default: the rules that come with Crosstrail)')
    .addOption(typescriptOption())
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (directories: string[], { format, typescript }: Options) => {
      const { rules, rejected } = await rulesOf({ builtin: directories.length === 0, directories, typescript });
      const out = writer(process.stdout);
      if (format === 'ndjson') {
        for (const { id, title, level, decision, owner, logsource, techniques, file } of rules) {
          out.line(JSON.stringify({ type: 'rule', id, title, level, decision, owner, logsource, techniques, file }));
        }
      } else {
        out.line(
          table(rules, [
            { title: 'LEVEL', cell: ({ level }) => level, style: ({ level }, text) => styledLevel(level, text) },
            { title: 'RULE', cell: ({ title }) => title, max: 70 },
            {
              title: 'SOURCE',
              cell: ({ logsource: { product, service, category } }) =>
                `${product ?? category ?? 'any'}/${service ?? '*'}`,
            },
            { title: 'DECISION', cell: ({ decision }) => decision },
            { title: 'ATT&CK', cell: ({ techniques }) => techniques.join(' '), max: 40 },
          ]),
        );
      }
      await out.end();
      for (const { file, line, reason } of rejected) {
        process.stderr.write(`crosstrail: rule not used: ${file}${line === undefined ? '' : `:${line}`}: ${reason}\n`);
      }
      if (rejected.length > 0) process.exitCode = 2;
    });
}
