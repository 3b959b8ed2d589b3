import { Option, type Command } from 'commander';
import { dataOption } from '../../connection.ts';
import { configOption, formatOption, paramOption, reasonOption } from '../../response/options.ts';
import type { ListOptions } from './list.ts';
import type { PlanOptions } from './plan.ts';
import type { RunOptions } from './run.ts';
import type { UndoOptions } from './undo.ts';

/** `crosstrail playbooks list|plan|run|undo`. What does the work is loaded when it is asked for: clients of services take time to load. */
export function playbooksCommand(program: Command): void {
  const playbooks = program
    .command('playbooks')
    .description('responses: what each would do, doing it, and taking it back');
  playbooks
    .command('list')
    .description('all actions, and the playbooks and bindings of the configuration')
    .addOption(configOption())
    .addOption(formatOption())
    .action(async (options: ListOptions) => {
      const { list } = await import('./list.ts');
      await list(options);
    });
  withPlanOptions(playbooks.command('plan'))
    .description('what an action would do: only reads, and needs no deployment')
    // What is planned may be run by the same line: there is nothing to ask.
    .addOption(new Option('--yes').hideHelp())
    .action(async (action: string, options: PlanOptions) => {
      const { plan } = await import('./plan.ts');
      process.exitCode = await plan(action, options);
    });
  withPlanOptions(playbooks.command('run'))
    .description('plans an action, shows it, asks, does it, and sees that it has effect')
    .option('--yes', 'does not ask')
    .addOption(reasonOption())
    .action(async (action: string, options: RunOptions) => {
      const { run } = await import('./run.ts');
      process.exitCode = await run(action, options);
    });
  undoCommand(playbooks);
}

/** Gives a command what is to be known for a plan. */
const withPlanOptions = (command: Command): Command =>
  command
    .argument('<action>', 'its name, as crosstrail playbooks list shows it')
    .addOption(paramOption())
    .addOption(dataOption())
    .addOption(configOption())
    .option('--incident <id>', 'the incident that it is done for')
    .option('--lease <span>', 'how long it is to hold, such as 4h; as long as the action usually does unless told')
    .addOption(formatOption());

function undoCommand(playbooks: Command): void {
  playbooks
    .command('undo')
    .description('takes back what an action did, and sees that it is as before')
    .argument('<what>', 'the action, with the parameters that it was given; or the id of a response')
    .addOption(paramOption())
    .addOption(dataOption())
    .addOption(configOption())
    .option('--yes', 'does not ask, which it does at a terminal only')
    .option('--force', 'also where somebody else changed it since')
    .addOption(reasonOption())
    .addOption(formatOption())
    .action(async (what: string, options: UndoOptions) => {
      const { undo } = await import('./undo.ts');
      process.exitCode = await undo(what, options);
    });
}
