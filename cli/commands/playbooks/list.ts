import { checkPlaybooks } from '../../../pipeline/response/check-playbooks.ts';
import { ACTIONS } from '../../../playbooks/registry.ts';
import { loadConfiguration } from '../../../platform/configuration.ts';
import { writer } from '../../output.ts';
import { actionsLine, actionsPage } from '../../response/actions-page.ts';
import type { Format } from '../../response/options.ts';

export interface ListOptions {
  readonly config?: string;
  readonly format: Format;
}

/** `crosstrail playbooks list`. @throws ConfigurationError where a playbook cannot be used */
export async function list({ config, format }: ListOptions): Promise<void> {
  const { response } = await loadConfiguration(config);
  checkPlaybooks(response, ACTIONS);
  const out = writer(process.stdout);
  out.line(format === 'json' ? JSON.stringify(actionsLine(ACTIONS, response)) : actionsPage(ACTIONS, response));
  await out.end();
}
