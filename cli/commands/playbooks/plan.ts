import { ACTIONS } from '../../../playbooks/registry.ts';
import { actionNamed, readParameters } from '../../response/action-parameters.ts';
import { complain, leaseOf, NOT_DONE, show, type Format } from '../../response/options.ts';
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

/** `crosstrail playbooks plan`. @returns the exit status @throws UnusableInputError */
export async function plan(name: string, options: PlanOptions): Promise<number> {
  const planned = await planOf(name, options);
  await show(options.format, planPage(planned), planLine(planned));
  return refusalOf(planned) === undefined ? 0 : NOT_DONE;
}
