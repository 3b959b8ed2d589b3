import type { Command } from 'commander';
import { backtestCommand } from './backtest.ts';
import { coverageCommand } from './coverage.ts';
import { explainCommand } from './explain.ts';
import { lintCommand } from './lint.ts';
import { listCommand } from './list.ts';
import { testCommand } from './test.ts';

/** `crosstrail rules`: one line for each of its commands. */
export function rulesCommand(program: Command): void {
  const rules = program.command('rules').description('detection rules');
  listCommand(rules);
  lintCommand(rules);
  testCommand(rules);
  coverageCommand(rules);
  explainCommand(rules);
  backtestCommand(rules);
}
