import type { Command } from 'commander';
import { listCommand } from './list.ts';
import { reviewCommands } from './review.ts';
import { showCommand } from './show.ts';

/** `crosstrail incidents`: one line for each of its commands. */
export function incidentsCommand(program: Command): void {
  const incidents = program
    .command('incidents')
    .description(
      'alerts that belong together: who is behind them, what they did step by step, and what people decided',
    );
  listCommand(incidents);
  showCommand(incidents);
  reviewCommands(incidents);
}
