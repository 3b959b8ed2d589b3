import { Option, type Command } from 'commander';
import { loadConfiguration } from '../../platform/configuration.ts';
import { parseDirectory } from '../../pipeline/timeline/identity/directory.ts';
import { connectStorage, dataOption } from '../connection.ts';
import { writer } from '../output.ts';
import { keptPosture } from '../posture/kept-posture.ts';
import { postureLine, postureText } from '../posture/posture-text.ts';
import { readPosture } from '../posture/read-posture.ts';
import type { ShownCondition } from '../posture/shown-condition.ts';
import { readSnapshot } from '../scan/feeds.ts';
import { filesOf, UnusableInputError } from '../scan/files.ts';
import { sourceOf, withSourceOptions, type SourceOptions } from '../scan/source-option.ts';
import { printable } from '../terminal.ts';

interface Options extends SourceOptions {
  readonly data: string;
  readonly directory?: string;
  readonly config?: string;
  readonly standing?: boolean;
  readonly format: 'table' | 'ndjson';
}

/** `crosstrail posture [logs...]` */
export function postureCommand(program: Command): void {
  const command = program
    .command('posture')
    .description(
      'what changes made weak, since when and by whom, whether they went past a pipeline, and who undid them',
    )
    .argument(
      '[logs...]',
      'the log files or directories to read it from, or - for standard input; without them, what the running edition keeps',
    );
  withSourceOptions(command)
    .addOption(dataOption())
    .option('--directory <file>', 'a directory snapshot: users, service principals, managed identities (JSON or CSV)')
    .option('--config <file>', 'the configuration, which names the pipelines (crosstrail.yaml)')
    .option('--standing', 'only what is weak now')
    .addOption(new Option('--format <format>', 'how to tell').choices(['table', 'ndjson']).default('table'))
    .action(async (logs: string[], options: Options) => {
      process.exitCode = await run(logs, options);
    });
}

async function run(logs: readonly string[], options: Options): Promise<number> {
  const source = sourceOf(options);
  const { posture, identity } = await loadConfiguration(options.config);
  const { pipelines } = posture;
  if (logs.length === 0) {
    if (source !== undefined || options.directory !== undefined)
      throw new UnusableInputError('--source and --directory go with log files: name them');
    await tell(await keptPosture((await connectStorage(options.data)).tables, pipelines), options);
    return 0;
  }
  const files = await filesOf(logs);
  const snapshot = options.directory ?? identity.directory;
  const directory = snapshot === undefined ? undefined : await readSnapshot(snapshot, parseDirectory);
  const { conditions, rejected, unreadable } = await readPosture(files, { directory, source, pipelines });
  await tell(conditions, options);
  for (const file of unreadable) process.stderr.write(`crosstrail: ${printable(file)}\n`);
  if (rejected > 0)
    process.stderr.write(`crosstrail: ${rejected} records could not be read; crosstrail scan says why\n`);
  return unreadable.length > 0 ? 2 : 0;
}

async function tell(conditions: readonly ShownCondition[], { standing, format }: Options): Promise<void> {
  const asked = standing === true ? conditions.filter(({ undoneBy }) => undoneBy === undefined) : conditions;
  const out = writer(process.stdout);
  if (format === 'table') out.line(postureText(asked));
  else for (const each of asked) out.line(JSON.stringify(postureLine(each)));
  await out.end();
}
