import type { Command } from 'commander';
import { listCommand } from './list.ts';
import { suppressedCommand } from './suppressed.ts';

/** `crosstrail exceptions`: one line for each of its commands. */
export function exceptionsCommand(program: Command): void {
  const exceptions = program
    .command('exceptions')
    .description('what is kept from raising alerts, by whom and until when');
  listCommand(exceptions);
  suppressedCommand(exceptions);
}
