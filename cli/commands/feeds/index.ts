import { Option, type Command } from 'commander';
import { dataOption } from '../../connection.ts';
import { folderOption } from '../../feeds/kept-copies.ts';
import { diff } from './diff.ts';
import { status } from './status.ts';
import { update } from './update.ts';

/** `crosstrail feeds update|status|diff` */
export function feedsCommand(program: Command): void {
  const command = program
    .command('feeds')
    .description(
      'what others publish and Crosstrail looks up: exploited vulnerabilities, scores, indicators, ranges of clouds',
    );
  withCopies(command.command('update'))
    .description('have feeds of those who publish them, and keep what is good')
    .option('--feed <id...>', 'only these, by the ids that status shows')
    .option('--from <file>', 'take one feed from a file, as it was published (also gzip), and ask nobody')
    .option('--force', 'take what is older or much shorter than the copy that is kept, and ask even if nothing changed')
    .action(async (options: Parameters<typeof update>[0]) => {
      process.exitCode = await update(options);
    });
  withCopies(command.command('status'))
    .description('which version of each feed is kept, how old it is, and what came of the last look')
    .action(status);
  withCopies(command.command('diff'))
    .description('what the last update of each feed changed')
    .argument('[id...]', 'only these')
    .action(diff);
}

const withCopies = (command: Command): Command =>
  command
    .addOption(dataOption())
    .addOption(folderOption())
    .option('--config <file>', 'the configuration, which names feeds (crosstrail.yaml)')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'));
