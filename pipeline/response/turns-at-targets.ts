import type { Plan } from '../../playbooks/contract/action.ts';
import { targetInUse } from './guards/runner-refusals.ts';
import type { Draft } from './response-store.ts';
import type { Step } from './response.ts';
import { enterTargets, leaveTargets } from './target-queue.ts';
import { setStep, type Work } from './work.ts';

/** While another works on the target: whoever leaves wakes the next, and this is for where that is lost. Milliseconds. */
const TURN_AFTER = 5000;

/**
 * Takes a step's turn at all targets of its plan, or has it wait.
 * @returns the step whose turn it is; undefined where it waits
 */
export async function takeTurn(
  { tried }: Pick<Work, 'tried'>,
  draft: Draft,
  step: Step,
  plan: Plan,
): Promise<Step | undefined> {
  const { transaction, response, now } = draft;
  const before = await enterTargets(transaction, plan, { response: response.id, step: step.id });
  const attempts = step.delayed?.attempts ?? 0;
  if (before !== undefined) {
    tried.add(step.id);
    const { reason } = targetInUse(plan.target, before.response);
    setStep(draft, { ...step, problem: reason, delayed: { attempts, until: now + TURN_AFTER, turn: true } });
    return undefined;
  }
  if (step.delayed?.turn !== true) return step;
  const { delayed: _delayed, problem: _problem, ...woken } = step;
  return attempts === 0 ? woken : { ...woken, delayed: { attempts, until: now } };
}

/** Gives the targets of a step free, or its places in their queues; whoever waits for them is woken when the work on this response is over. */
export async function leave(
  { woken }: Pick<Work, 'woken'>,
  { transaction, response }: Draft,
  { id, plan }: Step,
): Promise<void> {
  if (plan === undefined) return;
  for (const next of await leaveTargets(transaction, plan, { response: response.id, step: id }))
    woken.add(next.response);
}
