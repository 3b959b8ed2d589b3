import type { Verification } from '../../playbooks/contract/action.ts';
import { withChange } from './execute-step.ts';
import { holderOf, release } from './holders.ts';
import type { Draft } from './response-store.ts';
import type { Response } from './response.ts';
import { isLeased } from './states.ts';
import { actionOf, asked, contextOf, setStep, stepOf, type Work } from './work.ts';

/** Looks whether what is held is still in place: what somebody removed or changed is noted, and shown. Nothing is made anew. */
export async function lookAgain(work: Work, response: Response): Promise<Response> {
  for (const step of response.steps.filter(isLeased)) {
    for (const { change } of step.changes.filter(({ state }) => state === 'made')) {
      const seen = await asked(() => actionOf(work, step).verify(change, contextOf(work, step)), 0);
      // One by one: whoever looks for long keeps the claim.
      await work.claim.change(async (draft) => {
        if ('value' in seen) await noteSeen(work, draft, step.id, change.id, seen.value);
      });
    }
  }
  return work.claim.change((draft) => {
    draft.response = { ...draft.response, looked: draft.now };
  });
}

async function noteSeen(
  { ports }: Work,
  draft: Draft,
  stepId: string,
  changeId: string,
  seen: Verification,
): Promise<void> {
  const step = stepOf(draft.response, stepId);
  const run = step.changes.find(({ change }) => change.id === changeId);
  if (run?.state !== 'made') return;
  const lost = seen.is === 'absent';
  const drifted = lost || ((seen.is === 'changed' || seen.is === 'ineffective') && run.seen?.is !== seen.is);
  const state = lost ? 'lost' : run.state;
  const next = withChange(step, changeId, { state, seen: { ...seen, at: draft.now } });
  if (!drifted) {
    setStep(draft, next);
    return;
  }
  const problem = lost
    ? `somebody took it back: ${run.change.summary}`
    : `${run.change.summary}: ${'why' in seen ? seen.why : ''}`;
  setStep(draft, { ...next, problem });
  // What is gone is held no more: whoever makes it anew has it alone.
  if (lost) await release(draft.transaction, step, run.change, holderOf(draft.response.id, stepId, changeId));
  draft.note('drift', { step: stepId, change: changeId, problem, seen });
  ports.metrics.count('response_drift', 1, { action: step.action });
}
