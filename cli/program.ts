import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '../platform/configuration.ts';
import { alertsCommand } from './commands/alerts.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { exceptionsCommand } from './commands/exceptions/index.ts';
import { replayCommand } from './commands/replay.ts';
import { rulesCommand } from './commands/rules/index.ts';
import { scanCommand } from './commands/scan.ts';
import { timelineCommand } from './commands/timeline.ts';
import { UnusableInputError } from './scan/files.ts';

const UNUSABLE = 2;

const program = new Command('crosstrail')
  .description('Open cloud detection and response: one timeline across Azure, Entra, AKS and AWS')
  .version('0.1.0')
  .showHelpAfterError('(crosstrail --help shows what there is)')
  .exitOverride();

scanCommand(program);
replayCommand(program);
alertsCommand(program);
timelineCommand(program);
deadLettersCommand(program);
rulesCommand(program);
exceptionsCommand(program);

// A reader that closes early, such as `head`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : UNUSABLE);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : UNUSABLE;
  const known = error instanceof UnusableInputError || error instanceof ConfigurationError;
  const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`crosstrail: ${text}\n`);
  return UNUSABLE;
}
