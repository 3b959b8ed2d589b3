import type { Verification } from '../../playbooks/contract/action.ts';
import { withChange } from './execute-step.ts';
import type { Draft } from './response-store.ts';
import type { Response } from './response.ts';
import { isLeased } from './states.ts';
import { actionOf, asked, contextOf, setStep, stepOf, type Work } from './work.ts';

/** Looks whether what is held is still in place: what somebody removed or changed is noted, and shown. Nothing is made anew. */
export async function lookAgain(work: Work, response: Response): Promise<Response> {
  const found: { readonly step: string; readonly change: string; readonly seen: Verification }[] = [];
  for (const step of response.steps.filter(isLeased)) {
    for (const { change } of step.changes.filter(({ state }) => state === 'made')) {
      const seen = await asked(() => actionOf(work, step).verify(change, contextOf(work, step)), 0);
      if ('value' in seen) found.push({ step: step.id, change: change.id, seen: seen.value });
    }
  }
  return work.claim.change((draft) => {
    for (const { step, change, seen } of found) noteSeen(work, draft, step, change, seen);
    draft.response = { ...draft.response, looked: draft.now };
  });
}

function noteSeen({ ports }: Work, draft: Draft, stepId: string, changeId: string, seen: Verification): void {
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
  draft.note('drift', { step: stepId, change: changeId, problem, seen });
  ports.metrics.count('response_drift', 1, { action: step.action });
}
