import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '../platform/configuration.ts';
import { alertsCommand } from './commands/alerts.ts';
import { approvalsCommand } from './commands/approvals.ts';
import { assetsCommand } from './commands/assets.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { doctorCommand } from './commands/doctor.ts';
import { entityCommand } from './commands/entity.ts';
import { evidenceCommand } from './commands/evidence.ts';
import { exceptionsCommand } from './commands/exceptions/index.ts';
import { feedsCommand } from './commands/feeds/index.ts';
import { findingsCommand } from './commands/findings.ts';
import { incidentsCommand } from './commands/incidents/index.ts';
import { intelCommand } from './commands/intel.ts';
import { leasesCommand } from './commands/leases.ts';
import { permissionsCommand } from './commands/permissions.ts';
import { playbooksCommand } from './commands/playbooks/index.ts';
import { postureCommand } from './commands/posture.ts';
import { replayCommand } from './commands/replay.ts';
import { responseCommand } from './commands/response.ts';
import { rulesCommand } from './commands/rules/index.ts';
import { scanCommand } from './commands/scan.ts';
import { sentinelCommand } from './commands/sentinel.ts';
import { timelineCommand } from './commands/timeline.ts';
import { UnusableInputError } from './scan/files.ts';

const UNUSABLE = 2;

const program = new Command('crosstrail')
  .description('Open cloud detection and response: one timeline across Azure, Entra, AKS and AWS')
  .version('0.1.0')
  .exitOverride();

scanCommand(program);
replayCommand(program);
alertsCommand(program);
incidentsCommand(program);
findingsCommand(program);
assetsCommand(program);
feedsCommand(program);
timelineCommand(program);
entityCommand(program);
postureCommand(program);
intelCommand(program);
sentinelCommand(program);
playbooksCommand(program);
approvalsCommand(program);
leasesCommand(program);
evidenceCommand(program);
responseCommand(program);
permissionsCommand(program);
doctorCommand(program);
deadLettersCommand(program);
rulesCommand(program);
exceptionsCommand(program);

pointToHelp(program);

// A reader that closes early, such as `head`, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : UNUSABLE);
});
// Nor is it where it reads the messages: what the command ends with stays what it found.
process.stderr.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Where a command is given what it does not know, its own help is named. */
function pointToHelp(command: Command, name = command.name()): void {
  command.showHelpAfterError(`(${name} --help shows what there is)`);
  for (const below of command.commands) pointToHelp(below, `${name} ${below.name()}`);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : UNUSABLE;
  const known = error instanceof UnusableInputError || error instanceof ConfigurationError;
  if (isRefused(error)) {
    process.stderr.write(
      'crosstrail: nothing answers where the hubs or the storage account should be: start the local edition (npm start), ' +
        'or check --data, AzureWebJobsStorage and CROSSTRAIL_HUBS\n',
    );
    return UNUSABLE;
  }
  const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
  process.stderr.write(`crosstrail: ${text}\n`);
  return UNUSABLE;
}

/** Whether nobody listens where a service should be; the clients of Azure hand over the system's error, or carry it as their cause. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'ECONNREFUSED') || isRefused(error.cause);
}
