import type { Command } from 'commander';
import { ACTIONS } from '../../../playbooks/registry.ts';
import { dataOption } from '../../connection.ts';
import { actionNamed, readParameters } from '../../response/action-parameters.ts';
import {
  complain,
  configOption,
  formatOption,
  leaseOf,
  NOT_DONE,
  paramOption,
  show,
  type Format,
} from '../../response/options.ts';
import { planAction, refusalOf, type Planned } from '../../response/plan-action.ts';
import { planContext } from '../../response/plan-context.ts';
import { planLine } from '../../response/plan-line.ts';
import { planPage } from '../../response/plan-page.ts';

/** What `plan` and `run` are told. */
export interface PlanOptions {
  readonly data: string;
  readonly config?: string;
  readonly param: readonly string[];
  readonly incident?: string;
  readonly lease?: string;
  readonly format: Format;
}

/** `crosstrail playbooks plan <action>` */
export function planCommand(playbooks: Command): void {
  withPlanOptions(playbooks.command('plan'))
    .description('what an action would do: only reads, and needs no deployment')
    .action(async (action: string, options: PlanOptions) => {
      process.exitCode = await plan(action, options);
    });
}

/** Gives a command what is to be known for a plan. */
export const withPlanOptions = (command: Command): Command =>
  command
    .argument('<action>', 'its name, as crosstrail playbooks list shows it')
    .addOption(paramOption())
    .addOption(dataOption())
    .addOption(configOption())
    .option('--incident <id>', 'the incident that it is done for')
    .option('--lease <span>', 'how long it is to hold, such as 4h; as long as the action usually does unless told')
    .addOption(formatOption());

/** Reads what a person asks for, and plans it. @throws UnusableInputError */
export async function planOf(
  name: string,
  options: PlanOptions,
  actions = ACTIONS,
): Promise<Planned & { readonly incident: string | undefined }> {
  const action = actionNamed(actions, name);
  const parameters = readParameters(action, options.param);
  const lasts = leaseOf(action, options.lease);
  const context = await planContext(name, options, complain);
  return { ...(await planAction({ action, parameters, lasts, ...context })), incident: context.incident?.id };
}

async function plan(name: string, options: PlanOptions): Promise<number> {
  const planned = await planOf(name, options);
  await show(options.format, planPage(planned), planLine(planned));
  return refusalOf(planned) === undefined ? 0 : NOT_DONE;
}
