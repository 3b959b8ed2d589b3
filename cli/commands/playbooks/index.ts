import type { Command } from 'commander';
import { listCommand } from './list.ts';
import { planCommand } from './plan.ts';
import { runCommand } from './run.ts';
import { undoCommand } from './undo.ts';

/** `crosstrail playbooks`: one line for each of its commands. */
export function playbooksCommand(program: Command): void {
  const playbooks = program
    .command('playbooks')
    .description('responses: what each would do, doing it, and taking it back');
  listCommand(playbooks);
  planCommand(playbooks);
  runCommand(playbooks);
  undoCommand(playbooks);
}
