import type { Command } from 'commander';
import { ACTIONS } from '../../../playbooks/registry.ts';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { writer } from '../../output.ts';
import { actionsLine, actionsPage } from '../../response/actions-page.ts';
import { configOption, formatOption, type Format } from '../../response/options.ts';

interface Options {
  readonly config?: string;
  readonly format: Format;
}

/** `crosstrail playbooks list` */
export function listCommand(playbooks: Command): void {
  playbooks
    .command('list')
    .description('all actions, and the playbooks and bindings of the configuration')
    .addOption(configOption())
    .addOption(formatOption())
    .action(list);
}

async function list({ config, format }: Options): Promise<void> {
  const { response } = await loadConfiguration(config);
  const out = writer(process.stdout);
  out.line(format === 'json' ? JSON.stringify(actionsLine(ACTIONS, response)) : actionsPage(ACTIONS, response));
  await out.end();
}
