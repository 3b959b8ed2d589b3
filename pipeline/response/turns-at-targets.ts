import type { Draft } from './response-store.ts';
import type { Step } from './response.ts';
import { leaveTargets } from './target-queue.ts';
import type { Work } from './work.ts';

/** Gives the targets of a step free; whoever waits for them is woken when the work on this response is over. */
export async function leave({ woken }: Work, { transaction, response }: Draft, { id, plan }: Step): Promise<void> {
  if (plan === undefined) return;
  for (const next of await leaveTargets(transaction, plan, { response: response.id, step: id }))
    woken.add(next.response);
}
