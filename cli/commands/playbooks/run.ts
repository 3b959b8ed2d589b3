import { ACTIONS } from '../../../playbooks/registry.ts';
import { ActionError } from '../../../playbooks/contract/action-error.ts';
import { confirm, ownTerminal, requireTerminal } from '../../response/confirm.ts';
import { connectResponses, thisPerson, type ConnectedResponses } from '../../response/connect-responses.ts';
import { complain, NOT_DONE, reasonOf, show } from '../../response/options.ts';
import { refusalOf } from '../../response/plan-action.ts';
import { planLine } from '../../response/plan-line.ts';
import { planPage } from '../../response/plan-page.ts';
import { responseLine, responsePage } from '../../response/response-page.ts';
import { follow } from '../../response/run-action.ts';
import { UnusableInputError } from '../../scan/files.ts';
import { planOf, type PlanOptions } from './plan.ts';

export interface RunOptions extends PlanOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

/** `crosstrail playbooks run`. @returns the exit status @throws UnusableInputError */
export async function run(
  name: string,
  options: RunOptions,
  actions = ACTIONS,
  terminal = ownTerminal,
): Promise<number> {
  const { format, yes = false } = options;
  if (!yes) requireTerminal(terminal);
  const planned = await planOf(name, options, actions);
  const refusal = refusalOf(planned);
  if (format === 'table') await show('table', planPage(planned), {});
  if (refusal !== undefined) {
    if (format === 'json')
      await show('json', '', { ...planLine(planned), response: null, state: 'refused', verification: [] });
    complain(`nothing was done: ${refusal.guard} refuses: ${refusal.reason}`);
    return NOT_DONE;
  }
  // For machines the plan is part of what is told in the end; a person sees it before.
  if (!yes && format === 'json') process.stderr.write(`${planPage(planned)}\n`);
  if (!yes && !(await confirm('Do this?', terminal))) {
    complain('nothing was done');
    return NOT_DONE;
  }
  const connected = await connectResponses(options, { actions });
  try {
    return await execute(planned, options, connected);
  } finally {
    connected.close();
  }
}

async function execute(
  { action, parameters, lasts, incident }: Awaited<ReturnType<typeof planOf>>,
  { reason, format, data }: RunOptions,
  { responses, actions, clock, folder }: ConnectedResponses,
): Promise<number> {
  const stopped = await responses.stopped();
  if (stopped !== undefined) {
    const who = `${stopped.by}${stopped.reason === '' ? '' : ` (${stopped.reason})`}`;
    complain(`nothing was done: all responses are stopped by ${who}; crosstrail response resume lets them go on`);
    return NOT_DONE;
  }
  const proposed = await responses
    .propose({
      ...{ action: action.name, parameters, incident, lasts, requester: thisPerson(), reason: reasonOf(reason) },
      mode: 'automatic',
    })
    .catch((error: unknown) => {
      throw error instanceof ActionError ? new UnusableInputError(error.message) : error;
    });
  const response = await follow(responses, proposed, clock);
  await show(format, `\n${responsePage(response)}`, responseLine(response, actions));
  if (folder !== undefined && response.state === 'active') {
    complain(
      `no deployment ends what is held: run crosstrail leases sweep --data ${data} when its time has come, or crosstrail playbooks undo`,
    );
  }
  return response.steps.every(({ state }) => state === 'verified') ? 0 : NOT_DONE;
}
