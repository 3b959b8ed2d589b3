import { holderOf, release } from './holders.ts';
import { withChange } from './execute-step.ts';
import type { Draft } from './response-store.ts';
import type { Response, Step } from './response.ts';
import { takeBack } from './settle-change.ts';
import { isStopped } from './stop-switch.ts';
import { leave, takeTurn } from './turns-at-targets.ts';
import { actionOf, asked, contextOf, delay, noteFootprint, setStep, stepOf, type Failure, type Work } from './work.ts';

/** Takes back what a step changed, the last first. What somebody else changed since is left as it is, and a person is asked. Goes on where it was left. */
export async function undoStep(work: Work, id: string): Promise<Response> {
  let current = await work.claim.change((draft) => begin(work, draft, id));
  if (!isUnderWay(current, id, work)) return current;
  const begun = stepOf(current, id);
  // Audit logs will tell of it as of what was done.
  await noteFootprint(work, begun);
  const left: string[] = [];
  for (const { change: planned } of begun.changes.toReversed()) {
    current = await work.claim.change((draft) => beginChange(work, draft, id, planned.id));
    if (!isUnderWay(current, id, work)) return current;
    const step = stepOf(current, id);
    const run = step.changes.find((one) => one.change.id === planned.id);
    if (run?.state !== 'taking-back') continue;
    const { change } = run;
    const force = step.undo?.force === true;
    const seen = await asked(
      () => takeBack(actionOf(work, step), change, contextOf(work, step), force),
      step.delayed?.attempts ?? 0,
    );
    if (!('value' in seen)) return fail(work, id, seen);
    const { value } = seen;
    if (value.is === 'changed') {
      left.push(`${change.summary}: ${value.why}`);
      continue;
    }
    await work.claim.change((draft) => noteTakenBack(draft, id, change.id));
  }
  return work.claim.change((draft) => finish(work, draft, id, left));
}

/** Whether it is being undone, and not put off. */
function isUnderWay(response: Response, id: string, { ports }: Work): boolean {
  const { state, delayed } = stepOf(response, id);
  return state === 'undoing' && (delayed === undefined || delayed.until <= ports.clock.now());
}

async function begin(work: Work, draft: Draft, id: string): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'undoing' || step.plan === undefined || (await mustStop(work, draft, step))) return;
  const turn = await takeTurn(work, draft, step, step.plan);
  if (turn !== undefined && turn !== step) setStep(draft, turn);
}

/** Puts it off where all is stopped: then it keeps nobody waiting. A person who asks for it is heard all the same. */
async function mustStop(work: Work, draft: Draft, step: Step): Promise<boolean> {
  if (step.undo !== undefined || !(await isStopped(work, draft, step))) return false;
  await leave(work, draft, step);
  return true;
}

/** Lets go of what a change holds; it is taken back where nobody else holds it, and where it was not so before. */
async function beginChange(work: Work, draft: Draft, id: string, changeId: string): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'undoing' || (await mustStop(work, draft, step))) return;
  const run = step.changes.find(({ change }) => change.id === changeId);
  if (run === undefined || !['begun', 'made', 'lost'].includes(run.state)) return;
  const holder = holderOf(draft.response.id, id, changeId);
  const { others, first } = await release(draft.transaction, step, run.change, holder);
  const { summary } = run.change;
  const left =
    others.length > 0
      ? `${others[0] ?? ''} holds it too`
      : first.undo === undefined
        ? 'it cannot be taken back, or was so before'
        : undefined;
  if (left !== undefined) {
    setStep(draft, withChange(step, changeId, { ...run, state: 'handed-on' }));
    draft.note('change-undone', { step: id, change: changeId, summary, left });
    return;
  }
  // As it was before the first one, under the name that it has here.
  setStep(draft, withChange(step, changeId, { ...run, change: { ...first, id: changeId }, state: 'taking-back' }));
  draft.note('undo-begun', { step: id, change: changeId, summary });
}

function noteTakenBack(draft: Draft, id: string, changeId: string): void {
  const step = stepOf(draft.response, id);
  const run = step.changes.find(({ change }) => change.id === changeId);
  if (run?.state !== 'taking-back') return;
  const { delayed: _delayed, problem: _problem, ...rest } = step;
  setStep(draft, withChange(rest, changeId, { state: 'taken-back', seen: { is: 'absent', at: draft.now } }));
  draft.note('change-undone', {
    step: id,
    change: changeId,
    summary: run.change.summary,
    before: run.change.after,
    after: run.change.before,
  });
}

async function finish(work: Work, draft: Draft, id: string, left: readonly string[]): Promise<void> {
  const step = stepOf(draft.response, id);
  if (step.state !== 'undoing') return;
  const { delayed: _delayed, ...rest } = step;
  if (left.length === 0) {
    setStep(draft, { ...rest, state: 'undone' });
    draft.note('undone', {
      step: id,
      actor: step.undo?.by ?? 'crosstrail',
      why: step.undo?.reason ?? 'its lease is over',
    });
  } else {
    const problem = `left as it is, for somebody else changed it since: ${left.join('; ')}; crosstrail playbooks undo ${draft.response.id} --force undoes it all the same`;
    setStep(draft, { ...rest, state: 'undo-refused', problem });
    draft.note('undo-refused', { step: id, left });
  }
  await leave(work, draft, step);
}

/** What cannot be undone is tried again later and, in the end, left to people. */
async function fail(work: Work, id: string, failure: Failure): Promise<Response> {
  return work.claim.change(async (draft) => {
    const step = stepOf(draft.response, id);
    if (step.state !== 'undoing') return;
    if (failure.again !== undefined) {
      delay(draft, step, failure);
      return;
    }
    const { delayed: _delayed, ...rest } = step;
    setStep(draft, { ...rest, state: 'undo-refused', problem: `it could not be undone: ${failure.problem}` });
    draft.note('undo-refused', { step: id, problem: failure.problem });
    await leave(work, draft, step);
  });
}
